//! Go.

use super::site::{child, first_named, unquoted};
use crate::profile::{Bind, ListRule, Name, Part, Profile, Site, SymbolRule};
use crate::{Begins, Functions, Kind, Language, Order};

const NAME: Name = Name::Path(&["name"]);
const STRUCT_BODY: &[&[&str]] = &[&["type", "field_declaration_list"], &["type"]];

/// The table.
pub(crate) const GO: Profile = Profile {
    extensions: &["go"],
    symbols: &[&[
        SymbolRule::new("package_clause", Kind::Package, Name::Path(&["package_identifier"])),
        SymbolRule::new("function_declaration", Kind::Function, NAME),
        SymbolRule::new("method_declaration", Kind::Method, NAME).scope(Part::With(receiver)).owned(),
        SymbolRule::new("import_declaration", Kind::Import, Name::With(bracket)).group(),
        SymbolRule::new("import_spec", Kind::Import, Name::Unquoted(&["path"])).overload(Part::Path(&["name"])),
        SymbolRule::new("const_declaration", Kind::Constant, Name::With(first_of_group)).scope(Part::Fixed("group")).group().global(),
        SymbolRule::new("const_spec", Kind::Constant, Name::All(&["name"])).body(&[&["value"]]).global(),
        SymbolRule::new("var_declaration", Kind::Variable, Name::With(first_of_group)).scope(Part::Fixed("group")).group().global(),
        SymbolRule::new("var_spec", Kind::Variable, Name::All(&["name"])).body(&[&["value"]]).global(),
        SymbolRule::new("type_declaration", Kind::Type, Name::With(first_of_group)).scope(Part::Fixed("group")).group().global(),
        SymbolRule::new("type_spec", Kind::Struct, Name::With(structure)).body(STRUCT_BODY),
        SymbolRule::new("type_spec", Kind::Interface, Name::With(interface)).body(STRUCT_BODY),
        SymbolRule::new("type_spec", Kind::Type, NAME).body(STRUCT_BODY),
        SymbolRule::new("type_alias", Kind::Type, NAME).body(&[&["type"]]),
        SymbolRule::new("field_declaration", Kind::Field, Name::All(&["name"])),
        SymbolRule::new("field_declaration", Kind::Field, Name::Path(&["type"])),
        SymbolRule::new("method_elem", Kind::Method, NAME),
        SymbolRule::new("type_elem", Kind::Field, Name::Text),
        SymbolRule::new("keyed_element", Kind::Key, Name::Unquoted(&["key"])).body(&[&["value"]]),
        SymbolRule::new("expression_case", Kind::Arm, Name::Path(&["value"])).signature(&[&[":"]]),
        SymbolRule::new("type_case", Kind::Arm, Name::All(&["type"])).signature(&[&[":"]]),
        SymbolRule::new("communication_case", Kind::Arm, Name::Path(&["communication"])).signature(&[&[":"]]),
        SymbolRule::new("default_case", Kind::Arm, Name::Fixed("default")).signature(&[&[":"]]),
    ]],
    wrappers: &["type_declaration", "const_declaration", "var_declaration", "import_declaration"],
    comment_starts: &["//", "/*"],
    transparent: &["block", "statement_list", "field_declaration_list", "import_spec_list", "var_spec_list", "literal_value"],
    opaque: &["interpreted_string_literal", "raw_string_literal", "comment"],
    functions: Some(Functions::Braces(begins)),
    scopes: &["function_declaration", "method_declaration", "func_literal"],
    lists: &[
        ListRule::commas("argument_list"),
        ListRule::commas("parameter_list"),
        ListRule::commas("literal_value"),
        ListRule::commas("expression_list"),
        ListRule { node: "import_spec_list", separator: b'\n', set: true },
    ],
    orders: &[
        ("source_file", Order::Unordered),
        ("import_spec_list", Order::Unordered),
        ("var_spec_list", Order::Unordered),
        ("type_declaration", Order::Unordered),
        ("field_declaration_list", Order::Keyed),
        ("interface_type", Order::Unordered),
        ("literal_value", Order::Keyed),
    ],
    identifiers: &["identifier", "type_identifier", "field_identifier", "package_identifier"],
    binds: &[&[
        ("short_var_declaration", "left", Bind::Name),
        ("parameter_declaration", "name", Bind::Name),
        ("variadic_parameter_declaration", "name", Bind::Name),
        ("var_spec", "name", Bind::Name),
        ("const_spec", "name", Bind::Name),
        ("range_clause", "left", Bind::Name),
        ("receive_statement", "left", Bind::Name),
        ("function_declaration", "name", Bind::Name),
        ("method_declaration", "name", Bind::Name),
        ("type_switch_statement", "alias", Bind::Name),
        ("field_declaration", "name", Bind::Name),
        ("keyed_element", "key", Bind::Part),
        ("literal_element", "", Bind::Part),
    ]],
    brings: Some(brings),
    ..Profile::bare(Language::Go, "go", || tree_sitter_go::LANGUAGE.into())
};

