//! A schedule: who moves, one step after the other, as a string fit for an email.
//!
//! ```text
//! ff1.1c9f02ab.N=5.a3b3c3d3e3
//!  │     │      │      └ steps: actor a moves three times, then b; `a:2` is a move that ends in its way 2, `a:2+3` three such; what
//!  │     │      │        stands behind `~` repeats for ever
//!  │     │      └ the constants that can be set
//!  │     └ the texts of the program
//!  └ the version of this notation
//! ```

use std::fmt;
use std::str::FromStr;

use crate::program::{ActorId, Program};

const VERSION: &str = "ff1";
/// Steps that a schedule may have.
pub const MAX_STEPS: usize = 1_000_000;
/// Actors that a run may have, with room to spare.
const MAX_ACTOR: u32 = 1 << 20;

/// A schedule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schedule {
    /// Says which texts it was made for.
    pub fingerprint: u32,
    /// The constants that can be set, with their values.
    pub settings: Vec<(String, i32)>,
    /// Who moves, and which of its moves there; the first is 0.
    pub steps: Vec<(ActorId, u32)>,
    /// From which step on it repeats for ever.
    pub cycle: Option<usize>,
}

/// What is wrong with a schedule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// It is none.
    #[error(
        "this is no schedule: one looks like ff1.1c9f02ab.N=5.a3b3c3 and is printed by `fiveforks check`"
    )]
    None,
    /// It has another version.
    #[error("this schedule has the notation `{0}`, and only {VERSION} is known here")]
    Version(String),
    /// Its fingerprint is damaged.
    #[error("the part `{0}` of the schedule should be 8 digits 0-9 a-f: was something lost in copying?")]
    Fingerprint(String),
    /// A constant is damaged.
    #[error("the part `{0}` of the schedule should be like N=5: was something lost in copying?")]
    Setting(String),
    /// A step is damaged.
    #[error("character {0} of the schedule's steps, `{1}`, is out of place: was something lost in copying?")]
    Step(usize, char),
    /// It is too long.
    #[error("the schedule has more than {MAX_STEPS} steps")]
    Long,
}

impl Schedule {
    /// Of a program; `fingerprint` is that of its texts.
    pub fn of(
        program: &Program,
        fingerprint: u32,
        steps: Vec<(ActorId, u32)>,
        cycle: Option<usize>,
    ) -> Schedule {
        let settable = program.constants.iter().filter(|constant| constant.range.is_some());
        let settings = settable.map(|constant| (constant.name.clone(), constant.value)).collect();
        Schedule { fingerprint, settings, steps, cycle }
    }
}

fn name(actor: u32) -> String {
    let mut name = vec![b'a' + (actor % 26) as u8];
    let mut rest = actor / 26;
    while rest > 0 {
        rest -= 1;
        name.push(b'A' + (rest % 26) as u8);
        rest /= 26;
    }
    name.iter().rev().map(|byte| char::from(*byte)).collect()
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let settings: Vec<String> =
            self.settings.iter().map(|(name, value)| format!("{name}={value}")).collect();
        write!(f, "{VERSION}.{:08x}.{}.", self.fingerprint, settings.join(","))?;
        let mut at = 0;
        while at < self.steps.len() {
            if self.cycle == Some(at) {
                write!(f, "~")?;
            }
            let (actor, variant) = self.steps[at];
            let end = self.cycle.filter(|cycle| *cycle > at).unwrap_or(self.steps.len());
            let same = self.steps[at..end].iter().take_while(|step| **step == (actor, variant)).count();
            write!(f, "{}", name(actor.0))?;
            if variant > 0 {
                write!(f, ":{variant}")?;
            }
            match (same, variant) {
                (1, _) => {}
                (count, 0) => write!(f, "{count}")?,
                (count, _) => write!(f, "+{count}")?,
            }
            at += same;
        }
        Ok(())
    }
}

