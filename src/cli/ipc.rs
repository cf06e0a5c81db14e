//! The command line of `ipc`.

use std::time::Duration;

use clap::Args;

use super::{Format, duration};
use crate::mechanism::Mechanism;

/// What to measure, and how to show it.
#[derive(Debug, Args)]
pub struct IpcArgs {
    /// The mechanisms; without any, all.
    #[arg(value_name = "MECHANISM", value_enum)]
    pub mechanisms: Vec<Mechanism>,
    /// The size of a message: 8, 1KiB, 64KiB. May be given several times.
    #[arg(long = "size", value_name = "SIZE", value_delimiter = ',', value_parser = size, default_value = "8,1KiB,64KiB")]
    pub sizes: Vec<usize>,
    /// How long to measure, all in all; without it, 0.4 s for each mechanism and size.
    #[arg(long = "for", value_name = "TIME", value_parser = duration::parse)]
    pub time: Option<Duration>,
    /// The processors of the two processes; the same one twice shows what changing between processes costs.
    #[arg(long, value_name = "A,B", value_parser = cores)]
    pub cores: Option<[usize; 2]>,
    /// No bars, and plain lines for what is being done, one below the other: for logs and screen readers.
    #[arg(long)]
    pub plain: bool,
    /// Only ASCII characters.
    #[arg(long)]
    pub ascii: bool,
    /// How to write the report.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// The longest message.
const MAX_SIZE: usize = 1 << 20;

fn size(text: &str) -> Result<usize, String> {
    let wrong = || format!("`{text}` is no size of a message; write 1 to 1MiB, as in 8, 1KiB or 64KiB");
    let at = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let unit = match &text[at..] {
        "" | "B" => 1,
        "KiB" | "K" | "k" => 1 << 10,
        "MiB" | "M" => 1 << 20,
        _ => return Err(wrong()),
    };
    let number: usize = text[..at].parse().map_err(|_| wrong())?;
    number.checked_mul(unit).filter(|bytes| (1..=MAX_SIZE).contains(bytes)).ok_or_else(wrong)
}

fn cores(text: &str) -> Result<[usize; 2], String> {
    let parsed =
        text.split_once(',').and_then(|(a, b)| Some([a.trim().parse().ok()?, b.trim().parse().ok()?]));
    parsed.ok_or_else(|| format!("`{text}` names no two processors; write for instance 0,1 or 0,0"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_as_people_write_them() {
        for (text, bytes) in [("8", 8), ("8B", 8), ("1KiB", 1024), ("64k", 65536), ("1MiB", 1 << 20)] {
            assert_eq!(size(text), Ok(bytes));
        }
        for wrong in ["", "0", "-8", "1.5KiB", "2MiB", "8 B", "99999999999999999999", "KiB"] {
            assert!(size(wrong).expect_err(wrong).contains("as in 8"), "{wrong}");
        }
    }

    #[test]
    fn two_processors() {
        assert_eq!(cores("0,1"), Ok([0, 1]));
        assert_eq!(cores("3, 3"), Ok([3, 3]));
        for wrong in ["", "0", "0,", "0,1,2", "-1,0"] {
            assert!(cores(wrong).is_err(), "{wrong}");
        }
    }
}
