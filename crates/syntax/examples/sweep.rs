//! Takes every file of a folder apart and says where bytes do not tile, what is slow, and how much is keyed: to try a table on real code.

#[path = "../tests/kit/mod.rs"]
mod kit;

use acetate_syntax::{Language, ParseLimits, Parsed};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

#[derive(Default)]
struct Sum {
    files: usize,
    bytes: usize,
    with_errors: usize,
    elements: usize,
    keyed: usize,
    parsing: Duration,
    walking: Duration,
}

fn main() -> std::io::Result<()> {
    let mut sums: BTreeMap<Language, Sum> = BTreeMap::new();
    let mut waiting: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    while let Some(path) = waiting.pop() {
        if path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            waiting.extend(std::fs::read_dir(&path)?.filter_map(|entry| Some(entry.ok()?.path())));
        } else if let Some(language) = Language::of(path.as_os_str().as_encoded_bytes()) {
            one(&path, language, sums.entry(language).or_default())?;
        }
    }
    for (language, sum) in sums {
        println!(
            "{language:?}: {} files, {} KB, {} with errors, {} elements, {} keyed, parsed in {:?}, taken apart in {:?}",
            sum.files,
            sum.bytes >> 10,
            sum.with_errors,
            sum.elements,
            sum.keyed,
            sum.parsing,
            sum.walking
        );
    }
    Ok(())
}

fn one(path: &Path, language: Language, sum: &mut Sum) -> std::io::Result<()> {
    const SLOW: Duration = Duration::from_millis(500);
    let text = std::fs::read(path)?;
    let started = Instant::now();
    let parsed = match Parsed::new(language, &text, &ParseLimits::default()) {
        Ok(parsed) => parsed,
        Err(error) => {
            println!("{}: {error}", path.display());
            return Ok(());
        }
    };
    let parsing = started.elapsed();
    let started = Instant::now();
    let tiled = std::panic::catch_unwind(|| kit::tiling(&parsed, &text));
    let walking = started.elapsed();
    if parsing + walking > SLOW {
        println!("{}: {} bytes, parsed in {parsing:?}, taken apart in {walking:?}", path.display(), text.len());
    }
    let Ok(tiled) = tiled else {
        println!("{}: does not tile", path.display());
        return Ok(());
    };
    sum.files += 1;
    sum.bytes += text.len();
    sum.with_errors += usize::from(!parsed.is_clean());
    sum.elements += tiled.elements;
    sum.keyed += tiled.keyed;
    sum.parsing += parsing;
    sum.walking += walking;
    Ok(())
}
