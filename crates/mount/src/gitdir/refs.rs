//! Git's file of packed refs, in which the store's refs and the agent's own stand together.
//!
//! Format: <https://git-scm.com/docs/gitrepository-layout>; a line for each ref, sorted by name, and below an annotated tag what it names.

use std::collections::{BTreeMap, BTreeSet};

/// The lines of each ref, by name.
fn lines(packed: &[u8]) -> BTreeMap<&[u8], Vec<&[u8]>> {
    let mut found: BTreeMap<&[u8], Vec<&[u8]>> = BTreeMap::new();
    let mut last: Option<&[u8]> = None;
    for line in packed.split(|byte| *byte == b'\n').filter(|line| !line.is_empty() && !line.starts_with(b"#")) {
        if line.starts_with(b"^") {
            if let Some(lines) = last.and_then(|name| found.get_mut(name)) {
                lines.push(line);
            }
        } else if let Some(at) = line.iter().position(|byte| *byte == b' ') {
            let name = line.get(at + 1..).unwrap_or_default();
            found.insert(name, vec![line]);
            last = Some(name);
        }
    }
    found
}

/// The names of all refs, a line each.
pub(super) fn names(packed: &[u8]) -> Vec<u8> {
    lines(packed).keys().flat_map(|name| [*name, b"\n"].concat()).collect()
}

/// What `packed` says, and what stood in `before` that was not `written` by Acetate.
pub(super) fn merged(before: &[u8], written: &[u8], packed: &[u8]) -> Vec<u8> {
    let written: BTreeSet<&[u8]> = written.split(|byte| *byte == b'\n').collect();
    let mut all = lines(before);
    all.retain(|name, _| !written.contains(name));
    all.extend(lines(packed));
    let mut text = b"# pack-refs with: peeled fully-peeled sorted \n".to_vec();
    for line in all.into_values().flatten() {
        text.extend_from_slice(line);
        text.push(b'\n');
    }
    text
}

/// The object that a ref names.
pub(super) fn find<'a>(packed: &'a [u8], name: &str) -> Option<&'a str> {
    let line = *lines(packed).get(name.as_bytes())?.first()?;
    std::str::from_utf8(line.split(|byte| *byte == b' ').next()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agents_refs_stay_and_the_stores_follow() {
        let before = b"# pack-refs with: peeled fully-peeled sorted \n1 refs/heads/main\n2 refs/heads/mine\n3 refs/tags/gone\n^4\n5 refs/tags/own\n^6\n";
        let packed = b"# x\n7 refs/heads/main\n8 refs/tags/new\n^9\n";
        let merged = merged(before, b"refs/heads/main\nrefs/tags/gone\n", packed);
        let expect = "# pack-refs with: peeled fully-peeled sorted \n7 refs/heads/main\n2 refs/heads/mine\n8 refs/tags/new\n^9\n5 refs/tags/own\n^6\n";
        assert_eq!(String::from_utf8_lossy(&merged), expect);
        assert_eq!((names(packed), find(packed, "refs/tags/new")), (b"refs/heads/main\nrefs/tags/new\n".to_vec(), Some("8")));
    }
}
