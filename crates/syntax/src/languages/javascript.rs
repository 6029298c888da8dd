//! JavaScript, with or without JSX.

use super::ecmascript::{
    BINDS, COMMENT_STARTS, COMMENTS, IDENTIFIERS, JSX_SYMBOLS, LISTS, ORDERS, SCOPES, SYMBOLS, TRANSPARENT, WRAPPERS, accessor, begins,
    brings, is_function,
};
use crate::profile::{Name, Part, Profile, Site, SymbolRule};
use crate::{Functions, Kind, Language};

const FIELDS: &[SymbolRule] = &[
    SymbolRule::new("field_definition", Kind::Method, Name::With(function_field)).scope(Part::With(accessor)).body(&[&["value", "body"]]),
    SymbolRule::new("field_definition", Kind::Field, Name::Unquoted(&["property"])).scope(Part::With(accessor)).body(&[&["value"]]),
];

/// The table.
pub(crate) const JAVASCRIPT: Profile = Profile {
    extensions: &["js", "jsx", "mjs", "cjs"],
    symbols: &[SYMBOLS, FIELDS, JSX_SYMBOLS],
    wrappers: WRAPPERS,
    attached: &["decorator"],
    comments: COMMENTS,
    comment_starts: COMMENT_STARTS,
    transparent: TRANSPARENT,
    opaque: &["string", "template_string", "comment", "regex", "jsx_text"],
    functions: Some(Functions::Braces(begins)),
    scopes: SCOPES,
    lists: LISTS,
    orders: ORDERS,
    identifiers: IDENTIFIERS,
    binds: &[BINDS],
    brings: Some(brings),
    ..Profile::bare(Language::JavaScript, "javascript", || tree_sitter_javascript::LANGUAGE.into())
};

fn function_field(site: &Site<'_, '_>) -> Option<String> {
    let value = site.node.child_by_field_name("value").filter(|value| is_function(*value));
    value.and_then(|_| site.node.child_by_field_name("property")).map(|name| site.text_of(name))
}
