//! What JavaScript and TypeScript have in common.

use super::site::{child, unquoted};
use crate::profile::{Bind, ListRule, Name, Part, Site, SymbolRule};
use crate::{Begins, Kind, Order};
use tree_sitter::Node;

pub(crate) const NAME: Name = Name::Path(&["name"]);
const FUNCTION_BODY: &[&[&str]] = &[&["variable_declarator", "value", "body"], &["variable_declarator", "value"]];
const VALUE: &[&[&str]] = &[&["variable_declarator", "value"]];

/// Symbols of both.
pub(crate) const SYMBOLS: &[SymbolRule] = &[
    SymbolRule::new("function_declaration", Kind::Function, NAME).overload(Part::Path(&["parameters"])),
    SymbolRule::new("generator_function_declaration", Kind::Function, NAME).overload(Part::Path(&["parameters"])),
    SymbolRule::new("class_declaration", Kind::Class, NAME),
    SymbolRule::new("method_definition", Kind::Method, Name::Unquoted(&["name"]))
        .scope(Part::With(accessor))
        .overload(Part::Path(&["parameters"])),
    SymbolRule::new("class_static_block", Kind::Statement, Name::Fixed("static")),
    SymbolRule::new("lexical_declaration", Kind::Import, Name::With(required))
        .scope(Part::Fixed("require"))
        .overload(Part::With(declared))
        .body(&[]),
    SymbolRule::new("lexical_declaration", Kind::Function, Name::With(function)).body(FUNCTION_BODY).global(),
    SymbolRule::new("lexical_declaration", Kind::Class, Name::With(class)).body(FUNCTION_BODY).global(),
    SymbolRule::new("lexical_declaration", Kind::Variable, Name::With(declared)).body(VALUE).global(),
    SymbolRule::new("variable_declaration", Kind::Import, Name::With(required))
        .scope(Part::Fixed("require"))
        .overload(Part::With(declared))
        .body(&[]),
    SymbolRule::new("variable_declaration", Kind::Function, Name::With(function)).body(FUNCTION_BODY).global(),
    SymbolRule::new("variable_declaration", Kind::Class, Name::With(class)).body(FUNCTION_BODY).global(),
    SymbolRule::new("variable_declaration", Kind::Variable, Name::With(declared)).body(VALUE).global(),
    SymbolRule::new("import_statement", Kind::Import, Name::With(imported))
        .scope(Part::With(type_only))
        .overload(Part::Path(&["import_clause"])),
    SymbolRule::new("import_specifier", Kind::Item, Name::Text),
    SymbolRule::new("export_statement", Kind::Import, Name::With(exported_from))
        .scope(Part::With(export_kind))
        .overload(Part::Path(&["export_clause"])),
    SymbolRule::new("export_statement", Kind::Variable, Name::With(default_value)).body(&[&["value", "body"], &["value"]]),
    SymbolRule::new("export_specifier", Kind::Item, Name::Text),
    SymbolRule::new("expression_statement", Kind::Test, Name::With(test)).scope(Part::With(test_function)).body(TEST_BODY),
    SymbolRule::new("expression_statement", Kind::Function, Name::With(assigned_function))
        .body(&[&["assignment_expression", "right", "body"], &["assignment_expression", "right"]])
        .global(),
    SymbolRule::new("expression_statement", Kind::Variable, Name::With(assigned)).body(&[&["assignment_expression", "right"]]).global(),
    SymbolRule::new("pair", Kind::Key, Name::Unquoted(&["key"])).body(&[&["value", "body"], &["value"]]),
    SymbolRule::new("shorthand_property_identifier", Kind::Key, Name::Text).within(&["object"]),
    SymbolRule::new("switch_case", Kind::Arm, Name::Path(&["value"])),
    SymbolRule::new("switch_default", Kind::Arm, Name::Fixed("default")),
];
const TEST_BODY: &[&[&str]] =
    &[&["call_expression", "arguments", "arrow_function", "body"], &["call_expression", "arguments", "function_expression", "body"]];

/// Symbols of JSX.
pub(crate) const JSX_SYMBOLS: &[SymbolRule] =
    &[SymbolRule::new("jsx_attribute", Kind::Key, Name::Any(&[&["property_identifier"], &["jsx_namespace_name"]]))];

/// Functions.
pub(crate) const SCOPES: &[&str] = &[
    "function_declaration",
    "generator_function_declaration",
    "function_expression",
    "generator_function",
    "arrow_function",
    "method_definition",
    "class_static_block",
];
pub(crate) const WRAPPERS: &[&str] = &["export_statement", "expression_statement"];
pub(crate) const TRANSPARENT: &[&str] = &["statement_block", "class_body", "switch_body"];
pub(crate) const OPAQUE: &[&str] = &["string", "template_string", "comment", "regex"];
pub(crate) const COMMENTS: &[&str] = &["comment", "html_comment"];
pub(crate) const COMMENT_STARTS: &[&str] = &["//", "/*"];
pub(crate) const LISTS: &[ListRule] = &[
    ListRule::set("named_imports"),
    ListRule::set("export_clause"),
    ListRule::commas("arguments"),
    ListRule::commas("formal_parameters"),
    ListRule::commas("array"),
    ListRule::commas("object"),
    ListRule::commas("object_pattern"),
];
pub(crate) const ORDERS: &[(&str, Order)] = &[
    ("program", Order::Keyed),
    ("class_body", Order::Keyed),
    ("object", Order::Keyed),
    ("named_imports", Order::Unordered),
    ("export_clause", Order::Unordered),
    ("statement_block", Order::Keyed),
];
pub(crate) const IDENTIFIERS: &[&str] = &[
    "identifier",
    "property_identifier",
    "private_property_identifier",
    "shorthand_property_identifier",
    "shorthand_property_identifier_pattern",
];

