//! Chance: the same from the same seed, on every machine and in every release.

use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::{Rng, SeedableRng};

/// A stream of random numbers.
#[derive(Clone, Debug)]
pub(crate) struct Random(Pcg64Mcg);

impl Random {
    /// The stream of a seed that is for one purpose.
    pub(crate) fn new(seed: u64, purpose: u64) -> Self {
        Self(Pcg64Mcg::seed_from_u64(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ purpose))
    }

    /// At least 0 and below 1.
    pub(crate) fn unit(&mut self) -> f64 {
        let high = u32::try_from(self.0.next_u64() >> 32).unwrap_or(u32::MAX);
        f64::from(high) / 4_294_967_296.0
    }

    /// Between two numbers.
    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Whether something happens that does with this chance.
    pub(crate) fn happens(&mut self, chance: f64) -> bool {
        self.unit() < chance
    }

    /// One of some.
    pub(crate) fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        let mut share = self.unit();
        for (left, one) in (1..=of.len()).rev().zip(of) {
            let chance = 1.0 / f64::from(u32::try_from(left).unwrap_or(u32::MAX));
            if share < chance {
                return *one;
            }
            share = (share - chance) / (1.0 - chance);
        }
        of[of.len() - 1]
    }

    /// Of a normal distribution with mean 0 and deviation 1, by Box and Muller.
    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }

    /// A factor around 1 with this deviation, never below 0.
    pub(crate) fn factor(&mut self, deviation: f64) -> f64 {
        if deviation == 0.0 { 1.0 } else { (1.0 + deviation * self.normal()).max(0.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_fair_and_the_same_again() {
        let numbers = |seed, purpose| {
            let mut random = Random::new(seed, purpose);
            (0..1000).map(|_| random.normal()).collect::<Vec<f64>>()
        };
        let once = numbers(7, 1);
        assert_eq!(once, numbers(7, 1));
        assert_ne!(once, numbers(7, 2));
        assert_ne!(once, numbers(8, 1));
        let mean = once.iter().sum::<f64>() / 1000.0;
        let square = once.iter().map(|number| number * number).sum::<f64>() / 1000.0;
        assert!(mean.abs() < 0.1 && (square - 1.0).abs() < 0.15, "{mean} {square}");
        let mut random = Random::new(3, 0);
        let mut picked = [0; 3];
        (0..300).for_each(|_| picked[random.pick(&[0_usize, 1, 2])] += 1);
        assert!(picked.iter().all(|times| *times > 60), "{picked:?}");
    }
}
