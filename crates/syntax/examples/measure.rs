//! Measures, on the files given: parsing, the outline, taking everything apart, and the memory of trees.

#[path = "../tests/kit/mod.rs"]
mod kit;

use acetate_syntax::{Language, Outline, ParseLimits, Parsed};
use std::time::{Duration, Instant};

const ROUNDS: u32 = 20;

fn main() -> std::io::Result<()> {
    let mut trees = Vec::new();
    let (mut bytes, before) = (0, resident());
    for path in std::env::args().skip(1) {
        let Some(language) = Language::of(path.as_bytes()) else { continue };
        let text = std::fs::read(&path)?;
        let parsed = kit::parse(language, &text);
        let lines = text.iter().filter(|byte| **byte == b'\n').count();
        let parsing = best(|| drop(Parsed::new(language, &text, &ParseLimits::default())));
        let outlining = best(|| drop(Outline::of(&parsed, &text)));
        let apart = best(|| assert!(kit::tiling(&parsed, &text).elements > 0));
        let symbols = Outline::of(&parsed, &text).symbols.len();
        println!("{path}: {lines} lines, {symbols} symbols: parsed in {parsing:?}, outline {outlining:?}, all taken apart {apart:?}");
        bytes += text.len();
        trees.push(parsed);
    }
    println!("{} trees of {bytes} bytes hold {:.1} bytes per byte", trees.len(), (resident() - before) as f64 / bytes as f64);
    Ok(())
}

fn best(mut work: impl FnMut()) -> Duration {
    let time = |_| {
        let started = Instant::now();
        work();
        started.elapsed()
    };
    (0..ROUNDS).map(time).min().unwrap_or_default()
}

/// Memory in use, in bytes, on Linux.
fn resident() -> usize {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    text.split_whitespace().nth(1).and_then(|pages| pages.parse::<usize>().ok()).unwrap_or(0) * 4096
}
