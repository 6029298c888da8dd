//! Imports that name several things in one list: `use a::{b, c}`, `import { b, c } from 'a'`, `from a import b, c`.
//!
//! Such a list is a set. What either side took out is out, what either side put in is in, once.

/// An import taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Import<'a> {
    /// Up to the list, without its bracket.
    head: &'a [u8],
    /// The list's bracket as written, with blanks; empty where there is none.
    open: &'a [u8],
    items: Vec<&'a [u8]>,
    /// Whether a comma follows the last one.
    trailing: bool,
    close: &'a [u8],
    /// What follows the list.
    tail: &'a [u8],
}

impl<'a> Import<'a> {
    fn of(text: &'a [u8]) -> Option<Self> {
        if text.contains(&b'#') || memchr::memmem::find(text, b"//").is_some() || memchr::memmem::find(text, b"/*").is_some() {
            // A comment belongs to one of the items; nobody here knows to which.
            return None;
        }
        if let Some(open) = memchr::memchr(b'{', text) {
            return Self::bracketed(text, open, b'{', b'}');
        }
        if let Some(at) = memchr::memmem::find(text, b" import ").filter(|_| text.trim_ascii_start().starts_with(b"from ")) {
            let start = at + b" import ".len();
            if text.get(start..)?.trim_ascii_start().starts_with(b"(") {
                let open = start + memchr::memchr(b'(', text.get(start..)?)?;
                return Self::bracketed(text, open, b'(', b')');
            }
            let list = text.get(start..)?;
            if list.contains(&b'\n') || list.contains(&b'\\') {
                return None;
            }
            let items = list.split(|byte| *byte == b',').map(<[u8]>::trim_ascii).collect();
            return Some(Self { head: text.get(..start)?, open: b"", items, trailing: false, close: b"", tail: b"" });
        }
        // `use a::b;` is a list of one.
        let body = text.trim_ascii_end().strip_suffix(b";")?;
        let divider = memchr::memmem::rfind(body, b"::").filter(|_| memchr::memmem::find(body, b"use ").is_some())?;
        let item = body.get(divider + 2..)?;
        if memchr::memmem::find(item, b" as ").is_some() || item == b"*" {
            return None;
        }
        Some(Self {
            head: body.get(..divider + 2)?,
            open: b"",
            items: vec![item],
            trailing: false,
            close: b"",
            tail: text.get(body.len()..)?,
        })
    }

    fn bracketed(text: &'a [u8], at: usize, open: u8, close: u8) -> Option<Self> {
        let mut depth = 0usize;
        let mut end = None;
        let mut commas = vec![at];
        for (place, byte) in text.iter().enumerate().skip(at) {
            match *byte {
                byte if byte == open => depth += 1,
                byte if byte == close => {
                    depth -= 1;
                    if depth == 0 {
                        end = Some(place);
                        break;
                    }
                }
                b',' if depth == 1 => commas.push(place),
                _ => {}
            }
        }
        let end = end?;
        let tail = text.get(end + 1..)?;
        if tail.contains(&open) {
            return None;
        }
        commas.push(end);
        let cut: Vec<&[u8]> = commas.windows(2).filter_map(|two| text.get(two[0] + 1..two[1])).map(<[u8]>::trim_ascii).collect();
        let trailing = cut.len() > 1 && cut.last().is_some_and(|last| last.is_empty());
        let items: Vec<&[u8]> = cut.into_iter().filter(|item| !item.is_empty()).collect();
        let (first, last) = (*items.first()?, *items.last()?);
        let start = offset(text, first)?;
        let stop = offset(text, last)? + last.len();
        let close_at = if trailing { stop + memchr::memchr(b',', text.get(stop..)?)? + 1 } else { stop };
        Some(Self { head: text.get(..at)?, open: text.get(at..start)?, items, trailing, close: text.get(close_at..=end)?, tail })
    }

