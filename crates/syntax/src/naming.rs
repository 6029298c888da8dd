//! The names of symbols in paths, each of which names one symbol.

use crate::element::{Element, Kind};
use crate::outline::Symbol;
use foldhash::{HashMap, HashSet};

/// What a symbol adds to the path of what it is in.
pub(crate) fn segment(element: &Element<'_>, divider: &str) -> String {
    let Some(key) = &element.key else { return String::new() };
    if key.kind == Kind::Import {
        // Else it could not be told from what it imports.
        return format!("import {}", key.name);
    }
    let owned = element.rule.is_some_and(|rule| rule.rule().owned) && !key.scope.is_empty();
    if owned { format!("{}{divider}{}", key.scope, key.name) } else { key.name.clone() }
}

/// Makes symbols of one name in one place tell themselves apart, by their scope, else by what they are overloaded by, else
/// by number: `name#2`.
pub(crate) fn tell_apart(segments: &mut [(&Element<'_>, &mut String)]) {
    let mut by_name: HashMap<String, Vec<usize>> = HashMap::default();
    for (number, (_, segment)) in segments.iter().enumerate() {
        by_name.entry((*segment).clone()).or_default().push(number);
    }
    for same in by_name.into_values().filter(|same| same.len() > 1) {
        let other_names = |with: &dyn Fn(&Element<'_>, &str) -> String| -> Vec<String> {
            same.iter().filter_map(|number| segments.get(*number)).map(|(element, segment)| with(element, segment)).collect()
        };
        let different = |names: &Vec<String>| names.iter().collect::<HashSet<_>>().len() == names.len();
        let numbered = || {
            let names = other_names(&|_, segment| segment.to_owned()).into_iter().enumerate();
            names.map(|(number, name)| if number == 0 { name } else { format!("{name}#{}", number + 1) }).collect()
        };
        let names = Some(other_names(&scoped)).filter(different).or_else(|| Some(other_names(&overloaded)).filter(different));
        for (number, name) in same.iter().zip(names.unwrap_or_else(numbered)) {
            if let Some((_, segment)) = segments.get_mut(*number) {
                **segment = name;
            }
        }
    }
}

fn overloaded(element: &Element<'_>, segment: &str) -> String {
    let overload = element.key.as_ref().map(|key| key.overload.as_str()).unwrap_or_default();
    if overload.is_empty() {
        return segment.to_owned();
    }
    let bare = overload.strip_prefix('(').and_then(|text| text.strip_suffix(')')).unwrap_or(overload);
    format!("{segment}({})", bare.trim())
}

fn scoped(element: &Element<'_>, segment: &str) -> String {
    let scope = element.key.as_ref().map(|key| key.scope.as_str()).unwrap_or_default();
    if scope.is_empty() { segment.to_owned() } else { format!("{scope} {segment}") }
}

/// Numbers the symbols that still have a path that another has: `name#2`.
pub(crate) fn make_unique(symbols: &mut [Symbol]) {
    let mut known: HashSet<String> = HashSet::with_capacity_and_hasher(symbols.len(), Default::default());
    let mut counts: HashMap<String, usize> = HashMap::default();
    for symbol in symbols {
        if !known.insert(symbol.path.clone()) {
            let count = counts.entry(symbol.path.clone()).or_insert(1);
            loop {
                *count += 1;
                let path = format!("{}#{count}", symbol.path);
                if known.insert(path.clone()) {
                    symbol.path = path;
                    break;
                }
            }
        }
    }
}
