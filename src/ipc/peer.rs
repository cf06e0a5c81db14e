//! One of the two processes that are measured: it sends and receives what it is told to, and says what that took.

use std::io::{self, BufRead, Write};
use std::time::Duration;

use rustix::process::Pid;

use super::cores;
use super::ends::{Incoming, Outgoing};
use super::figures::{Effort, Times};
use super::link::{Side, Spec};
use super::words::{Answer, Done, Order, line};
use crate::inspect;
use crate::mechanism::Mechanism;
use crate::os::clock::{Base, monotonic, ticks};

type Failed = Box<dyn std::error::Error>;

/// Does what standard input orders, until it ends. What goes wrong is the last answer.
pub fn main(spec: &Spec) {
    if let Err(error) = obey(spec) {
        let _ = answer(&Answer::Failed(error.to_string()));
    }
}

fn answer(answer: &Answer) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(line(answer).as_bytes())?;
    out.flush()
}

fn obey(spec: &Spec) -> Result<(), Failed> {
    cores::bind(spec.core)?;
    let mut peer: Option<Peer> = None;
    for order in io::stdin().lock().lines() {
        match (serde_json::from_str(&order?)?, &mut peer) {
            (Order::Partner(pid), _) => {
                let partner = Pid::from_raw(pid).ok_or("0 is no process")?;
                peer = Some(Peer::open(spec, partner)?);
                answer(&Answer::Ready)?;
            }
            (Order::OneWay(number), Some(peer)) => answer(&Answer::Done(peer.one_way(number)?))?,
            (Order::RoundTrips(number), Some(peer)) => answer(&Answer::Done(peer.round_trips(number)?))?,
            (_, None) => return Err("nothing is open yet".into()),
        }
    }
    Ok(())
}

struct Peer {
    side: Side,
    out: Outgoing,
    back: Incoming,
    message: Vec<u8>,
    counter: Counter,
}

impl Peer {
    fn open(spec: &Spec, partner: Pid) -> Result<Peer, Failed> {
        // A FIFO is open when both sides are: both must begin with the same one.
        let (out, back) = match spec.side {
            Side::First => {
                let out = Outgoing::open(spec, partner)?;
                (out, Incoming::open(spec)?)
            }
            Side::Second => {
                let back = Incoming::open(spec)?;
                (Outgoing::open(spec, partner)?, back)
            }
        };
        let message = vec![0x55; spec.bytes];
        Ok(Peer { side: spec.side, out, back, message, counter: Counter::new(spec.mechanism) })
    }

    /// The first sends, the second receives.
    fn one_way(&mut self, number: u64) -> Result<Done, Failed> {
        if self.side == Side::Second {
            answer(&Answer::Begun)?;
        }
        let before = self.effort();
        let began = monotonic();
        match self.side {
            Side::First => {
                for at in 0..number {
                    mark(&mut self.message, at);
                    self.out.send(&self.message)?;
                }
            }
            Side::Second => {
                for at in 0..number {
                    self.back.receive(&mut self.message)?;
                    check(&self.message, at)?;
                }
            }
        }
        let ended = monotonic();
        Ok(self.done(began, ended, before, None))
    }

    /// The first sends and waits for the answer, the second answers.
    fn round_trips(&mut self, number: u64) -> Result<Done, Failed> {
        if self.side == Side::Second {
            answer(&Answer::Begun)?;
            let before = self.effort();
            let began = monotonic();
            for at in 0..number {
                self.back.receive(&mut self.message)?;
                check(&self.message, at)?;
                self.out.send(&self.message)?;
            }
            let ended = monotonic();
            return Ok(self.done(began, ended, before, None));
        }
        let mut times = Vec::with_capacity(number as usize);
        let before = self.effort();
        let base = Base::now();
        let mut last = ticks();
        for at in 0..number {
            mark(&mut self.message, at);
            self.out.send(&self.message)?;
            self.back.receive(&mut self.message)?;
            check(&self.message, at)?;
            let now = ticks();
            times.push(now.saturating_sub(last));
            last = now;
        }
        let end = Base::now();
        let (began, ended) = (Duration::from_nanos(base.nanos), Duration::from_nanos(end.nanos));
        let all = ended.saturating_sub(began);
        let unit = all.as_nanos() as f64 / end.ticks.saturating_sub(base.ticks).max(1) as f64;
        let times = Times::of(&mut times, unit, all);
        Ok(self.done(began, ended, before, Some(times)))
    }

    fn effort(&self) -> Effort {
        self.counter.now(self.out.calls() + self.back.calls())
    }

    fn done(&self, began: Duration, ended: Duration, before: Effort, times: Option<Times>) -> Done {
        let after = self.effort();
        let effort = self.counter.between(before, after);
        Done { nanos: (began.as_nanos() as u64, ended.as_nanos() as u64), effort, times }
    }
}

/// Numbers a message in its first bytes: one that was lost, doubled or overtaken shows.
#[inline]
fn mark(message: &mut [u8], number: u64) {
    let len = message.len().min(8);
    message[..len].copy_from_slice(&number.to_ne_bytes()[..len]);
}

#[inline]
fn check(message: &[u8], number: u64) -> Result<(), Failed> {
    let len = message.len().min(8);
    if message[..len] == number.to_ne_bytes()[..len] {
        return Ok(());
    }
    Err(format!("message {number} did not arrive as it was sent").into())
}

/// Whether the kernel counts the calls of a mechanism by itself: it does for what is read and written.
pub fn is_read_and_written(mechanism: Mechanism) -> bool {
    use Mechanism::{Fifo, Pipe, Tcp, Unix, UnixDgram};
    matches!(mechanism, Pipe | Fifo | Unix | UnixDgram | Tcp)
}

/// Reads what this process has done so far.
struct Counter {
    /// Whether the kernel's count of calls is used.
    kernel: bool,
    /// The calls between two readings that do nothing but read the counters.
    own: u64,
}

impl Counter {
    fn new(mechanism: Mechanism) -> Counter {
        let mut counter = Counter { kernel: false, own: 0 };
        if is_read_and_written(mechanism) && kernel_calls().is_some() {
            counter.kernel = true;
            let nothing = counter.now(0);
            counter.own = counter.between(nothing, counter.now(0)).calls.unwrap_or(0);
        }
        counter
    }

    fn now(&self, counted: u64) -> Effort {
        let switches = inspect::switches(std::process::id()).map(|s| s.voluntary + s.involuntary);
        let calls = if self.kernel { kernel_calls() } else { Some(counted) };
        Effort { calls, switches }
    }

    fn between(&self, before: Effort, after: Effort) -> Effort {
        let less = |before: Option<u64>, after: Option<u64>| Some(after?.saturating_sub(before?));
        Effort {
            calls: less(before.calls, after.calls).map(|calls| calls.saturating_sub(self.own)),
            switches: less(before.switches, after.switches),
        }
    }
}

fn kernel_calls() -> Option<u64> {
    inspect::reads_and_writes(std::process::id())
}
