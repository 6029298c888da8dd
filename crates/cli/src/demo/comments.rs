//! How a comment looks in a file, by its name; files without a known form are left alone.

/// The marks around a comment on one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comment {
    open: &'static str,
    close: &'static str,
}

impl Comment {
    /// The form for a file of this name.
    pub fn of(path: &[u8]) -> Option<Self> {
        let name = path.rsplit(|byte| *byte == b'/').next()?;
        let dot = name.iter().rposition(|byte| *byte == b'.').filter(|dot| *dot > 0)?;
        let extension = std::str::from_utf8(name.get(dot + 1..)?).ok()?.to_ascii_lowercase();
        let (open, close) = match extension.as_str() {
            "rs" | "c" | "h" | "cc" | "cpp" | "hpp" | "cxx" | "java" | "js" | "jsx" | "mjs" | "ts" | "tsx" | "go" | "swift" | "kt"
            | "scala" | "cs" | "dart" | "zig" | "proto" | "php" | "scss" => ("// ", ""),
            "py" | "rb" | "sh" | "bash" | "zsh" | "pl" | "toml" | "yaml" | "yml" | "r" | "jl" | "ex" | "exs" | "nix" | "cmake" | "tcl" => {
                ("# ", "")
            }
            "lua" | "sql" | "hs" | "elm" | "adb" | "ads" => ("-- ", ""),
            "css" => ("/* ", " */"),
            "md" | "html" | "htm" | "xml" | "vue" | "svelte" => ("<!-- ", " -->"),
            "erl" | "tex" => ("% ", ""),
            "el" | "lisp" | "clj" | "scm" => (";; ", ""),
            _ => return None,
        };
        Some(Self { open, close })
    }

    /// The text as a comment.
    pub fn around(self, text: &str) -> String {
        format!("{}{text}{}", self.open, self.close)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_follow_the_name() {
        for (name, expect) in [
            (&b"src/a.rs"[..], Some("// x")),
            (b"a.PY", Some("# x")),
            (b"README.md", Some("<!-- x -->")),
            (b".gitignore", None),
            (b"Makefile", None),
            (b"dir.rs/file", None),
            (b"a.\xff", None),
            (b"image.png", None),
        ] {
            assert_eq!(Comment::of(name).map(|comment| comment.around("x")).as_deref(), expect);
        }
    }
}
