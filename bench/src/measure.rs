//! Taking turns: contenders run round by round, so that whatever the machine does meanwhile meets them all.
//!
//! Invariant: preparation and clearing up are a contender's own and outside what its stopwatch saw.

use crate::usage::cpu_seconds;
use anyhow::Result;
use serde::Serialize;
use std::time::Instant;

/// One round's outcome, per operation: in the row's unit, with processor seconds where time was measured.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    /// The value: seconds, bytes, operations a second, or a count.
    pub value: f64,
    /// Processor seconds of all processes involved.
    pub cpu: Option<f64>,
}

impl Sample {
    /// A value that is no time.
    pub fn of(value: f64) -> Self {
        Self { value, cpu: None }
    }
}

/// Measures wall time and processor time.
#[derive(Debug)]
pub struct Stopwatch {
    running: Vec<u32>,
    cpu: f64,
    wall: Instant,
}

impl Stopwatch {
    /// Starts, for work done in this process and in children that end meanwhile.
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// Starts, for work also done in these running processes.
    pub fn with(running: &[u32]) -> Self {
        let cpu = cpu_seconds(running);
        Self { running: running.to_vec(), cpu, wall: Instant::now() }
    }

    /// Stops; seconds per operation, of so many.
    pub fn stop(self, operations: usize) -> Sample {
        let wall = self.wall.elapsed().as_secs_f64();
        let cpu = cpu_seconds(&self.running) - self.cpu;
        let each = operations.max(1) as f64;
        Sample { value: wall / each, cpu: Some(cpu.max(0.0) / each) }
    }

    /// Stops; operations a second, of so many. The processor time is still per operation.
    pub fn rate(self, operations: usize) -> Sample {
        let sample = self.stop(operations);
        Sample { value: 1.0 / sample.value.max(1e-12), cpu: sample.cpu }
    }
}

/// What one contender came to over its rounds.
#[derive(Debug, Clone, Serialize)]
pub struct Figure {
    /// The median.
    pub median: f64,
    /// The lowest.
    pub low: f64,
    /// The highest.
    pub high: f64,
    /// The median of processor seconds per operation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu: Option<f64>,
    /// How many rounds were measured.
    pub rounds: usize,
}

impl Figure {
    /// Sums samples up; `None` without any.
    pub fn of(samples: &[Sample]) -> Option<Self> {
        let values = sorted(samples.iter().map(|sample| sample.value));
        let cpu = sorted(samples.iter().filter_map(|sample| sample.cpu));
        Some(Self { median: median(&values)?, low: *values.first()?, high: *values.last()?, cpu: median(&cpu), rounds: values.len() })
    }
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

fn median(sorted: &[f64]) -> Option<f64> {
    let upper = *sorted.get(sorted.len() / 2)?;
    if sorted.len() % 2 == 1 { Some(upper) } else { Some((sorted.get(sorted.len() / 2 - 1)? + upper) / 2.0) }
}

type Round<'a> = Box<dyn FnMut(usize) -> Result<Sample> + 'a>;

/// One way to do a row's job.
pub struct Contender<'a> {
    /// Its name in the report.
    pub name: String,
    /// At most so many rounds and no warming up, for what takes seconds.
    most: Option<usize>,
    /// Does one round, numbered from 0 (the first of which may be the warming up), and times what counts.
    round: Round<'a>,
}

impl<'a> Contender<'a> {
    /// A contender that is warmed up by one round that does not count.
    pub fn new(name: impl Into<String>, round: impl FnMut(usize) -> Result<Sample> + 'a) -> Self {
        Self { name: name.into(), most: None, round: Box::new(round) }
    }

    /// At most so many rounds, none for warming up.
    pub fn at_most(mut self, rounds: usize) -> Self {
        self.most = Some(rounds);
        self
    }
}

/// What became of a contender.
pub type Outcome = Result<Figure, String>;

/// Lets the contenders take turns, in opposite orders every other round. One that fails is out, the others go on.
pub fn interleave(rounds: usize, contenders: &mut [Contender<'_>]) -> Vec<Outcome> {
    let mut samples: Vec<Result<Vec<Sample>, String>> = contenders.iter().map(|_| Ok(Vec::new())).collect();
    for round in 0..=rounds {
        let mut order: Vec<usize> = (0..contenders.len()).collect();
        if round % 2 == 1 {
            order.reverse();
        }
        for index in order {
            let (contender, taken) = (&mut contenders[index], &mut samples[index]);
            let warming = round == 0;
            let Ok(so_far) = taken else { continue };
            if contender.most.is_some_and(|most| warming || so_far.len() >= most) {
                continue;
            }
            match (contender.round)(round) {
                Ok(_) if warming => {}
                Ok(sample) => so_far.push(sample),
                Err(error) => *taken = Err(format!("{error:#}")),
            }
        }
    }
    samples.into_iter().map(|taken| taken.and_then(|taken| Figure::of(&taken).ok_or_else(|| "no round was measured".to_owned()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_stand_in_the_middle() {
        for (values, expect) in [(vec![3.0, 1.0, 2.0], 2.0), (vec![4.0, 1.0, 2.0, 3.0], 2.5), (vec![7.0], 7.0)] {
            let samples: Vec<Sample> = values.into_iter().map(Sample::of).collect();
            assert_eq!(Figure::of(&samples).map(|figure| figure.median), Some(expect));
        }
        assert!(Figure::of(&[]).is_none());
    }

    #[test]
    fn turns_are_taken_and_a_failure_stays_alone() {
        let log = std::cell::RefCell::new(String::new());
        let mut contenders = [
            Contender::new("a", |_| {
                log.borrow_mut().push('a');
                Ok(Sample::of(1.0))
            }),
            Contender::new("b", |round| {
                log.borrow_mut().push('b');
                if round == 1 { anyhow::bail!("broken") } else { Ok(Sample::of(2.0)) }
            }),
            Contender::new("c", |_| {
                log.borrow_mut().push('c');
                Ok(Sample::of(3.0))
            })
            .at_most(1),
        ];
        let outcomes = interleave(3, &mut contenders);
        drop(contenders);
        assert_eq!(log.into_inner(), "abcbaaa");
        assert_eq!(outcomes[0].as_ref().map(|figure| figure.rounds), Ok(3));
        assert_eq!(outcomes[1].as_ref().err().map(String::as_str), Some("broken"));
        assert_eq!(outcomes[2].as_ref().map(|figure| figure.rounds), Ok(1));
    }
}