/// The type that a method is of: a pointer to it is the same.
fn receiver(site: &Site<'_, '_>) -> Option<String> {
    let parameter = child(site.node.child_by_field_name("receiver")?, "parameter_declaration")?;
    let mut node = parameter.child_by_field_name("type")?;
    for _ in 0..4 {
        node = match node.kind() {
            "pointer_type" | "parenthesized_type" => first_named(node)?,
            "generic_type" => node.child_by_field_name("type")?,
            _ => break,
        };
    }
    Some(site.text_of(node))
}

/// A group of imports.
fn bracket(site: &Site<'_, '_>) -> Option<String> {
    site.child("import_spec_list").map(|_| "()".to_owned())
}

/// A group of declarations goes by what its first declares.
fn first_of_group(site: &Site<'_, '_>) -> Option<String> {
    let inside = site.child("var_spec_list").unwrap_or(site.node);
    child(inside, "(")?;
    let mut cursor = inside.walk();
    let first = inside.named_children(&mut cursor).find(|child| child.kind() != "comment")?;
    first.child_by_field_name("name").map(|name| unquoted(&site.text_of(name)).to_owned())
}

fn structure(site: &Site<'_, '_>) -> Option<String> {
    named_if(site, "struct_type")
}

fn interface(site: &Site<'_, '_>) -> Option<String> {
    named_if(site, "interface_type")
}

fn named_if(site: &Site<'_, '_>, kind: &str) -> Option<String> {
    let node = site.node.child_by_field_name("type").filter(|node| node.kind() == kind);
    node.and_then(|_| site.node.child_by_field_name("name")).map(|name| site.text_of(name))
}

/// The alias, or the last part of the path that is no version.
fn brings(site: &Site<'_, '_>) -> Vec<String> {
    let spec = site.child("import_spec").unwrap_or(site.node);
    if let Some(alias) = spec.child_by_field_name("name") {
        let alias = site.text_of(alias);
        return if matches!(alias.as_str(), "_" | ".") { Vec::new() } else { vec![alias] };
    }
    let Some(path) = spec.child_by_field_name("path") else { return Vec::new() };
    let path = site.text_of(path);
    let is_version =
        |part: &&str| part.strip_prefix('v').is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()));
    let last = unquoted(&path).rsplit('/').find(|part| !is_version(part)).unwrap_or_default();
    // `gopkg.in/yaml.v3` is `yaml`; `go-redis` could be anything, mostly `redis`.
    let name = last.split(".v").next().unwrap_or(last);
    vec![name.strip_prefix("go-").unwrap_or(name).to_owned()]
}

/// What a line begins.
fn begins(line: &[u8]) -> Begins {
    if line.starts_with(b"func ") { Begins::Function } else { Begins::Nothing }
}
