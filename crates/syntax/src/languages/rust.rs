//! Rust.

use crate::profile::{Bind, ListRule, Name, Part, Profile, Site, SymbolRule};
use crate::{Begins, Functions, Key, Kind, Language, Order};
use tree_sitter::Node;

const NAME: Name = Name::Path(&["name"]);
const CFG: Part = Part::With(cfg);

const fn item(node: &'static str, kind: Kind) -> SymbolRule {
    SymbolRule::new(node, kind, NAME).scope(CFG)
}

/// The table.
pub(crate) const RUST: Profile = Profile {
    extensions: &["rs"],
    symbols: &[&[
        item("function_item", Kind::Function),
        item("function_signature_item", Kind::Function),
        item("struct_item", Kind::Struct),
        item("enum_item", Kind::Enum),
        item("union_item", Kind::Union),
        item("trait_item", Kind::Trait),
        SymbolRule::new("impl_item", Kind::Impl, Name::With(implementation)).scope(CFG).overload(Part::With(bounds)).inside(implemented),
        item("mod_item", Kind::Module),
        SymbolRule::new("foreign_mod_item", Kind::Module, Name::Path(&["extern_modifier"])).scope(CFG),
        item("type_item", Kind::Type),
        item("associated_type", Kind::Type),
        item("const_item", Kind::Constant).body(&[&["value"]]),
        item("static_item", Kind::Constant).body(&[&["value"]]),
        item("macro_definition", Kind::Macro).body(&[&["macro_rule"]]),
        SymbolRule::new("use_declaration", Kind::Import, Name::With(used)).scope(CFG).overload(Part::With(visibility)),
        SymbolRule::new("extern_crate_declaration", Kind::Import, NAME).scope(CFG).overload(Part::Path(&["alias"])),
        item("field_declaration", Kind::Field),
        item("enum_variant", Kind::Variant),
        SymbolRule::new("match_arm", Kind::Arm, Name::Path(&["pattern"])).scope(CFG).body(&[&["value"]]),
        SymbolRule::new("field_initializer", Kind::Key, Name::Path(&["field"])).scope(CFG).body(&[&["value"]]),
        SymbolRule::new("shorthand_field_initializer", Kind::Key, Name::Path(&["identifier"])).scope(CFG),
        SymbolRule::new("scoped_use_list", Kind::Item, Name::Path(&["path"])).within(&["use_list"]).body(&[&["list"]]),
        SymbolRule::new("scoped_identifier", Kind::Item, Name::Text).within(&["use_list"]),
        SymbolRule::new("identifier", Kind::Item, Name::Text).within(&["use_list"]),
        SymbolRule::new("use_as_clause", Kind::Item, Name::Text).within(&["use_list"]),
        SymbolRule::new("use_wildcard", Kind::Item, Name::Text).within(&["use_list"]),
    ]],
    attached: &["attribute_item"],
    comments: &["line_comment", "block_comment"],
    comment_starts: &["//", "/*"],
    transparent: &[
        "block",
        "declaration_list",
        "field_declaration_list",
        "field_initializer_list",
        "enum_variant_list",
        "match_block",
        "use_list",
    ],
    opaque: &["string_literal", "raw_string_literal", "block_comment"],
    functions: Some(Functions::Braces(begins)),
    scopes: &["function_item", "closure_expression"],
    lists: &[ListRule::set("use_list"), ListRule::commas("arguments"), ListRule::commas("parameters")],
    orders: &[
        ("source_file", Order::Unordered),
        ("declaration_list", Order::Unordered),
        ("field_declaration_list", Order::Unordered),
        ("field_initializer_list", Order::Keyed),
        ("enum_variant_list", Order::Unordered),
        ("use_list", Order::Unordered),
    ],
    identifiers: &["identifier", "type_identifier", "field_identifier", "shorthand_field_identifier"],
    binds: &[&[
        ("let_declaration", "pattern", Bind::Name),
        ("let_condition", "pattern", Bind::Name),
        ("parameter", "pattern", Bind::Name),
        ("closure_parameters", "", Bind::Inner),
        ("for_expression", "pattern", Bind::Name),
        ("match_pattern", "", Bind::Name),
        ("const_item", "name", Bind::Name),
        ("static_item", "name", Bind::Name),
        ("function_item", "name", Bind::Name),
        ("field_initializer", "field", Bind::Part),
    ]],
    brings: Some(brings),
    divider: "::",
    ..Profile::bare(Language::Rust, "rust", || tree_sitter_rust::LANGUAGE.into())
};

/// `impl Display for Id<T>`: without what the parameters must fulfil.
fn implementation(site: &Site<'_, '_>) -> Option<String> {
    let implemented = site.text_of(site.node.child_by_field_name("type")?);
    Some(match site.node.child_by_field_name("trait") {
        Some(of) if site.child("!").is_some() => format!("impl !{} for {implemented}", site.text_of(of)),
        Some(of) => format!("impl {} for {implemented}", site.text_of(of)),
        None => format!("impl {implemented}"),
    })
}

