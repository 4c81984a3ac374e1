//! A driver without coverage: the corpus as it is, then mutations of it, from a seed that repeats the run.

use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use crate::targets::Target;

/// How long to go on.
#[derive(Clone, Copy, Debug)]
pub enum Limit {
    /// So many inputs.
    Inputs(u64),
    /// So much time.
    Time(Duration),
}

/// An input on which a target panicked.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The input.
    pub input: Vec<u8>,
}

/// The largest input that mutations make.
const MAX_BYTES: usize = 1 << 16;
/// What mutations put in: what parsers care about.
const TOKENS: &[&str] = &[
    "NaN",
    "Infinity",
    "-1",
    "0",
    "2147483648",
    "1e400",
    "1e2147483647",
    "1e-2147483648",
    "-0.0",
    "null",
    "\"\"",
    "{}",
    "[]",
    "{",
    "}",
    "'",
    ";",
    ":",
    ",",
    "&&",
    "?",
    "*",
    "L",
    "W",
    "#",
    "/",
    "-",
    " ",
    "\u{0}",
    "é",
    "𝄞",
    "99999999999999999999",
    "ms",
    "µs",
    "9:00-10:00",
];

/// Runs a target; how many inputs it took, or the first it panicked on.
///
/// # Errors
/// The input of a panic.
pub fn drive(target: &Target, corpus: &[Vec<u8>], seed: u64, limit: Limit) -> Result<u64, Finding> {
    let mut random = fastrand::Rng::with_seed(seed);
    let start = Instant::now();
    let mut inputs = 0;
    let is_over = |inputs: u64| match limit {
        Limit::Inputs(most) => inputs >= most,
        Limit::Time(most) => start.elapsed() >= most,
    };
    for input in corpus {
        check(target, input)?;
        inputs += 1;
    }
    while !is_over(inputs) {
        let mut input = random.choice(corpus).cloned().unwrap_or_default();
        for _ in 0..random.usize(1..=6) {
            mutate(&mut input, corpus, &mut random);
        }
        input.truncate(MAX_BYTES);
        check(target, &input)?;
        inputs += 1;
    }
    Ok(inputs)
}

fn check(target: &Target, input: &[u8]) -> Result<(), Finding> {
    let run = std::panic::catch_unwind(AssertUnwindSafe(|| (target.run)(input)));
    run.map_err(|_| Finding { input: input.to_vec() })
}

fn mutate(input: &mut Vec<u8>, corpus: &[Vec<u8>], random: &mut fastrand::Rng) {
    let at = random.usize(0..=input.len());
    let end = random.usize(at..=input.len().min(at + 32));
    match random.u8(0..7) {
        0 if at < input.len() => input[at] ^= 1 << random.u8(0..8),
        1 => drop(input.drain(at..end)),
        2 => {
            let copied = input[at..end].to_vec();
            input.splice(at..at, copied);
        }
        3 => {
            let token = random.choice(TOKENS).copied().unwrap_or_default();
            input.splice(at..end, token.bytes());
        }
        4 => input.truncate(at),
        5 => {
            // The end of another input behind the beginning of this one.
            let other = random.choice(corpus).map_or(&[][..], Vec::as_slice);
            let from = random.usize(0..=other.len());
            input.truncate(at);
            input.extend_from_slice(&other[from..]);
        }
        _ => input.insert(at, random.u8(..)),
    }
}