/// Where names are bound.
pub(crate) const BINDS: &[(&str, &str, Bind)] = &[
    ("variable_declarator", "name", Bind::Name),
    ("formal_parameters", "", Bind::Name),
    ("arrow_function", "parameter", Bind::Inner),
    ("for_in_statement", "left", Bind::Name),
    ("catch_clause", "parameter", Bind::Name),
    ("function_declaration", "name", Bind::Name),
    ("function_expression", "name", Bind::Name),
    ("class_declaration", "name", Bind::Name),
    ("import_specifier", "", Bind::Name),
    ("import_clause", "", Bind::Name),
    ("namespace_import", "", Bind::Name),
];

/// `get`, `set` and `static`: methods of one name that are not one.
pub(crate) fn accessor(site: &Site<'_, '_>) -> Option<String> {
    let mut cursor = site.node.walk();
    let words: Vec<&str> =
        site.node.children(&mut cursor).map(|child| child.kind()).filter(|kind| matches!(*kind, "static" | "get" | "set")).collect();
    Some(words.join(" "))
}

fn only_value<'t>(site: &Site<'_, 't>) -> Option<Node<'t>> {
    child(site.node, "variable_declarator")?.child_by_field_name("value")
}

/// The source of `const a = require("a")`.
fn required(site: &Site<'_, '_>) -> Option<String> {
    let mut value = only_value(site)?;
    // `require("a").b` is one as well.
    for _ in 0..4 {
        match value.kind() {
            "member_expression" => value = value.child_by_field_name("object")?,
            "call_expression" => break,
            _ => return None,
        }
    }
    let called = value.child_by_field_name("function")?;
    if site.bytes_of(called) != b"require" {
        return None;
    }
    let source = child(value.child_by_field_name("arguments")?, "string")?;
    Some(unquoted(&site.text_of(source)).to_owned())
}

/// The names of a declaration.
pub(crate) fn declared(site: &Site<'_, '_>) -> Option<String> {
    site.each("variable_declarator", "name")
}

fn function(site: &Site<'_, '_>) -> Option<String> {
    is_function(only_value(site)?).then(|| declared(site)).flatten()
}

fn class(site: &Site<'_, '_>) -> Option<String> {
    (only_value(site)?.kind() == "class").then(|| declared(site)).flatten()
}

pub(crate) fn is_function(node: Node<'_>) -> bool {
    matches!(node.kind(), "arrow_function" | "function_expression" | "generator_function")
}

/// What an import imports from.
fn imported(site: &Site<'_, '_>) -> Option<String> {
    let source = site.node.child_by_field_name("source").or_else(|| site.child("import_require_clause")?.child_by_field_name("source"))?;
    Some(unquoted(&site.text_of(source)).to_owned())
}

/// Imports of types are other imports than those of values.
fn type_only(site: &Site<'_, '_>) -> Option<String> {
    site.child("type").or_else(|| site.child("typeof")).map(|_| "type".to_owned())
}

/// What an export exports from, or `{}` for a list of names.
fn exported_from(site: &Site<'_, '_>) -> Option<String> {
    match site.node.child_by_field_name("source") {
        Some(source) => Some(unquoted(&site.text_of(source)).to_owned()),
        None => site.child("export_clause").map(|_| "{}".to_owned()),
    }
}

fn export_kind(site: &Site<'_, '_>) -> Option<String> {
    let all = site.child("*").or_else(|| site.child("namespace_export")).map_or("", |_| " *");
    let types = type_only(site).map_or("", |_| " type");
    Some(format!("export{types}{all}"))
}

/// `export default` of something that has no name.
fn default_value(site: &Site<'_, '_>) -> Option<String> {
    site.node.child_by_field_name("value")?;
    site.child("default").map(|_| "default".to_owned())
}

fn assignment<'t>(site: &Site<'_, 't>) -> Option<(Node<'t>, Node<'t>)> {
    let assignment = child(site.node, "assignment_expression")?;
    Some((assignment.child_by_field_name("left")?, assignment.child_by_field_name("right")?))
}

/// `module.exports = …`.
fn assigned(site: &Site<'_, '_>) -> Option<String> {
    assignment(site).map(|(left, _)| site.text_of(left))
}

fn assigned_function(site: &Site<'_, '_>) -> Option<String> {
    assignment(site).filter(|(_, right)| is_function(*right)).map(|(left, _)| site.text_of(left))
}

