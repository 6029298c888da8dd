//! The four calls: bounds, the splices, then the look back, as for the entry.

use super::commands::{Event, Hooks};
use super::seen::{HooksPresent, rest};
use super::splices;
use crate::format::{Earlier, Format};
use crate::layout::Body;
use crate::plain::Plain;
use crate::splice::apply;
use crate::{Clash, ConfigError, Edited, MAX_BYTES};

const FORMAT: Format = Format::Json { comments: false };

/// Puts both hooks into a settings file's text; `existing` is none where there is no file.
///
/// # Errors
/// [`ConfigError::HookTaken`] where another hook makes the worktrees, whatever the clash; [`ConfigError::HookDiffers`] where one of ours
/// runs something else and is not to be replaced; see [`ConfigError`] for the others.
pub fn add_hooks(existing: Option<&str>, hooks: &Hooks, clash: Clash) -> Result<Edited, ConfigError> {
    let Some(existing) = existing else {
        let text = format!("{}\n", splices::whole(hooks));
        verify(&Plain::Null, &text, Some(hooks))?;
        return Ok(Edited::Text(text));
    };
    let body = Body::of(existing)?;
    let before = FORMAT.plain(body.text)?;
    let there = HooksPresent::of(&before);
    if there.is_exactly(hooks) {
        return Ok(Edited::Same);
    }
    if let (true, Some(other)) = (there.create.ours.is_empty(), there.create.others.first()) {
        return Err(ConfigError::HookTaken { what: other.clone() });
    }
    let mut text = body.text.to_owned();
    for event in Event::ALL {
        let wanted = hooks.of_event(event);
        let seen = there.event(event);
        let changes = match seen.ours.as_slice() {
            [] => splices::insert(&text, event, wanted)?,
            _ if seen.is_exactly(wanted) => continue,
            [line, ..] if clash == Clash::Refuse => return Err(ConfigError::HookDiffers { event: event.name(), what: line.clone() }),
            [_] => splices::replace(&text, event, wanted)?,
            lines => {
                text = cleared(&text, event, lines)?;
                splices::insert(&text, event, wanted)?
            }
        };
        text = apply(&text, changes);
    }
    verify(&before, &text, Some(hooks))?;
    let whole = [body.mark, &text].concat();
    // What could not be read again could not be taken out again.
    if whole.len() > MAX_BYTES { Err(ConfigError::TooLarge { size: whole.len() }) } else { Ok(Edited::Text(whole)) }
}

/// Takes all hooks of ours out of a settings file's text.
///
/// # Errors
/// See [`ConfigError`].
pub fn remove_hooks(existing: &str) -> Result<Edited, ConfigError> {
    let body = Body::of(existing)?;
    let before = FORMAT.plain(body.text)?;
    let there = HooksPresent::of(&before);
    if there.is_absent() {
        return Ok(Edited::Same);
    }
    if body.mark.is_empty() && there.hooks().is_some_and(|hooks| body.text == format!("{}\n", splices::whole(&hooks))) {
        return Ok(Edited::Gone);
    }
    let mut text = body.text.to_owned();
    // What came last goes first.
    for event in Event::ALL.into_iter().rev() {
        text = cleared(&text, event, &there.event(event).ours)?;
    }
    verify(&before, &text, None)?;
    Ok(Edited::Text([body.mark, &text].concat()))
}

/// The text without the hooks of ours for an event, one after the other.
fn cleared(text: &str, event: Event, ours: &[String]) -> Result<String, ConfigError> {
    let mut text = text.to_owned();
    for line in ours {
        let unfaithful = || ConfigError::Unfaithful { what: "no text without the hook was found".to_owned() };
        let earlier = splices::earlier(&text, event)?.ok_or_else(unfaithful)?;
        text = without(&text, event, line, earlier).ok_or_else(unfaithful)?;
    }
    Ok(text)
}

/// The text that gives `text` again when the hook is added; else one that only lacks it.
fn without(text: &str, event: Event, line: &str, earlier: Earlier) -> Option<String> {
    let gives = |candidate: &&String| splices::insert(candidate, event, line).is_ok_and(|changes| apply(candidate, changes) == text);
    if let Some(exact) = earlier.exact.iter().find(gives) {
        return Some(exact.clone());
    }
    let before = rest(&FORMAT.plain(text).ok()?);
    earlier.close.into_iter().find(|candidate| FORMAT.plain(candidate).is_ok_and(|read| rest(&read) == before))
}

/// What a settings file's text holds of hooks for worktrees.
///
/// # Errors
/// See [`ConfigError`].
pub fn hooks_present(existing: &str) -> Result<HooksPresent, ConfigError> {
    Ok(HooksPresent::of(&FORMAT.plain(Body::of(existing)?.text)?))
}

/// What is to be in the settings file, for people who write it themselves; without a last line end.
pub fn hooks_snippet(hooks: &Hooks) -> String {
    splices::whole(hooks)
}

/// Whether the edited text holds what was there before, and of ours exactly these, or nothing.
fn verify(before: &Plain, after: &str, hooks: Option<&Hooks>) -> Result<(), ConfigError> {
    let unfaithful = |what: &str| ConfigError::Unfaithful { what: what.to_owned() };
    let read = FORMAT.plain(after).map_err(|error| unfaithful(&error.to_string()))?;
    let there = HooksPresent::of(&read);
    if !hooks.map_or_else(|| there.is_absent(), |hooks| there.is_exactly(hooks)) {
        return Err(unfaithful("the hooks are others"));
    }
    if rest(&read) != rest(before) {
        return Err(unfaithful("something else has changed"));
    }
    Ok(())
}
