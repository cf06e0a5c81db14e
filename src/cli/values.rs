//! The values of flags: what users write becomes a value, or an error that says what to write instead.

use std::num::{IntErrorKind, ParseIntError};
use std::path::PathBuf;
use std::str::FromStr;

use crate::board::Speed;
use crate::catalogue::{RECORDING, is_recording};

/// Columns and rows: `120x36`.
pub fn size(text: &str) -> Result<(u16, u16), String> {
    let parsed = text.split_once('x').and_then(|(w, h)| Some((w.parse().ok()?, h.parse().ok()?)));
    match parsed {
        Some((w @ 1..=1000, h @ 1..=500)) => Ok((w, h)),
        _ => Err(format!("`{text}` is no size; write columns x rows, as in 120x36, at most 1000x500")),
    }
}

/// How many threads.
pub fn threads(text: &str) -> Result<usize, String> {
    match number(text) {
        Ok(number @ 1..=256) => Ok(number),
        _ => Err(format!("`{text}` is no number of threads; write 1 to 256")),
    }
}

/// A size of memory in bytes: `500MiB`.
pub fn bytes(text: &str) -> Result<usize, String> {
    let wrong =
        || format!("`{text}` is no size; write a whole number and a unit, as in 500MiB, 4GiB or 1TiB");
    let at = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
    let unit: usize = match &text[at..] {
        "KiB" | "K" | "k" => 1 << 10,
        "MiB" | "M" | "MB" => 1 << 20,
        "GiB" | "G" | "GB" => 1 << 30,
        "TiB" | "T" | "TB" => 1 << 40,
        _ => return Err(wrong()),
    };
    let large = || format!("`{text}` is more than can be addressed; write a smaller size, such as 4GiB");
    let number: usize = text[..at].parse().map_err(|error: ParseIntError| match error.kind() {
        IntErrorKind::PosOverflow => large(),
        _ => wrong(),
    })?;
    match number.checked_mul(unit) {
        Some(0) => Err(format!("`{text}` is nothing; write at least 1KiB")),
        Some(bytes) => Ok(bytes),
        None => Err(large()),
    }
}

/// A number in digits alone. The error says what to write instead.
pub fn number<T: FromStr<Err = ParseIntError>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: ParseIntError| match error.kind() {
        IntErrorKind::PosOverflow => format!("`{text}` is too large; write a smaller number"),
        IntErrorKind::NegOverflow => format!("`{text}` is too small; write a larger number"),
        _ => format!(
            "`{text}` is no number; write {}",
            in_digits(text).unwrap_or("digits alone, as in 1000".into())
        ),
    })
}

/// A number that somebody wrote as `1_000`, `1,000` or `1k`, in digits alone.
fn in_digits(text: &str) -> Option<String> {
    let plain = text.replace(['_', ',', '\''], "");
    let (digits, zeros) = match plain.strip_suffix(['k', 'K']) {
        Some(digits) => (digits, "000"),
        None => plain.strip_suffix('M').map_or((plain.as_str(), ""), |digits| (digits, "000000")),
    };
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| format!("{digits}{zeros}"))
}

/// How often to go round a cycle.
pub fn rounds(text: &str) -> Result<u32, String> {
    match number(text)? {
        rounds @ 0..=MAX_ROUNDS => Ok(rounds),
        _ => Err(format!("`{text}` is too many; write at most {MAX_ROUNDS}")),
    }
}

/// How often a cycle can be gone round.
const MAX_ROUNDS: u32 = 100_000;

/// A constant and its value: `N=7`.
pub fn setting(text: &str) -> Result<(String, i32), String> {
    let (name, value) =
        text.split_once('=').ok_or_else(|| format!("`{text}`: write NAME=NUMBER, as in N=7"))?;
    Ok((name.trim().to_string(), number(value.trim())?))
}

/// The fastest that time can be made to go.
const MAX_FACTOR: f64 = 1e6;

/// A factor of human speed, or `max`.
pub fn speed(text: &str) -> Result<Speed, String> {
    if text == "max" {
        return Ok(Speed::MAX);
    }
    let factor: f64 = text.trim_start_matches('×').parse().unwrap_or(f64::NAN);
    if (1e-3..=MAX_FACTOR).contains(&factor) {
        return Ok(Speed((factor * 1e6) as u64));
    }
    Err(format!("`{text}` is no speed; write a factor such as 1, 0.5 or 20, or max"))
}

/// A file to write a recording to.
pub fn recording(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    if !is_recording(&path) {
        return Err(format!("`{text}`: a recording's name ends in .{RECORDING}"));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    match folder.filter(|folder| !folder.is_dir()) {
        Some(folder) => Err(format!("there is no folder {}", folder.display())),
        None => Ok(path),
    }
}