impl FromStr for Schedule {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Schedule, Malformed> {
        let text: String = text.split_whitespace().collect();
        let mut parts = text.splitn(4, '.');
        let (Some(version), Some(print), Some(settings), Some(steps)) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Malformed::None);
        };
        if version != VERSION {
            return Err(if version.starts_with("ff") {
                Malformed::Version(version.into())
            } else {
                Malformed::None
            });
        }
        let fingerprint = match (print.len(), u32::from_str_radix(print, 16)) {
            (8, Ok(number)) => number,
            _ => return Err(Malformed::Fingerprint(print.into())),
        };
        let setting = |part: &str| {
            let (name, value) = part.split_once('=')?;
            Some((name.to_string(), value.parse().ok()?))
        };
        let settings = settings.split(',').filter(|part| !part.is_empty());
        let settings: Result<_, _> =
            settings.map(|part| setting(part).ok_or_else(|| Malformed::Setting(part.into()))).collect();
        let mut schedule = Schedule { fingerprint, settings: settings?, steps: Vec::new(), cycle: None };
        Reader { text: steps.as_bytes(), at: 0 }.read(&mut schedule)?;
        Ok(schedule)
    }
}

/// Reads steps.
struct Reader<'t> {
    text: &'t [u8],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn wrong(&self) -> Malformed {
        let shown = String::from_utf8_lossy(&self.text[self.at.min(self.text.len())..]);
        Malformed::Step(self.at + 1, shown.chars().next().unwrap_or('␄'))
    }

    fn number(&mut self) -> Result<Option<u32>, Malformed> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if start == self.at {
            return Ok(None);
        }
        let digits = std::str::from_utf8(&self.text[start..self.at]).unwrap_or("");
        digits.parse().map(Some).map_err(|_| Malformed::Long)
    }

    fn actor(&mut self) -> Result<u32, Malformed> {
        let mut actor = 0u32;
        while let Some(byte @ b'A'..=b'Z') = self.peek() {
            actor = actor * 26 + u32::from(byte - b'A') + 1;
            if actor > MAX_ACTOR {
                return Err(self.wrong());
            }
            self.at += 1;
        }
        match self.peek() {
            Some(byte @ b'a'..=b'z') => {
                self.at += 1;
                Ok(actor * 26 + u32::from(byte - b'a'))
            }
            _ => Err(self.wrong()),
        }
    }

    fn read(&mut self, schedule: &mut Schedule) -> Result<(), Malformed> {
        while self.at < self.text.len() {
            if self.peek() == Some(b'~') && schedule.cycle.is_none() {
                schedule.cycle = Some(schedule.steps.len());
                self.at += 1;
                continue;
            }
            let actor = self.actor()?;
            let (mut variant, mut count) = (0, None);
            if self.peek() == Some(b':') {
                self.at += 1;
                variant = self.number()?.ok_or_else(|| self.wrong())?;
                if self.peek() == Some(b'+') {
                    self.at += 1;
                    count = Some(self.number()?.ok_or_else(|| self.wrong())?);
                }
            } else {
                count = self.number()?;
            }
            let count = count.unwrap_or(1) as usize;
            if schedule.steps.len() + count > MAX_STEPS {
                return Err(Malformed::Long);
            }
            schedule.steps.extend(std::iter::repeat_n((ActorId(actor), variant), count));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let steps =
            [(0, 0), (0, 0), (25, 0), (26, 1), (26, 1), (701, 0), (702, 3), (999, 0), (23, 2), (23, 2)];
        for cycle in [None, Some(0), Some(1), Some(4), Some(10)] {
            let schedule = Schedule {
                fingerprint: 0xab,
                settings: vec![("N".into(), 5), ("MAX_X".into(), -3)],
                steps: steps.iter().map(|(actor, variant)| (ActorId(*actor), *variant)).collect(),
                cycle: cycle.filter(|at| *at < steps.len()),
            };
            assert_eq!(schedule.to_string().parse(), Ok(schedule.clone()), "{schedule}");
        }
    }

    #[test]
    fn what_is_damaged_is_refused() {
        let bad = [
            "",
            "hello",
            "ff2.00000000..a",
            "ff1.0000000..a",
            "ff1.00000000.N.a",
            "ff1.00000000..a~b~c",
            "ff1.00000000..A",
            "ff1.00000000..3a",
            "ff1.00000000..a:",
            "ff1.00000000..ä",
            "ff1.00000000..a99999999999",
            "ff1.00000000..a2000000",
            "ff1.00000000..ZZZZZZa",
        ];
        for text in bad {
            assert!(text.parse::<Schedule>().is_err(), "{text}");
        }
    }
}
