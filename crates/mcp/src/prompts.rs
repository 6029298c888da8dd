//! The prompt that tells an agent how to work in a session on a task.

use crate::instructions::INSTRUCTIONS;
use crate::outcome::clip;
use rmcp::ErrorData;
use rmcp::model::{GetPromptRequestParams, GetPromptResult, Prompt, PromptArgument, PromptMessage, Role};

const NAME: &str = "work_in_a_session";
/// Most characters of a task.
const TASK: usize = 20_000;

/// The prompts of this server.
pub(crate) fn list() -> Vec<Prompt> {
    let task = PromptArgument::new("task").with_title("Task").with_description("What is to be done").with_required(false);
    vec![
        Prompt::new(NAME, Some("How to do a task in a session of one's own and land it"), Some(vec![task])).with_title("Work in a session"),
    ]
}

/// The prompt of this name.
pub(crate) fn get(asked: &GetPromptRequestParams) -> Result<GetPromptResult, ErrorData> {
    if asked.name != NAME {
        return Err(ErrorData::invalid_params(format!("there is no prompt {:?}; there is {NAME}", clip(&asked.name, 100)), None));
    }
    let task = asked.arguments.as_ref().and_then(|arguments| arguments.get("task")).and_then(|task| task.as_str());
    let mut text = INSTRUCTIONS.to_owned();
    if let Some(task) = task.filter(|task| !task.trim().is_empty()) {
        text.push_str("\n\nYour task:\n");
        text.push_str(&clip(task, TASK));
    }
    Ok(GetPromptResult::new(vec![PromptMessage::new_text(Role::User, text)]))
}
