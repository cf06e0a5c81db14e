//! What the measuring process and the two that it measures say to each other: one JSON value a line.

use serde::{Deserialize, Serialize};

use super::figures::{Effort, Times};

/// What a process is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Order {
    /// The other one's process number: open what leads there.
    Partner(i32),
    /// So many messages one way.
    OneWay(u64),
    /// So many messages there and back.
    RoundTrips(u64),
}

/// What it answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Answer {
    /// Everything is open.
    Ready,
    /// It is about to wait for the first message.
    Begun,
    /// The round is over.
    Done(Done),
    /// It gives up.
    Failed(String),
}

/// A round from one side.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Done {
    /// CLOCK_MONOTONIC before its first message and after its last, in nanoseconds.
    pub nanos: (u64, u64),
    /// What it took.
    pub effort: Effort,
    /// How long its round trips took, if it began them.
    pub times: Option<Times>,
}

/// A line.
pub fn line<T: Serialize>(word: &T) -> String {
    // These types have no map with keys that are no strings, which is all that can fail.
    serde_json::to_string(word).unwrap_or_default() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_what_was_meant() {
        for order in [Order::Partner(1), Order::OneWay(u64::MAX), Order::RoundTrips(0)] {
            let line = line(&order);
            assert!(line.ends_with('\n') && line.trim_end().lines().count() == 1);
            assert_eq!(serde_json::from_str::<Order>(&line).expect("a word"), order);
        }
        let times = Times { p50: 1.5, p99: 2.0, mean: 1.75 };
        let effort = Effort { calls: Some(2), switches: None };
        let done = Done { nanos: (1, u64::MAX), effort, times: Some(times) };
        for answer in [Answer::Ready, Answer::Begun, Answer::Done(done), Answer::Failed("a \"b\"\nc".into())]
        {
            let line = line(&answer);
            assert_eq!(line.trim_end().lines().count(), 1);
            assert_eq!(serde_json::from_str::<Answer>(&line).expect("a word"), answer);
        }
    }
}
