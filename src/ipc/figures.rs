//! Rounds to figures: plain data and arithmetic, without any measuring.

use std::time::Duration;

use crate::mechanism::Mechanism;

/// What one round of sending one way gave.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OneWayRound {
    /// Messages sent and received.
    pub messages: u64,
    /// From before the first was sent until after the last was received, in nanoseconds.
    pub nanos: u64,
    /// What it took, both processes together.
    pub effort: Effort,
}

/// What one round of ping-pong gave.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TripRound {
    /// Round trips.
    pub trips: u64,
    /// How long they took.
    pub times: Times,
    /// What it took, both processes together.
    pub effort: Effort,
}

/// The times of many round trips, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Times {
    /// Half of them were not longer.
    pub p50: f64,
    /// All but one in a hundred were not longer.
    pub p99: f64,
    /// The time of all, divided by their number.
    pub mean: f64,
}

impl Times {
    /// Of single times, in any unit, of which `unit` nanoseconds make one, and of the time of all.
    pub fn of(times: &mut [u64], unit: f64, all: Duration) -> Times {
        times.sort_unstable();
        Times {
            p50: percentile(times, 0.5) as f64 * unit,
            p99: percentile(times, 0.99) as f64 * unit,
            mean: all.as_nanos() as f64 / times.len().max(1) as f64,
        }
    }
}

/// What the processes did meanwhile; none where it is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Effort {
    /// System calls.
    pub calls: Option<u64>,
    /// Context switches, voluntary and not.
    pub switches: Option<u64>,
}

impl Effort {
    /// Of two processes together.
    pub fn plus(self, other: Effort) -> Effort {
        let sum = |a: Option<u64>, b: Option<u64>| Some(a? + b?);
        Effort { calls: sum(self.calls, other.calls), switches: sum(self.switches, other.switches) }
    }
}

/// An [`Effort`] for each message, or each round trip.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Each {
    /// System calls, of both processes together.
    pub calls: Option<f64>,
    /// Context switches, of both processes together.
    pub switches: Option<f64>,
}

impl Each {
    fn of(efforts: impl Iterator<Item = Effort>, number: u64) -> Each {
        let zero = Effort { calls: Some(0), switches: Some(0) };
        let all = efforts.fold(zero, Effort::plus);
        let each = |sum: Option<u64>| Some(sum? as f64 / number.max(1) as f64);
        Each { calls: each(all.calls), switches: each(all.switches) }
    }
}

/// One process sends, the other receives, as fast as they can.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OneWay {
    /// Messages a second: the median of the rounds.
    pub per_s: f64,
    /// The slowest round.
    pub lowest: f64,
    /// The fastest round.
    pub highest: f64,
    /// What a message takes.
    pub each: Each,
}

impl OneWay {
    /// Sums rounds up; none of no rounds.
    pub fn of(rounds: &[OneWayRound]) -> Option<OneWay> {
        let rates = rounds.iter().map(|r| r.messages as f64 * 1e9 / r.nanos.max(1) as f64);
        let rates = sorted(rates);
        let number = rounds.iter().map(|r| r.messages).sum();
        Some(OneWay {
            per_s: median(&rates)?,
            lowest: *rates.first()?,
            highest: *rates.last()?,
            each: Each::of(rounds.iter().map(|r| r.effort), number),
        })
    }
}

/// One process sends, the other sends it back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RoundTrip {
    /// The medians of the rounds' times.
    pub times: Times,
    /// What a round trip takes.
    pub each: Each,
}

impl RoundTrip {
    /// Sums rounds up; none of no rounds.
    pub fn of(rounds: &[TripRound]) -> Option<RoundTrip> {
        let of = |field: fn(&Times) -> f64| median(&sorted(rounds.iter().map(|r| field(&r.times))));
        let number = rounds.iter().map(|r| r.trips).sum();
        Some(RoundTrip {
            times: Times { p50: of(|t| t.p50)?, p99: of(|t| t.p99)?, mean: of(|t| t.mean)? },
            each: Each::of(rounds.iter().map(|r| r.effort), number),
        })
    }
}

