//! Python.

use super::site::child;
use crate::indents::distinct;
use crate::profile::{Bind, ListRule, Name, Part, Profile, Site, SymbolRule};
use crate::{Functions, Kind, Language, Order};
use tree_sitter::Node;

const NAME: Name = Name::Path(&["name"]);

/// The table.
pub(crate) const PYTHON: Profile = Profile {
    extensions: &["py", "pyi", "pyw"],
    file_names: &["SConstruct", "SConscript", "wscript"],
    symbols: &[&[
        SymbolRule::new("function_definition", Kind::Function, NAME).scope(Part::With(accessor)).overload(Part::Path(&["parameters"])),
        SymbolRule::new("class_definition", Kind::Class, NAME),
        SymbolRule::new("type_alias_statement", Kind::Type, Name::Path(&["left"])).body(&[&["right"]]),
        SymbolRule::new("assignment", Kind::Variable, Name::Path(&["left"])).body(&[&["right"]]).global(),
        SymbolRule::new("import_from_statement", Kind::Import, Name::Path(&["module_name"]))
            .scope(Part::Fixed("from"))
            .overload(Part::With(names)),
        SymbolRule::new("import_statement", Kind::Import, Name::All(&["name"])),
        SymbolRule::new("future_import_statement", Kind::Import, Name::Fixed("__future__")).scope(Part::Fixed("from")),
        SymbolRule::new("aliased_import", Kind::Item, Name::Text).within(&["import_from_statement"]),
        SymbolRule::new("dotted_name", Kind::Item, Name::Text).within(&["import_from_statement"]),
        SymbolRule::new("pair", Kind::Key, Name::Unquoted(&["key"])).body(&[&["value"]]),
        SymbolRule::new("keyword_argument", Kind::Key, NAME).body(&[&["value"]]),
        SymbolRule::new("case_clause", Kind::Arm, Name::With(case)).body(&[&["consequence"]]),
        SymbolRule::new("if_statement", Kind::Statement, Name::With(main_guard)).body(&[&["consequence"]]).global(),
    ]],
    wrappers: &["decorated_definition", "expression_statement"],
    comment_starts: &["#"],
    transparent: &["block"],
    opaque: &["string"],
    scopes: &["function_definition", "lambda"],
    functions: Some(Functions::Python),
    too_deep: Some(|text| distinct(text) > 380),
    lists: &[
        ListRule::commas("argument_list"),
        ListRule::commas("parameters"),
        ListRule::commas("list"),
        ListRule::commas("tuple"),
        ListRule::set("set"),
        ListRule::commas("dictionary"),
        ListRule::set("import_from_statement"),
    ],
    orders: &[
        ("module", Order::Keyed),
        ("block", Order::Keyed),
        ("dictionary", Order::Keyed),
        ("import_from_statement", Order::Unordered),
        ("set", Order::Unordered),
    ],
    identifiers: &["identifier"],
    binds: &[&[
        ("assignment", "left", Bind::Name),
        ("parameters", "", Bind::Name),
        ("lambda_parameters", "", Bind::Inner),
        ("default_parameter", "name", Bind::Name),
        ("typed_parameter", "", Bind::Name),
        ("typed_default_parameter", "name", Bind::Name),
        ("for_statement", "left", Bind::Name),
        ("for_in_clause", "left", Bind::Inner),
        ("as_pattern_target", "", Bind::Name),
        ("named_expression", "name", Bind::Name),
        ("function_definition", "name", Bind::Name),
        ("class_definition", "name", Bind::Name),
        ("global_statement", "", Bind::Name),
        ("nonlocal_statement", "", Bind::Name),
        ("keyword_argument", "name", Bind::Part),
        ("aliased_import", "alias", Bind::Name),
        ("import_from_statement", "name", Bind::Name),
        ("import_statement", "name", Bind::Name),
        ("dotted_name", "", Bind::Part),
    ]],
    brings: Some(brings),
    ..Profile::bare(Language::Python, "python", || tree_sitter_python::LANGUAGE.into())
};

/// `setter`, `deleter`, `getter`: a property has several functions of one name.
fn accessor(site: &Site<'_, '_>) -> Option<String> {
    if site.outer == site.node {
        return None;
    }
    let mut cursor = site.outer.walk();
    let decorators = site.outer.named_children(&mut cursor).filter(|child| child.kind() == "decorator");
    decorators.filter_map(|decorator| child(decorator, "attribute")?.child_by_field_name("attribute")).find_map(|name| {
        let name = site.text_of(name);
        matches!(name.as_str(), "setter" | "deleter" | "getter").then_some(name)
    })
}

/// The patterns of a case, with its guard.
fn case(site: &Site<'_, '_>) -> Option<String> {
    let body = site.node.child_by_field_name("consequence")?;
    let pattern = site.text.get(site.node.start_byte()..body.start_byte())?;
    let pattern = super::compiled::reduce(pattern);
    Some(pattern.strip_prefix("case")?.trim_start().trim_end_matches(':').to_owned())
}

/// `__name__ == "__main__"`.
fn main_guard(site: &Site<'_, '_>) -> Option<String> {
    let condition = site.text_of(site.node.child_by_field_name("condition")?);
    condition.contains("__name__").then_some(condition)
}

/// What is imported from a module: several imports can be from one.
fn names(site: &Site<'_, '_>) -> Option<String> {
    Some(imported(site).into_iter().map(|node| site.text_of(node)).collect::<Vec<_>>().join(", "))
}

fn imported<'t>(site: &Site<'_, 't>) -> Vec<Node<'t>> {
    let mut cursor = site.node.walk();
    site.node.children_by_field_name("name", &mut cursor).collect()
}

/// The aliases, or the names: of `import a.b` the first part.
fn brings(site: &Site<'_, '_>) -> Vec<String> {
    let from = site.node.kind() != "import_statement";
    let name = |node: Node<'_>| match node.child_by_field_name("alias") {
        Some(alias) => site.text_of(alias),
        None if from => site.text_of(node),
        None => site.text_of(node).split('.').next().unwrap_or_default().trim().to_owned(),
    };
    imported(site).into_iter().map(name).collect()
}
