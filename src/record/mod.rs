//! Recordings: what was seen of a run, in a file of lines of JSON. The first line says what ran, each further one is a
//! picture, the last but one holds what was seen beside them, and the last one how many lines there are and their
//! checksum, so that a file that was cut off or altered is known for one.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::board::Texts;
use crate::catalogue::RECORDING;
use crate::lab::{Beside, History, Picture, Subject};

/// Changes whenever older programs could not read newer recordings.
const VERSION: u32 = 1;
/// The word that a recording begins with.
const MAGIC: &str = "fiveforks recording";
/// Longer lines are no recording of ours: a picture of 1000 actors has some hundred kilobytes.
const MAX_LINE: u64 = 64 << 20;

/// What ran.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Header {
    format: String,
    version: u32,
    tool: String,
    /// The program.
    pub texts: Texts,
    /// What all random times came from.
    pub seed: u64,
    /// The schedule that the processes were led through, so that others can be led through it again; none of a run in which
    /// they were free.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<String>,
}

/// The last line.
#[derive(Debug, Serialize, Deserialize)]
struct End {
    lines: u64,
    checksum: String,
}

impl Header {
    /// For a run of a program.
    pub fn new(texts: Texts, seed: u64) -> Header {
        let tool = env!("CARGO_PKG_VERSION").into();
        Header { format: MAGIC.into(), version: VERSION, tool, texts, seed, schedule: None }
    }

    /// Of processes that were led through a schedule.
    pub fn led_by(self, schedule: &str) -> Header {
        Header { schedule: Some(schedule.into()), ..self }
    }
}

/// Why a recording could not be written or read.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {why}")]
pub struct RecordError {
    path: String,
    why: String,
}

fn error(path: &Path, why: impl ToString) -> RecordError {
    RecordError { path: path.display().to_string(), why: why.to_string() }
}

/// FNV-1a (Fowler, Noll, Vo), over all lines.
#[derive(Clone, Copy)]
struct Checksum(u64);

impl Checksum {
    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}

const START: Checksum = Checksum(0xcbf2_9ce4_8422_2325);

/// Writes a recording, whole or not at all. Gives the number of pictures.
pub fn save(path: &Path, header: &Header, history: &History) -> Result<usize, RecordError> {
    let beside = path.with_extension(format!("{RECORDING}-new"));
    let written = write(&beside, header, history).and_then(|()| fs::rename(&beside, path));
    written.map_err(|source| {
        let _ = fs::remove_file(&beside);
        error(path, format!("cannot write the recording: {source}"))
    })?;
    Ok(history.len())
}

fn write(path: &Path, header: &Header, history: &History) -> std::io::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    let (mut sum, mut lines) = (START, 0);
    let mut line = |text: String| {
        lines += 1;
        sum.add(text.as_bytes());
        writeln!(out, "{text}")
    };
    line(serde_json::to_string(header)?)?;
    for picture in history.pictures() {
        line(serde_json::to_string(picture)?)?;
    }
    line(serde_json::to_string(&history.beside)?)?;
    let end = End { lines, checksum: format!("{:016x}", sum.0) };
    writeln!(out, "{}", serde_json::to_string(&end)?)?;
    out.flush()
}

/// A recording that was read.
#[derive(Debug)]
pub struct Recording {
    /// What ran.
    pub header: Header,
    /// Its program, compiled.
    pub subject: Arc<Subject>,
    /// What was seen.
    pub history: History,
}

/// Reads a recording.
pub fn open(path: &Path) -> Result<Recording, RecordError> {
    let lines = lines(path)?;
    let [first, pictures @ .., beside, last] = lines.as_slice() else {
        return Err(error(path, "this is no recording, or only the beginning of one"));
    };
    let header: Header = serde_json::from_str(first)
        .ok()
        .filter(|header: &Header| header.format == MAGIC)
        .ok_or_else(|| error(path, "this is no recording of fiveforks: the first line is not one's"))?;
    if header.version != VERSION {
        let why = format!("a recording of version {}, and this fiveforks reads {VERSION}", header.version);
        return Err(error(path, why));
    }
    let end: End = serde_json::from_str(last).map_err(|_| {
        error(path, "the end of the recording is missing: it was cut off while written or copied")
    })?;
    let mut sum = START;
    lines[..lines.len() - 1].iter().for_each(|line| sum.add(line.as_bytes()));
    if end.lines != lines.len() as u64 - 1 || end.checksum != format!("{:016x}", sum.0) {
        return Err(error(path, "the recording was altered: its checksum does not fit"));
    }
    let altered = |number: usize| error(path, format!("line {} is no part of a recording", number + 1));
    let pictures: VecDeque<(Duration, Picture)> = pictures
        .iter()
        .enumerate()
        .map(|(at, line)| serde_json::from_str(line).map_err(|_| altered(at + 1)))
        .collect::<Result<_, RecordError>>()?;
    let beside: Beside = serde_json::from_str(beside).map_err(|_| altered(lines.len() - 2))?;
    let subject = Subject::of_texts(&header.texts).map_err(|trouble| {
        error(path, format!("its program does not compile with this version:\n{}", trouble.text))
    })?;
    let history = History::restore(&subject.program, pictures, beside)
        .ok_or_else(|| error(path, "its pictures are not of its program"))?;
    Ok(Recording { header, subject, history })
}

fn lines(path: &Path) -> Result<Vec<String>, RecordError> {
    use std::io::Read;
    let file = File::open(path).map_err(|source| error(path, format!("cannot open it: {source}")))?;
    let mut reader = BufReader::new(file);
    let mut lines = Vec::new();
    loop {
        let mut bytes = Vec::new();
        let read = reader.by_ref().take(MAX_LINE).read_until(b'\n', &mut bytes);
        match read {
            Ok(0) => return Ok(lines),
            Ok(_) if bytes.last() != Some(&b'\n') => {
                return Err(error(path, "the end of the recording is missing: it was cut off, or is none"));
            }
            Ok(_) => bytes.pop(),
            Err(source) => return Err(error(path, format!("cannot read it: {source}"))),
        };
        lines
            .push(String::from_utf8(bytes).map_err(|_| error(path, "this is no recording: it is not text"))?);
    }
}