/// What tells two implementations for the same type apart.
fn bounds(site: &Site<'_, '_>) -> Option<String> {
    let parameters = site.node.child_by_field_name("type_parameters").map(|node| site.text_of(node)).unwrap_or_default();
    let clause = site.child("where_clause").map(|node| site.text_of(node)).unwrap_or_default();
    Some(format!("{parameters} {clause}").trim().to_owned())
}

/// What is before the braces, or the whole path: `a::b::{}` or `a::b::C`.
fn used(site: &Site<'_, '_>) -> Option<String> {
    let argument = site.node.child_by_field_name("argument")?;
    Some(match argument.kind() {
        "scoped_use_list" => {
            let path = argument.child_by_field_name("path").map(|path| site.text_of(path)).unwrap_or_default();
            format!("{path}::{{}}")
        }
        "use_list" => "{}".to_owned(),
        "use_as_clause" => site.text_of(argument.child_by_field_name("path")?),
        _ => site.text_of(argument),
    })
}

/// Whether an import is public, and its alias.
fn visibility(site: &Site<'_, '_>) -> Option<String> {
    let visible = site.child("visibility_modifier").map(|node| site.text_of(node)).unwrap_or_default();
    let argument = site.node.child_by_field_name("argument")?;
    let alias = argument.child_by_field_name("alias").map(|node| site.text_of(node)).unwrap_or_default();
    Some(format!("{visible} {alias}").trim().to_owned())
}

/// The `cfg` attributes above an item: `#[cfg(unix)]`.
fn cfg(site: &Site<'_, '_>) -> Option<String> {
    const START: &[u8] = b"#[cfg(";
    memchr::memmem::find(site.above, START)?;
    let mut found = Vec::new();
    let mut rest = site.above;
    while let Some(line) = rest.split_inclusive(|byte| *byte == b'\n').next() {
        if line.trim_ascii_start().starts_with(START) {
            let end = memchr::memmem::find(rest, b")]").map_or(rest.len(), |at| at + 2);
            found.push(super::compiled::reduce(rest.get(..end).unwrap_or(rest)));
            rest = rest.get(end.max(line.len())..).unwrap_or_default();
        } else {
            rest = rest.get(line.len()..).unwrap_or_default();
        }
    }
    Some(found.join(" "))
}

/// `Id`, or `<Id as Display>`, for the symbols inside an implementation.
fn implemented(key: &Key) -> String {
    let plain = |text: &str| text.split('<').next().unwrap_or(text).trim_end().to_owned();
    let name = key.name.strip_prefix("impl ").unwrap_or(&key.name);
    match name.split_once(" for ") {
        Some((of, implemented)) => format!("<{} as {}>", plain(implemented), of.trim_start_matches('!')),
        None => plain(name),
    }
}

/// The last parts of the paths, or their aliases.
fn brings(site: &Site<'_, '_>) -> Vec<String> {
    const MOST: usize = 1_000;
    let mut names = Vec::new();
    if site.node.kind() == "extern_crate_declaration" {
        let name = site.node.child_by_field_name("alias").or_else(|| site.node.child_by_field_name("name"));
        return name.map(|name| site.text_of(name)).into_iter().collect();
    }
    let mut waiting: Vec<(Node<'_>, Option<Node<'_>>)> =
        site.node.child_by_field_name("argument").map(|node| (node, None)).into_iter().collect();
    while let Some((node, path)) = waiting.pop() {
        if names.len() >= MOST {
            break;
        }
        match node.kind() {
            "use_as_clause" => names.extend(node.child_by_field_name("alias").map(|alias| site.text_of(alias))),
            "scoped_use_list" => {
                let path = node.child_by_field_name("path");
                waiting.extend(node.child_by_field_name("list").map(|list| (list, path)));
            }
            "use_list" => {
                let mut cursor = node.walk();
                let children: Vec<Node<'_>> = node.named_children(&mut cursor).collect();
                waiting.extend(children.into_iter().rev().map(|child| (child, path)));
            }
            // `a::b::{self}` is `b`.
            "self" => names.extend(path.map(|path| site.text_of(path.child_by_field_name("name").unwrap_or(path)))),
            "scoped_identifier" => names.extend(node.child_by_field_name("name").map(|name| site.text_of(name))),
            "identifier" => names.push(site.text_of(node)),
            _ => {}
        }
    }
    names.retain(|name| name != "_");
    names
}

/// What a line begins.
fn begins(line: &[u8]) -> Begins {
    let words = ["pub", "async", "const", "unsafe", "extern", "default", "safe", "gen"];
    let is_modifier = |word: &str| words.contains(&word) || word.starts_with("pub(") || word.starts_with('"');
    let mut words = std::str::from_utf8(line).unwrap_or_default().split(' ').skip_while(|word| is_modifier(word));
    if words.next() == Some("fn") { Begins::Function } else { Begins::Nothing }
}