    /// How the list is laid out: what stands between two items.
    fn between(&self) -> Option<Vec<u8>> {
        let [first, second, ..] = self.items[..] else { return Some(b", ".to_vec()) };
        let start = first.as_ptr() as usize + first.len();
        let len = (second.as_ptr() as usize).checked_sub(start)?;
        // Both are slices of one text, and the bytes between them are a comma and blanks.
        let blanks = len.checked_sub(1)?;
        let multi = self.open.contains(&b'\n');
        if !multi {
            return (blanks <= 1).then(|| if blanks == 1 { b", ".to_vec() } else { b",".to_vec() });
        }
        let indentation = self.open.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
        // One item a line; a filled list has to be filled anew, which is a formatter's work.
        (blanks == indentation.len() + 1).then(|| [b",\n", indentation].concat())
    }
}

fn offset(text: &[u8], part: &[u8]) -> Option<usize> {
    (part.as_ptr() as usize).checked_sub(text.as_ptr() as usize)
}

/// Whether two imports from one place name something in common, so that both would bring it in twice.
pub(super) fn overlap(ours: &[u8], theirs: &[u8]) -> bool {
    let (Some(ours), Some(theirs)) = (Import::of(ours), Import::of(theirs)) else { return false };
    ours.head == theirs.head && ours.tail == theirs.tail && ours.items.iter().any(|item| theirs.items.contains(item))
}

