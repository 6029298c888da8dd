//! TypeScript, with and without JSX.

use super::ecmascript::{
    BINDS, COMMENT_STARTS, COMMENTS, JSX_SYMBOLS, LISTS, NAME, OPAQUE, SCOPES, SYMBOLS, accessor, begins, brings, is_function,
};
use crate::profile::{Bind, Name, Part, Profile, Site, SymbolRule};
use crate::{Functions, Kind, Language, Order};

const PARAMETERS: Part = Part::Path(&["parameters"]);
const NAMED: Name = Name::Unquoted(&["name"]);

const TYPES: &[SymbolRule] = &[
    SymbolRule::new("abstract_class_declaration", Kind::Class, NAME),
    SymbolRule::new("function_signature", Kind::Function, NAME).overload(PARAMETERS),
    SymbolRule::new("abstract_method_signature", Kind::Method, NAMED).scope(Part::With(accessor)).overload(PARAMETERS),
    SymbolRule::new("method_signature", Kind::Method, NAMED).scope(Part::With(accessor)).overload(PARAMETERS),
    SymbolRule::new("public_field_definition", Kind::Method, Name::With(function_field))
        .scope(Part::With(accessor))
        .body(&[&["value", "body"]]),
    SymbolRule::new("public_field_definition", Kind::Field, NAMED).scope(Part::With(accessor)).body(&[&["value"]]),
    SymbolRule::new("property_signature", Kind::Field, NAMED).body(&[&["type"]]),
    SymbolRule::new("call_signature", Kind::Method, Name::Fixed("()")).overload(PARAMETERS),
    SymbolRule::new("construct_signature", Kind::Constructor, Name::Fixed("new")).overload(PARAMETERS),
    SymbolRule::new("index_signature", Kind::Field, Name::Fixed("[]")).overload(Part::Path(&["index_type"])),
    SymbolRule::new("interface_declaration", Kind::Interface, NAME),
    SymbolRule::new("type_alias_declaration", Kind::Type, NAME).body(&[&["value"]]),
    SymbolRule::new("enum_declaration", Kind::Enum, NAME),
    SymbolRule::new("enum_assignment", Kind::Variant, NAMED).body(&[&["value"]]),
    SymbolRule::new("property_identifier", Kind::Variant, Name::Text).within(&["enum_body"]),
    SymbolRule::new("string", Kind::Variant, Name::Unquoted(&[])).within(&["enum_body"]),
    SymbolRule::new("internal_module", Kind::Module, NAMED),
    SymbolRule::new("module", Kind::Module, NAMED),
    SymbolRule::new("ambient_declaration", Kind::Module, Name::With(global)).body(&[&["statement_block"]]),
    SymbolRule::new("import_alias", Kind::Import, Name::Path(&["identifier"])),
];

/// The table.
pub(crate) const TYPESCRIPT: Profile = Profile {
    extensions: &["ts", "mts", "cts"],
    symbols: &[SYMBOLS, TYPES],
    wrappers: &["export_statement", "expression_statement", "ambient_declaration"],
    attached: &["decorator"],
    comments: COMMENTS,
    comment_starts: COMMENT_STARTS,
    transparent: &["statement_block", "class_body", "switch_body", "interface_body", "enum_body"],
    opaque: OPAQUE,
    functions: Some(Functions::Braces(begins)),
    scopes: SCOPES,
    lists: LISTS,
    orders: &[
        ("program", Order::Keyed),
        ("class_body", Order::Keyed),
        ("interface_body", Order::Keyed),
        ("object_type", Order::Unordered),
        ("enum_body", Order::Keyed),
        ("object", Order::Keyed),
        ("named_imports", Order::Unordered),
        ("export_clause", Order::Unordered),
        ("statement_block", Order::Keyed),
        ("union_type", Order::Unordered),
    ],
    identifiers: &[
        "identifier",
        "type_identifier",
        "property_identifier",
        "private_property_identifier",
        "shorthand_property_identifier",
        "shorthand_property_identifier_pattern",
    ],
    binds: &[BINDS, &[("required_parameter", "pattern", Bind::Name), ("optional_parameter", "pattern", Bind::Name)]],
    brings: Some(brings),
    ..Profile::bare(Language::TypeScript, "typescript", || tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into())
};

/// The table for files with JSX.
pub(crate) const TSX: Profile = Profile {
    language: Language::Tsx,
    name: "tsx",
    grammar: || tree_sitter_typescript::LANGUAGE_TSX.into(),
    extensions: &["tsx"],
    symbols: &[SYMBOLS, TYPES, JSX_SYMBOLS],
    opaque: &["string", "template_string", "comment", "regex", "jsx_text"],
    ..TYPESCRIPT
};

fn function_field(site: &Site<'_, '_>) -> Option<String> {
    let value = site.node.child_by_field_name("value").filter(|value| is_function(*value));
    value.and_then(|_| site.node.child_by_field_name("name")).map(|name| site.text_of(name))
}

/// `declare global { … }`.
fn global(site: &Site<'_, '_>) -> Option<String> {
    site.child("statement_block").and_then(|_| site.child("global")).map(|_| "global".to_owned())
}
