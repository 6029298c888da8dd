//! What a JSON text may have been before the entry came.

use super::container::Container;
use super::document::{Document, member, member_object};
use crate::format::{Earlier, without_newline};
use crate::layout::slice;
use crate::{ConfigError, NAME};
use jsonc_parser::ast::Object;
use jsonc_parser::common::Ranged as _;

/// The texts without the entry; without its parent, if that holds nothing else; without the top object, likewise.
pub fn earlier(text: &str, comments: bool, parent: &str) -> Result<Earlier, ConfigError> {
    let document = Document::parse(text, comments)?;
    let Some(root) = document.object()? else { return Ok(Earlier::default()) };
    let Some((number, servers)) = member_object(root, parent)? else { return Ok(Earlier::default()) };
    let Some((entry, _)) = member(servers, NAME)? else { return Ok(Earlier::default()) };
    Ok(along(&document, root, &[(Container::object(root), number), (Container::object(servers), entry)]))
}

/// The texts that lack what a way down from the top object leads to: each step names a container and the item that leads on. What holds
/// nothing else may have come with it.
pub fn along(document: &Document<'_>, root: &Object<'_>, way: &[(Container, usize)]) -> Earlier {
    let text = document.text;
    let alone = |steps: &[(Container, usize)]| steps.iter().all(|(container, _)| container.items.len() == 1);
    let mut exact = Vec::new();
    if alone(way) {
        let (head, tail) = (slice(text, 0..root.start()), slice(text, root.end()..text.len()));
        exact.extend([[head, without_newline(tail)].concat(), [head, tail].concat()]);
    }
    for (step, (container, number)) in way.iter().enumerate() {
        if alone(way.get(step + 1..).unwrap_or_default()) {
            exact.extend(container.without(document, *number));
        }
    }
    let close = way.last().map(|(container, number)| container.without(document, *number)).unwrap_or_default();
    Earlier { exact, close }
}
