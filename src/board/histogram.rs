//! How long waits took: counts in buckets whose width grows with the time (the layout of HdrHistogram by Gil Tene).

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Buckets in each doubling: the error is at most 1/8.
const STEPS: usize = 8;
/// Doublings: up to 2^41 ns, 36 minutes.
const DOUBLINGS: usize = 38;
/// Buckets in all.
pub const BUCKETS: usize = DOUBLINGS * STEPS;

/// The bucket for a time in nanoseconds.
#[inline]
fn bucket(nanos: u64) -> usize {
    if nanos < STEPS as u64 {
        return nanos as usize;
    }
    let power = nanos.ilog2() as usize;
    let step = (nanos >> (power - 3)) as usize & (STEPS - 1);
    ((power - 2) * STEPS + step).min(BUCKETS - 1)
}

/// The time in the middle of a bucket, in nanoseconds.
fn middle(bucket: usize) -> u64 {
    if bucket < STEPS {
        return bucket as u64;
    }
    let (power, step) = (bucket / STEPS + 2, bucket % STEPS);
    let width = 1u64 << (power - 3);
    (1u64 << power) + step as u64 * width + width / 2
}

/// Counts a wait. Only the owner writes.
#[inline]
pub fn record(buckets: &[AtomicU32], nanos: u64) {
    let bucket = &buckets[bucket(nanos)];
    bucket.store(bucket.load(Ordering::Relaxed).wrapping_add(1), Ordering::Relaxed);
}

/// What a histogram says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waits {
    /// How many waits there were.
    pub count: u64,
    /// Half of them took at most this.
    pub p50: Duration,
    /// 99 in 100 took at most this.
    pub p99: Duration,
    /// The longest took about this.
    pub max: Duration,
}

/// Sums histograms up.
pub fn summary<'b>(histograms: impl IntoIterator<Item = &'b [AtomicU32]>) -> Waits {
    let mut counts = [0u64; BUCKETS];
    for histogram in histograms {
        for (count, bucket) in counts.iter_mut().zip(histogram) {
            *count += u64::from(bucket.load(Ordering::Relaxed));
        }
    }
    let total: u64 = counts.iter().sum();
    let quantile = |share: f64| {
        let rank = ((total as f64 * share).ceil() as u64).max(1);
        let mut seen = 0;
        let at = counts.iter().position(|count| {
            seen += count;
            seen >= rank
        });
        Duration::from_nanos(at.map_or(0, middle))
    };
    Waits { count: total, p50: quantile(0.5), p99: quantile(0.99), max: quantile(1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buckets_middle_lies_in_it() {
        for b in 0..BUCKETS {
            assert_eq!(bucket(middle(b)), b);
        }
    }

    #[test]
    fn quantiles_of_a_known_set() {
        let buckets: Vec<AtomicU32> = (0..BUCKETS).map(|_| AtomicU32::new(0)).collect();
        for micros in 1..=100u64 {
            record(&buckets, micros * 1000);
        }
        let waits = summary([buckets.as_slice()]);
        assert_eq!(waits.count, 100);
        let near = |d: Duration, micros: f64| (d.as_secs_f64() * 1e6 / micros - 1.0).abs() < 0.13;
        assert!(near(waits.p50, 50.0) && near(waits.p99, 99.0) && near(waits.max, 100.0), "{waits:?}");
    }
}
