#![doc = include_str!("README.md")]

pub mod lang;
pub mod program;
pub mod vm;

pub mod os;
