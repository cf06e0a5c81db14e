//! The texts of a program on its board, so that an actor or a second terminal needs nothing else to know the program.

use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

use crate::lang::{Source, Sources};
use crate::mechanism::Mechanism;

/// What a board says about its program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Texts {
    /// The program's name, as the user gave it.
    pub program: String,
    /// The problem's text and name, if it is a text of its own.
    pub problem: Option<(String, String)>,
    /// The solution's name and text.
    pub solution: (String, String),
    /// Settings of constants.
    pub settings: Vec<(String, i32)>,
    /// What carries the messages of its channels.
    #[serde(default)]
    pub over: Mechanism,
}

impl Texts {
    /// For a program of this name.
    pub fn of(program: &str, sources: &Sources, settings: &[(String, i32)]) -> Texts {
        let pair = |source: &Source| (source.name.clone(), source.text.clone());
        Texts {
            program: program.to_string(),
            problem: sources.problem.as_ref().map(pair),
            solution: pair(&sources.solution),
            settings: settings.to_vec(),
            over: Mechanism::default(),
        }
    }

    /// The same, with this to carry the messages.
    pub fn over(self, over: Mechanism) -> Texts {
        Texts { over, ..self }
    }

    /// As the compiler wants them.
    pub fn sources(&self) -> Sources {
        let source = |(name, text): &(String, String)| Source { name: name.clone(), text: text.clone() };
        Sources { problem: self.problem.as_ref().map(source), solution: source(&self.solution) }
    }

    /// As bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The reverse of [`Texts::to_bytes`].
    pub fn from_bytes(bytes: &[u8]) -> Option<Texts> {
        serde_json::from_slice(bytes).ok()
    }
}

/// Writes bytes into words.
pub fn write(words: &[AtomicU64], bytes: &[u8]) {
    for (word, chunk) in words.iter().zip(bytes.chunks(8)) {
        let mut eight = [0; 8];
        eight[..chunk.len()].copy_from_slice(chunk);
        word.store(u64::from_le_bytes(eight), Ordering::Relaxed);
    }
}

/// Reads `len` bytes from words.
pub fn read(words: &[AtomicU64], len: usize) -> Vec<u8> {
    let bytes = words.iter().flat_map(|word| word.load(Ordering::Relaxed).to_le_bytes());
    bytes.take(len).collect()
}
