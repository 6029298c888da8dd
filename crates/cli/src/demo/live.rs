//! One line per agent while they work, on a terminal; nothing elsewhere.

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

/// More lines than this fit on few terminals.
const LINES: usize = 40;

/// The lines.
pub struct Live {
    lines: Vec<ProgressBar>,
    _together: MultiProgress,
}

impl Live {
    /// A line for each name.
    pub fn new<'a>(names: impl Iterator<Item = &'a str>, shown: bool) -> Self {
        let target = if shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let together = MultiProgress::with_draw_target(target);
        let style = ProgressStyle::with_template("{spinner} {prefix:.bold} {wide_msg}").ok();
        let lines = names
            .take(LINES)
            .map(|name| {
                let line = together.add(ProgressBar::new_spinner());
                if let Some(style) = &style {
                    line.set_style(style.clone());
                }
                line.set_prefix(name.to_owned());
                line
            })
            .collect();
        Self { lines, _together: together }
    }

    /// What an agent is doing.
    pub fn say(&self, agent: usize, text: impl Into<std::borrow::Cow<'static, str>>) {
        if let Some(line) = self.lines.get(agent) {
            line.set_message(text);
            line.tick();
        }
    }

    /// How an agent ended.
    pub fn end(&self, agent: usize, text: impl Into<std::borrow::Cow<'static, str>>) {
        if let Some(line) = self.lines.get(agent) {
            line.finish_with_message(text);
        }
    }
}
