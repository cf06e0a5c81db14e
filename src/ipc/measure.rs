//! The measuring: for each mechanism and size two processes, some rounds one way and some there and back.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::cores;
use super::figures::{Effort, Figures, OneWay, OneWayRound, Results, RoundTrip, Row, TripRound};
use super::link::{Link, Side, Spec};
use super::pair::{Failure, Pair};
use super::words::Order;
use crate::inspect;
use crate::mechanism::{Limit, Mechanism};
use crate::os::{self, mqueue};
use crate::run::{Claim, Guard};

/// Rounds of each kind that count; the figures are their medians.
pub const ROUNDS: usize = 5;
/// Messages that a queue or a ring holds, where that can be chosen and the system allows it.
pub const DEPTH: usize = 64;
/// Messages in the very first round, whose time tells how many to send in the next.
const FIRST: u64 = 16;
/// Messages in a round, at most: their times are kept one by one.
const MOST: u64 = 1 << 20;
/// A round grows by this factor at most: the first ones are slower than the rest.
const GROWTH: f64 = 8.0;
/// Rounds before those that count take together about as long as this many of them.
const WARM_UP: u32 = 2;
/// The end of the guard is waited for so long.
const END_TIME: Duration = Duration::from_secs(1);

/// The time for one mechanism and one size, where nobody asked for another.
pub const TIME_EACH: Duration = Duration::from_millis(400);

/// What to measure.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The mechanisms, in this order.
    pub mechanisms: Vec<Mechanism>,
    /// The sizes of messages, in bytes.
    pub sizes: Vec<usize>,
    /// The time for one mechanism and one size.
    pub time_each: Duration,
    /// The processors of sender and receiver, if they were asked for.
    pub cores: Option<[usize; 2]>,
    /// The binary that plays them: this one.
    pub binary: PathBuf,
}

/// What is being measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The mechanism.
    pub mechanism: Mechanism,
    /// Bytes in a message.
    pub bytes: usize,
    /// How many came before it.
    pub done: usize,
    /// How many there are.
    pub all: usize,
}

/// Why nothing could be measured.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The kernel refused something.
    #[error(transparent)]
    Os(#[from] os::Error),
    /// A processor that may not be used was asked for.
    #[error("{0}")]
    Cores(String),
}

/// Why a mechanism cannot carry messages of a size, if it cannot. What does not fit is not cut into pieces.
pub fn cannot(mechanism: Mechanism, bytes: usize) -> Option<String> {
    match mechanism.abilities().limit {
        Limit::Fixed(most) if bytes > most => Some(format!("at most {most} B in a message")),
        Limit::Tunable(path) => {
            let most = inspect::setting(path)?;
            (bytes as u64 > most).then(|| format!("at most {most} B in a message ({path})"))
        }
        _ => None,
    }
}

/// How many messages a queue or a ring is made for; none where that cannot be chosen.
pub fn depth(mechanism: Mechanism) -> Option<usize> {
    match mechanism {
        Mechanism::Shm | Mechanism::Mmap => Some(DEPTH),
        Mechanism::Mqueue => {
            let most = inspect::setting(mqueue::MESSAGES_LIMIT).and_then(|most| usize::try_from(most).ok());
            Some(most.map_or(DEPTH, |most| most.clamp(1, DEPTH)))
        }
        _ => None,
    }
}

/// Measures everything. The calling thread must live as long as this process: the kernel ends the processes that are
/// measured with the thread that started them.
pub fn measure(
    plan: &Plan,
    interrupted: &dyn Fn() -> bool,
    tell: &mut dyn FnMut(Step),
) -> Result<Results, Error> {
    let began = Instant::now();
    let mut bench = Bench::set_up(plan.binary.clone(), plan.cores, plan.time_each)?;
    let all = plan.mechanisms.len() * plan.sizes.len();
    let mut rows: Vec<Row> = Vec::new();
    for mechanism in plan.mechanisms.iter().copied() {
        let mut cells = Vec::new();
        for bytes in plan.sizes.iter().copied() {
            tell(Step { mechanism, bytes, done: rows.len() * plan.sizes.len() + cells.len(), all });
            cells.push(bench.measure(mechanism, bytes, interrupted));
        }
        rows.push(Row { mechanism, depth: depth(mechanism), cells });
    }
    Ok(Results {
        sizes: plan.sizes.clone(),
        rows,
        cores: bench.cores,
        kernel_counts: inspect::reads_and_writes(std::process::id()).is_some(),
        elapsed: began.elapsed(),
        interrupted: interrupted(),
    })
}

/// Where one mechanism after the other is measured: a run's identity, and its guard. Dropping it leaves nothing behind.
pub struct Bench {
    /// The processors of sender and receiver.
    pub cores: [usize; 2],
    binary: PathBuf,
    time_each: Duration,
    claim: Option<Claim>,
    guard: Guard,
}

impl Bench {
    /// Takes an identity and starts a guard. `binary` plays the processes; `cores` are the processors, if any were asked
    /// for; `time_each` is the time for one mechanism and one size.
    pub fn set_up(binary: PathBuf, cores: Option<[usize; 2]>, time_each: Duration) -> Result<Bench, Error> {
        let cores = cores::choose(cores, &cores::allowed()).map_err(Error::Cores)?;
        let claim = Claim::take()?;
        let guard = Guard::start(&binary, claim.run, None)?;
        Ok(Bench { cores, binary, time_each, claim: Some(claim), guard })
    }

