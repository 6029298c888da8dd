//! How the texts of made files look in each language, so that a file parses as what its name says.

/// The words of one line of a function.
pub struct Line<'a> {
    /// Which of the five kinds of lines.
    pub kind: usize,
    /// Its number in the function.
    pub number: usize,
    /// The function's first word.
    pub a: &'a str,
    /// Its argument.
    pub c: &'a str,
    /// A word.
    pub d: &'a str,
    /// Another.
    pub e: &'a str,
    /// A number.
    pub value: usize,
}

/// What a file begins with.
pub fn top(extension: &str, number: usize, a: &str, b: &str, import: Option<&str>) -> String {
    let says = format!("Module {number}: {a} of the {b}.");
    match extension {
        "py" => format!("\"\"\"{says}\"\"\"\n\n{}", import.map(|name| format!("from crate import {name}\n")).unwrap_or_default()),
        "go" => format!("// {says}\npackage {a}\n\n{}", import.map(|name| format!("import \"crate/{name}\"\n\n")).unwrap_or_default()),
        "ts" => format!("// {says}\n\n{}", import.map(|name| format!("import {{ {name} }} from \"crate\";\n")).unwrap_or_default()),
        _ => format!("//! {says}\n\n{}", import.map(|name| format!("use crate::{name};\n")).unwrap_or_default()),
    }
}

/// A function's beginning.
pub fn opening(extension: &str, name: &str, (a, b, c): (&str, &str, &str), kind: &str) -> String {
    let says = format!("Takes the {a} and gives its {b}, or why there is none.");
    match extension {
        "py" => format!("def {name}({c}):\n    \"\"\"{says}\"\"\"\n"),
        "go" => format!("// {says}\nfunc {name}({c} *{kind}) (int, error) {{\n"),
        "ts" => format!("/** {says} */\nexport function {name}({c}: {kind}): number {{\n"),
        _ => format!("/// {says}\npub fn {name}({c}: &{kind}) -> Result<usize> {{\n"),
    }
}

/// One line of it, or a few.
pub fn line(extension: &str, line: &Line<'_>, error: &str) -> String {
    let Line { kind, number, a, c, d, e, value } = line;
    match (extension, kind) {
        ("py", 0) => format!("    {d}_{number} = {c}.{e}({value})\n"),
        ("py", 1) => format!("    if {d} > {value}:\n        raise {error}({value})\n"),
        ("py", 2) => format!("    # The {d} may be behind the {e} here; see {a}_{value}.\n"),
        ("py", 3) => format!("    self.{d}.insert(\"{e}-{value}\", len({c}))\n"),
        ("py", _) => format!("    for one in {c}.{e}s()[:{value}]:\n        total += one.{a}()\n"),
        ("go", 0) => format!("\t{d}_{number} := {c}.{e}({value})\n"),
        ("go", 1) => format!("\tif {d} > {value} {{\n\t\treturn 0, {error}({value})\n\t}}\n"),
        ("go", 3) => format!("\tself.{d}.Insert(\"{e}-{value}\", len({c}))\n"),
        ("go", 4) => format!("\tfor _, one := range {c}.{e}s({value}) {{\n\t\ttotal += one.{a}()\n\t}}\n"),
        ("go", _) => format!("\t// The {d} may be behind the {e} here; see {a}_{value}.\n"),
        ("ts", 0) => format!("    const {d}_{number} = {c}.{e}({value});\n"),
        ("ts", 1) => format!("    if ({d} > {value}) {{\n        throw new {error}({value});\n    }}\n"),
        ("ts", 3) => format!("    self.{d}.insert(\"{e}-{value}\", {c}.length);\n"),
        ("ts", 4) => format!("    for (const one of {c}.{e}s({value})) {{ total += one.{a}(); }}\n"),
        (_, 0) => format!("    let {d}_{number} = {c}.{e}({value})?;\n"),
        (_, 1) => format!("    if {d} > {value} {{\n        return Err(Error::{error}({value}));\n    }}\n"),
        (_, 3) => format!("    self.{d}.insert(\"{e}-{value}\", {c}.len());\n"),
        (_, 4) => format!("    for {d} in {c}.{e}s().take({value}) {{ total += {d}.{a}(); }}\n"),
        (_, _) => format!("    // The {d} may be behind the {e} here; see {a}_{value}.\n"),
    }
}

/// A function's end.
pub fn closing(extension: &str) -> &'static str {
    match extension {
        "py" => "    return total\n\n\n",
        "go" => "\treturn total, nil\n}\n\n",
        "ts" => "    return total;\n}\n\n",
        _ => "    Ok(total)\n}\n\n",
    }
}

/// What a comment begins with.
pub fn comment(path: &[u8]) -> &'static str {
    let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or(path);
    let extension = name.rsplit(|byte| *byte == b'.').next().unwrap_or_default();
    match extension {
        b"py" | b"rb" | b"sh" | b"toml" | b"yml" | b"yaml" => "#",
        _ => "//",
    }
}
