#![doc = include_str!("README.md")]

pub mod lang;
pub mod mechanism;
pub mod program;
pub mod snapshot;
pub mod sync;
pub mod vm;

pub mod check;
pub mod export;
pub mod schedule;

pub mod board;
pub mod inspect;
pub mod ipc;
pub mod monitor;
pub mod os;
pub mod run;

pub mod kernel;
pub mod replay;

pub mod catalogue;
pub mod lab;
pub mod record;
pub mod report;
pub mod tui;

pub mod app;
pub mod cli;
mod duration;
