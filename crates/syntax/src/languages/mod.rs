//! The languages' tables, a file each, and what is made of a table once.

mod compiled;
mod ecmascript;
mod go;
mod java;
mod javascript;
mod json;
mod markdown;
mod python;
mod rust;
mod site;
mod toml;
mod typescript;
mod yaml;

use crate::Profile;
pub(crate) use compiled::{Around, Compiled, Flag, Rule};
pub(crate) use rust::RUST;

/// All profiles, one a language.
pub(crate) static PROFILES: &[&Profile] = &[
    &RUST,
    &python::PYTHON,
    &typescript::TYPESCRIPT,
    &typescript::TSX,
    &javascript::JAVASCRIPT,
    &go::GO,
    &java::JAVA,
    &json::JSON,
    &toml::TOML,
    &yaml::YAML,
    &markdown::MARKDOWN,
];
