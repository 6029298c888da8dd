//! Java.

use crate::profile::{Bind, ListRule, Name, Part, Profile, Site, SymbolRule};
use crate::{Begins, Functions, Kind, Language, Order};

const NAME: Name = Name::Path(&["name"]);
const TYPES: Part = Part::With(parameter_types);
const DECLARED: Name = Name::With(declared);

/// The table.
pub(crate) const JAVA: Profile = Profile {
    extensions: &["java"],
    symbols: &[&[
        SymbolRule::new("package_declaration", Kind::Package, Name::Any(&[&["scoped_identifier"], &["identifier"]])),
        SymbolRule::new("import_declaration", Kind::Import, Name::With(imported)).scope(Part::Path(&["static"])),
        SymbolRule::new("class_declaration", Kind::Class, NAME),
        SymbolRule::new("record_declaration", Kind::Class, NAME),
        SymbolRule::new("interface_declaration", Kind::Interface, NAME),
        SymbolRule::new("annotation_type_declaration", Kind::Interface, NAME),
        SymbolRule::new("enum_declaration", Kind::Enum, NAME),
        SymbolRule::new("module_declaration", Kind::Module, NAME),
        SymbolRule::new("method_declaration", Kind::Method, NAME).overload(TYPES),
        SymbolRule::new("annotation_type_element_declaration", Kind::Method, NAME),
        SymbolRule::new("constructor_declaration", Kind::Constructor, NAME).overload(TYPES),
        SymbolRule::new("compact_constructor_declaration", Kind::Constructor, NAME),
        SymbolRule::new("field_declaration", Kind::Field, DECLARED).body(&[&["declarator", "value"]]),
        SymbolRule::new("constant_declaration", Kind::Field, DECLARED).body(&[&["declarator", "value"]]),
        SymbolRule::new("enum_constant", Kind::Variant, NAME),
        SymbolRule::new("static_initializer", Kind::Statement, Name::Fixed("static")),
        SymbolRule::new("switch_block_statement_group", Kind::Arm, Name::Path(&["switch_label"])).signature(&[&[":"]]),
        SymbolRule::new("switch_rule", Kind::Arm, Name::Path(&["switch_label"])).signature(&[&["->"]]),
        SymbolRule::new("element_value_pair", Kind::Key, Name::Path(&["key"])).body(&[&["value"]]),
    ]],
    heads: &["modifiers"],
    comments: &["line_comment", "block_comment"],
    comment_starts: &["//", "/*"],
    transparent: &[
        "block",
        "class_body",
        "interface_body",
        "annotation_type_body",
        "enum_body",
        "enum_body_declarations",
        "constructor_body",
        "switch_block",
        "module_body",
    ],
    opaque: &["string_literal", "block_comment"],
    functions: Some(Functions::Braces(begins)),
    scopes: &[
        "method_declaration",
        "constructor_declaration",
        "compact_constructor_declaration",
        "lambda_expression",
        "static_initializer",
    ],
    lists: &[
        ListRule::commas("argument_list"),
        ListRule::commas("formal_parameters"),
        ListRule::commas("array_initializer"),
        ListRule::set("type_list"),
        ListRule::commas("enum_body"),
    ],
    orders: &[
        ("program", Order::Unordered),
        ("class_body", Order::Keyed),
        ("interface_body", Order::Unordered),
        ("annotation_type_body", Order::Unordered),
        ("enum_body", Order::Keyed),
        ("enum_body_declarations", Order::Keyed),
        ("module_body", Order::Unordered),
    ],
    identifiers: &["identifier", "type_identifier"],
    binds: &[&[
        ("variable_declarator", "name", Bind::Name),
        ("formal_parameter", "name", Bind::Name),
        ("catch_formal_parameter", "name", Bind::Name),
        ("enhanced_for_statement", "name", Bind::Name),
        ("lambda_expression", "parameters", Bind::Inner),
        ("inferred_parameters", "", Bind::Inner),
        ("resource", "name", Bind::Name),
        ("method_declaration", "name", Bind::Name),
        ("method_invocation", "name", Bind::Part),
        ("class_declaration", "name", Bind::Name),
        ("instanceof_expression", "name", Bind::Name),
        ("type_pattern", "", Bind::Name),
        ("element_value_pair", "key", Bind::Part),
        ("labeled_statement", "", Bind::Part),
    ]],
    brings: Some(brings),
    ..Profile::bare(Language::Java, "java", || tree_sitter_java::LANGUAGE.into())
};

/// What is imported, a star included.
fn imported(site: &Site<'_, '_>) -> Option<String> {
    let text = site.text_of(site.node);
    let path = text.strip_prefix("import")?.trim_end_matches(';').trim();
    Some(path.strip_prefix("static ").unwrap_or(path).trim().to_owned())
}

fn declared(site: &Site<'_, '_>) -> Option<String> {
    site.each("variable_declarator", "name")
}

/// The types of the parameters: their names are not part of what is overloaded.
fn parameter_types(site: &Site<'_, '_>) -> Option<String> {
    let parameters = site.node.child_by_field_name("parameters")?;
    let mut cursor = parameters.walk();
    let types: Vec<String> = parameters
        .named_children(&mut cursor)
        .filter_map(|parameter| match parameter.kind() {
            "formal_parameter" => {
                let dimensions = parameter.child_by_field_name("dimensions").map(|node| site.text_of(node)).unwrap_or_default();
                Some(site.text_of(parameter.child_by_field_name("type")?) + &dimensions)
            }
            "spread_parameter" => {
                let mut inner = parameter.walk();
                let spread =
                    parameter.named_children(&mut inner).find(|child| !matches!(child.kind(), "modifiers" | "variable_declarator"))?;
                Some(site.text_of(spread) + "...")
            }
            _ => None,
        })
        .collect();
    Some(types.join(", "))
}

/// The simple name; nothing for a star.
fn brings(site: &Site<'_, '_>) -> Vec<String> {
    let path = imported(site).unwrap_or_default();
    let last = path.rsplit('.').next().unwrap_or_default().trim().to_owned();
    if last == "*" || last.is_empty() { Vec::new() } else { vec![last] }
}

/// What a line begins.
fn begins(line: &[u8]) -> Begins {
    let nothing = ["class", "interface", "enum", "record", "@interface", "new", "return", "throw", "else", "if", "for", "while", "switch"];
    let head = std::str::from_utf8(line).ok().and_then(|line| line.split_once('('));
    let is_method = head.is_some_and(|(head, rest)| {
        let plain = !head.contains(['=', '@', '.', '{', ',']) && !rest.contains("->") && rest.ends_with('{');
        plain && head.split_whitespace().count() > 1 && !head.split_whitespace().any(|word| nothing.contains(&word))
    });
    if is_method { Begins::Function } else { Begins::Nothing }
}
