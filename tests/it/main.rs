//! The integration tests, one binary. No wait in them is a limit of time in disguise: a watchdog ends what hangs.

mod catalogue;
mod checks;
mod cli;
mod environment;
mod faults;
mod fuzzed;
mod ipc;
mod json;
mod kills;
mod labs;
mod language;
mod monkey;
mod objects;
mod queues;
mod random;
mod replays;
mod screens;
mod spin;
mod stagehand;
mod stuck;
mod support;
mod terminal;
mod tidy;
mod verdicts;
mod vm;
mod walks;