/// The name of a test: the text it is called with, or the function's name for what runs around tests.
fn test(site: &Site<'_, '_>) -> Option<String> {
    let function = test_function(site)?;
    let arguments = child(site.node, "call_expression")?.child_by_field_name("arguments")?;
    if AROUND_TESTS.contains(&function.as_str()) {
        return Some(function);
    }
    let mut cursor = arguments.walk();
    let first = arguments.named_children(&mut cursor).find(|child| child.kind() != "comment")?;
    matches!(first.kind(), "string" | "template_string").then(|| unquoted(&site.text_of(first)).to_owned())
}

const TESTS: &[&str] = &["describe", "it", "test", "suite", "context", "specify", "bench", "fdescribe", "xdescribe", "fit", "xit", "xtest"];
const AROUND_TESTS: &[&str] = &["beforeEach", "afterEach", "beforeAll", "afterAll", "before", "after", "setup", "teardown"];

/// The function a test is called with: `it` of `it.skip.each([…])('…', …)`.
fn test_function(site: &Site<'_, '_>) -> Option<String> {
    let mut node = child(site.node, "call_expression")?;
    for _ in 0..6 {
        node = match node.kind() {
            "call_expression" => node.child_by_field_name("function")?,
            "member_expression" => node.child_by_field_name("object")?,
            "identifier" => break,
            _ => return None,
        };
    }
    let name = site.text_of(node);
    (TESTS.contains(&name.as_str()) || AROUND_TESTS.contains(&name.as_str())).then_some(name)
}

/// The names that an import or a `require` binds; a re-export binds none.
pub(crate) fn brings(site: &Site<'_, '_>) -> Vec<String> {
    const MOST: usize = 10_000;
    let mut names = Vec::new();
    if site.node.kind() == "export_statement" {
        return names;
    }
    let mut waiting = vec![site.node];
    for _ in 0..MOST {
        let Some(node) = waiting.pop() else { break };
        match node.kind() {
            "identifier" | "shorthand_property_identifier_pattern" => names.push(site.text_of(node)),
            "import_specifier" => {
                let name = node.child_by_field_name("alias").or_else(|| node.child_by_field_name("name"));
                names.extend(name.map(|name| site.text_of(name)));
            }
            "variable_declarator" => waiting.extend(node.child_by_field_name("name")),
            "pair_pattern" => waiting.extend(node.child_by_field_name("value")),
            "assignment_pattern" | "object_assignment_pattern" => waiting.extend(node.child_by_field_name("left")),
            "string" | "import_attribute" | "comment" => {}
            _ => {
                let mut cursor = node.walk();
                let children: Vec<Node<'_>> = node.named_children(&mut cursor).collect();
                waiting.extend(children.into_iter().rev());
            }
        }
    }
    names
}

/// What a line begins.
pub(crate) fn begins(line: &[u8]) -> Begins {
    const BEFORE: &[&str] = &[
        "export",
        "default",
        "async",
        "public",
        "private",
        "protected",
        "static",
        "readonly",
        "override",
        "get",
        "set",
        "abstract",
        "declare",
    ];
    const NOT: &[&str] = &[
        "if",
        "for",
        "while",
        "switch",
        "catch",
        "return",
        "else",
        "do",
        "try",
        "with",
        "new",
        "throw",
        "await",
        "yield",
        "typeof",
        "class",
        "interface",
        "enum",
        "namespace",
        "module",
        "type",
        "import",
        "case",
        "void",
        "delete",
        "super",
    ];
    let Ok(mut rest) = std::str::from_utf8(line) else { return Begins::Nothing };
    while let Some((_, behind)) = rest.split_once(' ').filter(|(word, _)| BEFORE.contains(word)) {
        rest = behind.trim_start();
    }
    let name = rest.trim_start_matches(['*', '#', ' ']);
    let word = name.split(|letter: char| !letter.is_alphanumeric() && letter != '_' && letter != '$').next().unwrap_or_default();
    let behind = name.get(word.len()..).unwrap_or_default();
    let is_arrow = line.ends_with(b"=> {");
    let is_function = match word {
        "function" => true,
        "const" | "let" | "var" => behind.contains('=') && (is_arrow || behind.contains("function") || line.ends_with(b"(")),
        _ if NOT.contains(&word) || word.is_empty() => false,
        _ if TESTS.contains(&word) || AROUND_TESTS.contains(&word) => {
            return if behind.starts_with(['(', '.']) { Begins::Test } else { Begins::Nothing };
        }
        _ => match behind.split_once(" = ").or_else(|| behind.split_once(": function").map(|(before, _)| (before, "function"))) {
            Some((before, value)) => {
                !before.contains('(') && (is_arrow || value.starts_with("function") || value.starts_with("async function"))
            }
            // A method. What it answers may be an object's type.
            None => {
                let is_named = behind
                    .split_once('(')
                    .is_some_and(|(before, _)| before.is_empty() || before.starts_with(['<', '?']) && !before.contains(':'));
                is_named && !behind.contains("function") && !is_arrow && !behind.ends_with(": {")
            }
        },
    };
    if is_function { Begins::Function } else { Begins::Nothing }
}
