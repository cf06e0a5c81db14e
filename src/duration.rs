//! Times as users write them: `10s`, `500ms`, `2m`, `1h`.

use std::time::Duration;

/// Reads a time. The error says what to write instead.
pub fn parse(text: &str) -> Result<Duration, String> {
    let expected = || format!("`{text}` is no time; write for instance 10s, 500ms or 2m");
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(expected)?;
    let number: f64 = text[..split].parse().map_err(|_| expected())?;
    let seconds = match &text[split..] {
        "ms" => number / 1e3,
        "s" => number,
        "m" | "min" => number * 60.0,
        "h" => number * 3600.0,
        _ => return Err(expected()),
    };
    Duration::try_from_secs_f64(seconds)
        .ok()
        .filter(|d| *d <= MAX)
        .ok_or_else(|| format!("`{text}` is too long; at most 1000h"))
}

/// The longest time that can be asked for.
const MAX: Duration = Duration::from_secs(1000 * 3600);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_write() {
        assert_eq!(parse("10s"), Ok(Duration::from_secs(10)));
        assert_eq!(parse("1.5s"), Ok(Duration::from_millis(1500)));
        assert_eq!(parse("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse("2m"), Ok(Duration::from_secs(120)));
    }

    #[test]
    fn says_what_to_write() {
        for wrong in ["", "10", "s", "-1s", "1.2.3s", "10 s", "9999999h", "1e3s", "ms"] {
            let error = parse(wrong).expect_err(wrong);
            assert!(error.contains("write for instance") || error.contains("at most"), "{error}");
        }
    }
}
