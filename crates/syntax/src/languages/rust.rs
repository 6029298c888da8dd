//! Rust.

use crate::profile::{ListRule, Name, Profile, SymbolRule};
use crate::{Kind, Language, Order};

const NAME: Name = Name::Path(&["name"]);

/// The table.
pub(crate) const RUST: Profile = Profile {
    language: Language::Rust,
    name: "rust",
    grammar: || tree_sitter_rust::LANGUAGE.into(),
    extensions: &["rs"],
    file_names: &[],
    symbols: &[
        SymbolRule::new("function_item", Kind::Function, NAME),
        SymbolRule::new("function_signature_item", Kind::Function, NAME),
        SymbolRule::new("struct_item", Kind::Struct, NAME),
        SymbolRule::new("enum_item", Kind::Enum, NAME),
        SymbolRule::new("union_item", Kind::Union, NAME),
        SymbolRule::new("trait_item", Kind::Trait, NAME),
        SymbolRule::new("impl_item", Kind::Impl, Name::Signature),
        SymbolRule::new("mod_item", Kind::Module, NAME),
        SymbolRule::new("type_item", Kind::Type, NAME),
        SymbolRule::new("associated_type", Kind::Type, NAME),
        SymbolRule::new("const_item", Kind::Constant, NAME),
        SymbolRule::new("static_item", Kind::Constant, NAME),
        SymbolRule::new("macro_definition", Kind::Macro, NAME),
        SymbolRule::new("use_declaration", Kind::Import, Name::Text),
        SymbolRule::new("extern_crate_declaration", Kind::Import, Name::Text),
        SymbolRule::new("field_declaration", Kind::Field, NAME),
        SymbolRule::new("enum_variant", Kind::Variant, NAME),
        SymbolRule::new("match_arm", Kind::Arm, Name::Path(&["pattern"])),
    ],
    wrappers: &[],
    attached: &["attribute_item"],
    comments: &["line_comment", "block_comment"],
    transparent: &["block", "declaration_list", "field_declaration_list", "enum_variant_list", "match_block"],
    opaque: &["string_literal", "raw_string_literal", "block_comment"],
    lists: &[
        ListRule { node: "use_list", separator: b',', set: true },
        ListRule { node: "arguments", separator: b',', set: false },
        ListRule { node: "parameters", separator: b',', set: false },
    ],
    orders: &[
        ("source_file", Order::Unordered),
        ("declaration_list", Order::Unordered),
        ("field_declaration_list", Order::Unordered),
        ("enum_variant_list", Order::Unordered),
    ],
    identifiers: &["identifier", "type_identifier", "field_identifier"],
    divider: "::",
};