/// What a mechanism costs with messages of one size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figures {
    /// Sending.
    pub one_way: OneWay,
    /// Ping-pong.
    pub round_trip: RoundTrip,
}

/// What a mechanism costs.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The mechanism.
    pub mechanism: Mechanism,
    /// How many messages its queue or ring holds, where that was chosen.
    pub depth: Option<usize>,
    /// For each size of [`Results::sizes`], its figures, or why there are none.
    pub cells: Vec<Result<Figures, String>>,
}

/// All that was measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Results {
    /// The sizes of messages, in bytes.
    pub sizes: Vec<usize>,
    /// One row a mechanism.
    pub rows: Vec<Row>,
    /// The processors that sender and receiver were bound to.
    pub cores: [usize; 2],
    /// Whether the kernel counted the calls of what is read and written, rather than this program.
    pub kernel_counts: bool,
    /// How long all of it took.
    pub elapsed: Duration,
    /// Whether somebody ended it early.
    pub interrupted: bool,
}

/// The least of the sorted values that so large a share of them does not exceed; 0 of none.
pub fn percentile(sorted: &[u64], share: f64) -> u64 {
    let rank = (sorted.len() as f64 * share).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or(0)
}

/// The middle of sorted values; of two in the middle, the mean.
fn median(sorted: &[f64]) -> Option<f64> {
    let upper = sorted.get(sorted.len() / 2)?;
    let lower = sorted[(sorted.len() - 1) / 2];
    Some(f64::midpoint(lower, *upper))
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_were_seen() {
        let values: Vec<u64> = (1..=200).collect();
        assert_eq!(percentile(&values, 0.5), 100);
        assert_eq!(percentile(&values, 0.99), 198);
        assert_eq!(percentile(&values, 1.0), 200);
        assert_eq!(percentile(&[7], 0.99), 7);
        assert_eq!(percentile(&[], 0.5), 0);
        let times = Times::of(&mut [30, 10, 20], 2.0, Duration::from_nanos(150));
        assert_eq!(times, Times { p50: 40.0, p99: 60.0, mean: 50.0 });
    }

    #[test]
    fn medians_take_the_middle() {
        assert_eq!(median(&[1.0, 2.0, 9.0]), Some(2.0));
        assert_eq!(median(&[1.0, 2.0, 4.0, 9.0]), Some(3.0));
        assert_eq!(median(&[]), None);
    }

    #[test]
    fn rounds_are_summed_up() {
        let round = |messages, nanos, calls| OneWayRound {
            messages,
            nanos,
            effort: Effort { calls, switches: Some(messages / 10) },
        };
        let rounds = [
            round(1000, 1_000_000, Some(1000)),
            round(1000, 4_000_000, Some(3000)),
            round(2000, 1_000_000, Some(2000)),
        ];
        let one_way = OneWay::of(&rounds).expect("rounds");
        assert_eq!((one_way.lowest, one_way.per_s, one_way.highest), (250e3, 1e6, 2e6));
        assert_eq!(one_way.each, Each { calls: Some(1.5), switches: Some(0.1) });
        let unknown = OneWay::of(&[round(10, 10, None), round(10, 10, Some(10))]).expect("rounds");
        assert_eq!(unknown.each, Each { calls: None, switches: Some(0.1) });
        assert_eq!(OneWay::of(&[]), None);
        let trip = |p50| TripRound {
            trips: 10,
            times: Times { p50, p99: 3.0 * p50, mean: 2.0 * p50 },
            effort: Effort { calls: Some(40), switches: None },
        };
        let trips = RoundTrip::of(&[trip(5.0), trip(1.0), trip(2.0)]).expect("rounds");
        assert_eq!(trips.times, Times { p50: 2.0, p99: 6.0, mean: 4.0 });
        assert_eq!(trips.each, Each { calls: Some(4.0), switches: None });
    }
}