    /// Measures one mechanism with messages of so many bytes, or says why not. The calling thread must live as long as
    /// this takes, as for [`measure`].
    pub fn measure(
        &mut self,
        mechanism: Mechanism,
        bytes: usize,
        interrupted: &dyn Fn() -> bool,
    ) -> Result<Figures, String> {
        self.cell(mechanism, bytes, interrupted).map_err(|failure| match failure {
            Failure::Interrupted => "interrupted".to_string(),
            Failure::Why(why) => why,
        })
    }

    fn cell(
        &mut self,
        mechanism: Mechanism,
        bytes: usize,
        interrupted: &dyn Fn() -> bool,
    ) -> Result<Figures, Failure> {
        if interrupted() {
            return Err(Failure::Interrupted);
        }
        if let Some(why) = cannot(mechanism, bytes) {
            return Err(Failure::Why(why));
        }
        let Some(claim) = &self.claim else { return Err(Failure::Interrupted) };
        if self.guard.is_gone() {
            self.guard = Guard::start(&self.binary, claim.run, None)?;
        }
        let depth = depth(mechanism).unwrap_or(DEPTH);
        let link = Link::create(claim, mechanism, bytes, depth)?;
        let spec = Spec {
            run: claim.run,
            mechanism,
            side: Side::First,
            bytes,
            depth,
            core: self.cores[0],
            handles: Vec::new(),
        };
        let around = (&mut self.guard, interrupted);
        let mut pair = Pair::start(&self.binary, &spec, self.cores, link, around)?;
        let time = self.time_each / (2 * (ROUNDS as u32 + WARM_UP));
        let one_way = one_way(&mut pair, time)?;
        let round_trip = round_trip(&mut pair, time)?;
        Ok(Figures { one_way, round_trip })
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        // First the names, then the guard: it ends at once when it finds that there is nothing left to sweep.
        drop(self.claim.take());
        self.guard.dismiss(Instant::now() + END_TIME);
    }
}

fn one_way(pair: &mut Pair<'_>, time: Duration) -> Result<OneWay, Failure> {
    let mut play = |messages: u64| {
        let [first, second] = pair.round(Order::OneWay(messages))?;
        let nanos = second.nanos.1.saturating_sub(first.nanos.0);
        Ok(OneWayRound { messages, nanos, effort: Effort::plus(first.effort, second.effort) })
    };
    let rounds = rounds(time, &mut play, |round| round.nanos)?;
    OneWay::of(&rounds).ok_or_else(no_rounds)
}

fn round_trip(pair: &mut Pair<'_>, time: Duration) -> Result<RoundTrip, Failure> {
    let mut play = |trips: u64| {
        let [first, second] = pair.round(Order::RoundTrips(trips))?;
        let times = first.times.ok_or_else(no_rounds)?;
        let effort = Effort::plus(first.effort, second.effort);
        Ok((TripRound { trips, times, effort }, first.nanos.1.saturating_sub(first.nanos.0)))
    };
    let rounds = rounds(time, &mut play, |(_, nanos)| *nanos)?;
    let rounds: Vec<TripRound> = rounds.into_iter().map(|(round, _)| round).collect();
    RoundTrip::of(&rounds).ok_or_else(no_rounds)
}

fn no_rounds() -> Failure {
    Failure::Why("no round was played".into())
}

/// Plays rounds that grow until one takes about so long, and then those that count.
fn rounds<R>(
    time: Duration,
    play: &mut dyn FnMut(u64) -> Result<R, Failure>,
    nanos: impl Fn(&R) -> u64,
) -> Result<Vec<R>, Failure> {
    let mut number = FIRST;
    loop {
        let taken = nanos(&play(number)?);
        let factor = time.as_nanos() as f64 / taken.max(1) as f64;
        let grown = grown(number, factor);
        if grown <= number || factor < 2.0 {
            number = grown;
            break;
        }
        number = grown;
    }
    (0..ROUNDS).map(|_| play(number)).collect()
}

/// The number of messages for the next round, if the last one would have to be so much longer.
fn grown(number: u64, factor: f64) -> u64 {
    ((number as f64 * factor.min(GROWTH)) as u64).clamp(1, MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_grow_until_they_take_the_time() {
        for nanos_each in [1, 100, 10_000, 100_000_000] {
            let mut played = Vec::new();
            let mut play = |number: u64| {
                played.push(number);
                Ok(number * nanos_each)
            };
            let rounds = rounds(Duration::from_millis(40), &mut play, |nanos| *nanos).expect("rounds");
            assert_eq!(rounds.len(), ROUNDS);
            let number = rounds[0] / nanos_each;
            assert_eq!(number, (40_000_000 / nanos_each).clamp(1, MOST), "{nanos_each} ns: {played:?}");
            assert!(played.len() < 12 + ROUNDS, "{played:?}");
        }
        let mut play = |_| Err::<u64, _>(Failure::Interrupted);
        assert_eq!(rounds(Duration::from_millis(1), &mut play, |n| *n), Err(Failure::Interrupted));
    }

    #[test]
    fn what_cannot_be_carried_says_why() {
        assert_eq!(cannot(Mechanism::Signal, 9).as_deref(), Some("at most 8 B in a message"));
        assert_eq!(cannot(Mechanism::Signal, 8), None);
        let why = cannot(Mechanism::Mqueue, 1 << 30).expect("too long");
        assert!(why.contains("/proc/sys/fs/mqueue/msgsize_max"), "{why}");
        for mechanism in [Mechanism::Pipe, Mechanism::Tcp, Mechanism::Shm] {
            assert_eq!(cannot(mechanism, 1 << 20), None);
        }
    }
}
