//! What a workspace can be set to be: a template, and how long it keeps what.

use acetate_types::ObjectId;
use serde::{Deserialize, Serialize};

/// The history that workspaces made from a template begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TemplateHistory {
    /// One commit of its own, with the template's files.
    #[default]
    Own,
    /// The template's, as a fork has its parent's.
    Template,
}

/// Marks a workspace as a template.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct MarkTemplate {
    /// What it is a template of: version, full ref (`refs/tags/…` for a checkpoint) or commit; the head at the time without it.
    pub at: Option<String>,
    /// The history that others begin with, where they do not say; `own` without it.
    pub history: Option<TemplateHistory>,
}

/// Marks or unmarks a template.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum TemplateMark {
    /// `false` unmarks; `true` marks with nothing said.
    Switch(bool),
    /// Marks.
    Marked(MarkTemplate),
}

/// What a template is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct TemplateInfo {
    /// The point as it was named; absent for the head at the time.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub at: Option<String>,
    /// That point's commit when it was marked.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>))]
    pub commit: Option<ObjectId>,
    /// The history that others begin with, where they do not say.
    pub history: TemplateHistory,
}

/// How long a workspace keeps what is not a landed version or a checkpoint, which are always kept. Without a number it is kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Retention {
    /// Turn commits whose work has landed go after so many days; the landed commit stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub turns_days: Option<u32>,
    /// The branches of ended sessions go after so many days; 30 without a number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branches_days: Option<u32>,
}

/// Sets or lifts a retention policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum RetentionChange {
    /// `false` lifts it; `true` is refused.
    Switch(bool),
    /// Sets it.
    Policy(Retention),
}
