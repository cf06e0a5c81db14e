//! `fiveforks show`

use super::{Exit, ready};
use crate::cli::ProgramArgs;
use crate::lang::Source;
use crate::program::{ActorId, disassemble};
use crate::report::Style;

pub fn show(args: &ProgramArgs, bytecode: bool, actor: Option<u32>) -> anyhow::Result<Exit> {
    let ready = ready(args)?;
    let program = &ready.program;
    if bytecode {
        let total = program.actors.len() as u32;
        if let Some(actor) = actor {
            anyhow::ensure!(actor < total, "there is no actor {actor}; there are {total}, counted from 0");
        }
        // Without a choice, one actor of each role.
        let firsts = program.roles.iter().filter(|r| r.count > 0).map(|r| r.base);
        let shown: Vec<ActorId> = actor.map_or_else(|| firsts.collect(), |actor| vec![ActorId(actor)]);
        let texts: Vec<String> = shown.into_iter().map(|actor| disassemble(program, actor)).collect();
        say_on!("{}", texts.join("\n"));
        return Ok(Exit::Fine);
    }
    let style = Style::for_terminal(std::io::IsTerminal::is_terminal(&std::io::stdout()));
    if let Some(problem) = &ready.loaded.sources.problem {
        numbered(problem, style);
        say!();
    }
    numbered(&ready.loaded.sources.solution, style);
    Ok(Exit::Fine)
}

fn numbered(source: &Source, style: Style) {
    say!("{}", style.bold(&source.name));
    for (at, line) in source.text.lines().enumerate() {
        let shown: String = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        say!("{:>4}  {shown}", at + 1);
    }
}
