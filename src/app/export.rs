//! `fiveforks export`

use super::{Exit, ready};
use crate::cli::{ProgramArgs, Target};
use crate::export::promela;

pub fn export(args: &ProgramArgs, to: Target) -> anyhow::Result<Exit> {
    let ready = ready(args)?;
    match to {
        Target::Promela => say_on!("{}", promela(&ready.program, &ready.loaded.name)?),
    }
    Ok(Exit::Fine)
}
