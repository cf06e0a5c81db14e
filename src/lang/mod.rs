//! Text to [`Program`]: lexer, blocks, parser, names, checks, instructions. Pure: it reads no file and no clock.

mod ast;
mod blocks;
mod builtin;
mod check;
mod compile;
mod diagnostic;
mod format;
mod ground;
mod items;
mod lexer;
pub mod limits;
mod model;
mod parser;
mod resolve;
mod span;
mod suggest;

pub use builtin::{BUILTINS, Builtin};
pub use diagnostic::{Diagnostic, Diagnostics, Kind, Severity};
pub use format::format;
pub use parser::about;
pub use resolve::Settings;
pub use span::{FileId, Lines, Source, Sources, Span};

use ast::ItemKind;
use limits::{MAX_PORTS, MAX_TOTAL_INSTRUCTIONS};
use model::Model;

use crate::program::{Actor, Code, MayRelease, Ports, Program, RoleId};

/// Which actors to make instructions for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All of them.
    All,
    /// One, by its number: what a process needs that plays this actor. The others have no instructions.
    Only(u32),
}

/// A program with the warnings about its text.
#[derive(Debug)]
pub struct Compiled {
    /// The program.
    pub program: Program,
    /// Warnings; no errors.
    pub warnings: Diagnostics,
}

/// Compiles a program. What is wrong with it comes back in one piece.
pub fn compile(sources: &Sources, settings: &Settings, scope: Scope) -> Result<Compiled, Diagnostics> {
    let mut out = Diagnostics::default();
    let problem = sources.problem.as_ref().map(|p| parser::parse(FileId::Problem, &p.text, &mut out));
    let solution = parser::parse(FileId::Solution, &sources.solution.text, &mut out);
    let mut model = resolve::resolve(sources, problem.as_ref(), &solution, settings, out);
    check::check(&mut model);
    if !model.out.has_errors() {
        items::check(&mut model);
    }
    ground::ground(&mut model, problem.as_ref().unwrap_or(&solution));
    if model.out.has_errors() {
        return Err(model.out.errors());
    }
    instructions(&mut model, scope);
    if model.out.has_errors() {
        return Err(model.out.errors());
    }
    let mut program = model.program;
    program.hash = hash(sources, settings);
    Ok(Compiled { program, warnings: model.out })
}

/// The name of the problem that a solution says it solves, by its line `problem: NAME`.
pub fn named_problem(text: &str) -> Option<String> {
    let file = parser::parse(FileId::Solution, text, &mut Diagnostics::default());
    file.items.into_iter().find_map(|item| match item.kind {
        ItemKind::ProblemName { name } => Some(name),
        _ => None,
    })
}

/// Makes the actors, each with its instructions.
fn instructions(model: &mut Model<'_>, scope: Scope) {
    let mut common = compile::Common::default();
    let mut out = Diagnostics::default();
    let mut actors = Vec::new();
    let (mut total, mut ports) = (0, 0);
    for (role, declared) in model.program.roles.iter().enumerate() {
        // One actor's error is that of all who play its role: the others are not compiled then.
        let before = out.iter().count();
        for index in 0..declared.count {
            let wanted = scope == Scope::All || scope == Scope::Only(actors.len() as u32);
            let code = match wanted && out.iter().count() == before {
                true => compile::actor(model, role, index, &mut common, &mut out),
                false => Code::default(),
            };
            total += code.instructions.len();
            let actor = Actor {
                role: RoleId(role as u32),
                index,
                release: MayRelease::of(&code),
                ports: Ports::of(&code),
                code,
            };
            ports += actor.ports.len() as usize;
            actors.push(actor);
            if total > MAX_TOTAL_INSTRUCTIONS || ports > MAX_PORTS {
                let Some(process) = &model.processes[role] else { continue };
                let message = format!(
                    "all actors together have more than {MAX_TOTAL_INSTRUCTIONS} instructions, or touch semaphores \
                     in more than {MAX_PORTS} ways"
                );
                out.push(Diagnostic::error(Kind::Limit, process.span, message).help("use fewer actors"));
                break;
            }
        }
    }
    model.out.append(out);
    for (at, channel) in model.program.channels.iter_mut().enumerate() {
        channel.values = common.width(at);
    }
    model.program.texts = common.texts;
    model.program.actors = actors;
}

/// A short number that says which texts these are, whatever the settings.
pub fn fingerprint(sources: &Sources) -> u32 {
    let hash = hash(sources, &[]);
    (hash ^ hash >> 32) as u32
}

/// FNV-1a (Fowler, Noll, Vo) over the texts and the settings: equal exactly where the program is, for all that matters.
fn hash(sources: &Sources, settings: &Settings) -> u64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let mut add = |bytes: &[u8]| {
        for byte in bytes.iter().chain([&0xff]) {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    };
    add(env!("CARGO_PKG_VERSION").as_bytes());
    add(sources.problem.as_ref().map_or(&[], |p| p.text.as_bytes()));
    add(sources.solution.text.as_bytes());
    for (name, value) in settings {
        add(name.as_bytes());
        add(&value.to_le_bytes());
    }
    hash
}
