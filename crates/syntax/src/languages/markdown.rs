//! Markdown: its blocks.

use crate::profile::{Name, Profile, Site, SymbolRule};
use crate::{Blocks, Kind, Language};

/// The table.
pub(crate) const MARKDOWN: Profile = Profile {
    extensions: &["md", "markdown", "mdown", "mkd"],
    symbols: &[&[
        SymbolRule::new("section", Kind::Section, Name::With(heading)).signature(&[&["atx_heading"]]),
        // The grammar gives what is below such a heading no node of its own.
        SymbolRule::new("setext_heading", Kind::Section, Name::Path(&["heading_content"])),
        SymbolRule::new("list_item", Kind::Item, Name::Unnamed),
        SymbolRule::new("link_reference_definition", Kind::Key, Name::Path(&["link_label"])),
        SymbolRule::new("minus_metadata", Kind::Section, Name::Fixed("---")),
        SymbolRule::new("plus_metadata", Kind::Section, Name::Fixed("+++")),
    ]],
    heads: &["atx_heading"],
    comments: &[],
    comment_starts: &["<!--"],
    transparent: &["section", "list"],
    opaque: &["fenced_code_block", "indented_code_block", "html_block", "paragraph", "minus_metadata", "plus_metadata"],
    divider: " / ",
    data: true,
    blocks: Some(Blocks::Sections),
    ..Profile::bare(Language::Markdown, "markdown", || tree_sitter_md::LANGUAGE.into())
};

/// A heading's text, without the marks that may close it.
fn heading(site: &Site<'_, '_>) -> Option<String> {
    let text = site.text_of(site.child("atx_heading")?.child_by_field_name("heading_content")?);
    let open = text.trim_end_matches('#');
    let closed = open.len() < text.len() && (open.is_empty() || open.ends_with(' '));
    Some(if closed { open.trim_end().to_owned() } else { text })
}