/// Merges three imports, or two that both sides added; `None` where their lists say too little.
pub(super) fn merge_imports(base: Option<&[u8]>, ours: &[u8], theirs: &[u8]) -> Option<Vec<u8>> {
    let (ours, theirs) = (Import::of(ours)?, Import::of(theirs)?);
    let base = match base {
        Some(base) => Some(Import::of(base)?),
        None => None,
    };
    let pick = |part: for<'b> fn(&Import<'b>) -> &'b [u8]| -> Option<&[u8]> {
        let (a, b) = (part(&ours), part(&theirs));
        match base.as_ref().map(part) {
            _ if a == b => Some(a),
            Some(base) if a == base => Some(b),
            Some(base) if b == base => Some(a),
            _ => None,
        }
    };
    let (head, tail) = (pick(|import| import.head)?, pick(|import| import.tail)?);
    let none = Vec::new();
    let before = base.as_ref().map_or(&none, |base| &base.items);
    let out = |item: &&[u8]| before.contains(item) && (!ours.items.contains(item) || !theirs.items.contains(item));
    let stem = |item: &[u8]| -> Vec<u8> {
        let end = memchr::memmem::find(item, b"::").or_else(|| memchr::memmem::find(item, b" as ")).unwrap_or(item.len());
        item.get(..end).unwrap_or_default().to_vec()
    };
    let mut items: Vec<&[u8]> = Vec::new();
    // By place: the base's order, each side's additions behind what they follow there, those of both sides at one place in order.
    let mut order: Vec<&[u8]> = before.clone();
    let mut additions: Vec<&[u8]> = ours.items.iter().chain(&theirs.items).copied().filter(|item| !before.contains(item)).collect();
    additions.sort_unstable();
    additions.dedup();
    let fold = |item: &[u8]| item.to_ascii_lowercase();
    let tidy = |items: &[&[u8]]| items.is_sorted() || items.is_sorted_by_key(|item| fold(item));
    // Where both have it, at different places, the side that is in order says where; else the text does, which is nobody's.
    let rank = |items: &[&[u8]]| (!tidy(items), items.concat());
    let (first, second) =
        if rank(&ours.items) <= rank(&theirs.items) { (&ours.items, &theirs.items) } else { (&theirs.items, &ours.items) };
    for item in additions.into_iter().rev() {
        let side = if first.contains(&item) { first } else { second };
        let at = side.iter().position(|other| *other == item)?;
        let after = side.get(..at)?.iter().rev().find_map(|previous| order.iter().position(|known| known == previous));
        order.insert(after.map_or(0, |after| after + 1), item);
    }
    // A list that was in order, and still is on one side at least, stays in order.
    let lists = [before, &ours.items, &theirs.items];
    let kept = |sorted: &dyn Fn(&[&[u8]]) -> bool| sorted(before) && lists.iter().skip(1).any(|items| sorted(items));
    if kept(&|items| items.is_sorted()) {
        order.sort_unstable();
    } else if kept(&|items| items.is_sorted_by_key(|item| fold(item))) {
        order.sort_by_key(|item| fold(item));
    }
    for item in order.iter().filter(|item| !out(item)) {
        if !items.contains(item) {
            items.push(item);
        }
    }
    // Two items that bring in the same thing in different ways are for somebody to decide.
    for (at, item) in items.iter().enumerate() {
        let nested = |item: &[u8]| item.contains(&b'{') || memchr::memmem::find(item, b" as ").is_some();
        if items.iter().skip(at + 1).any(|other| stem(item) == stem(other) && (nested(item) || nested(other))) {
            return None;
        }
    }
    if items.is_empty() {
        return None;
    }
    let multi = |import: &Import<'_>| import.open.contains(&b'\n');
    let bracketed = |import: &Import<'_>| !import.open.is_empty();
    // The layout of a side that has more than the base's, or the only one that has one.
    let style = match (multi(&ours), multi(&theirs)) {
        (true, false) => &ours,
        (false, true) => &theirs,
        _ if bracketed(&ours) == bracketed(&theirs) && (ours.items.len(), ours.open) >= (theirs.items.len(), theirs.open) => &ours,
        _ if bracketed(&ours) && !bracketed(&theirs) => &ours,
        _ => &theirs,
    };
    let between = style.between()?;
    let mut text = head.to_vec();
    let python = head.trim_ascii_start().starts_with(b"from ");
    let lone = !bracketed(style) && !python;
    if lone && items.len() > 1 {
        text.push(b'{');
    } else {
        text.extend_from_slice(style.open);
    }
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            text.extend_from_slice(&between);
        }
        text.extend_from_slice(item);
    }
    if style.trailing {
        text.push(b',');
    }
    if lone && items.len() > 1 {
        text.push(b'}');
    } else {
        text.extend_from_slice(style.close);
    }
    text.extend_from_slice(tail);
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::merge_imports;

    fn check(base: Option<&str>, ours: &str, theirs: &str, expect: Option<&str>) {
        for (ours, theirs) in [(ours, theirs), (theirs, ours)] {
            let merged = merge_imports(base.map(str::as_bytes), ours.as_bytes(), theirs.as_bytes());
            let merged = merged.map(|text| String::from_utf8(text).expect("text"));
            assert_eq!(merged.as_deref(), expect);
        }
    }

    #[test]
    fn lists_are_sets() {
        check(Some("use a::{b, d};"), "use a::{b, c, d};", "use a::{b, d, e};", Some("use a::{b, c, d, e};"));
        check(Some("use a::{b, d};"), "use a::{d};", "use a::{b, c, d};", Some("use a::{c, d};"));
        check(Some("use a::b;"), "use a::{b, c};", "use a::{b, d};", Some("use a::{b, c, d};"));
        check(None, "use a::{b, c};", "use a::{b, d};", Some("use a::{b, c, d};"));
        check(None, "use a::b;", "use a::c;", Some("use a::{b, c};"));
        check(
            Some("import { a, c } from 'x';"),
            "import { a, b, c } from 'x';",
            "import { a, c, d } from 'x';",
            Some("import { a, b, c, d } from 'x';"),
        );
        check(Some("from x import a, c"), "from x import a, b, c", "from x import a, c, d", Some("from x import a, b, c, d"));
        check(
            Some("from x import (\n    a,\n    c,\n)"),
            "from x import (\n    a,\n    b,\n    c,\n)",
            "from x import (\n    c,\n)",
            Some("from x import (\n    b,\n    c,\n)"),
        );
    }

    #[test]
    fn what_is_not_clear_is_not_merged() {
        check(Some("use a::{b::{c}, d};"), "use a::{b::{c, e}, d};", "use a::{b::{c, f}, d};", None);
        check(Some("import { a } from 'x';"), "import { a } from 'y';", "import { a } from 'z';", None);
        check(Some("use a::{b, /* why */ c};"), "use a::{b};", "use a::{b, c, d};", None);
    }
}
