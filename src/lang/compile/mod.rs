//! Bodies to instructions. `def`s are inlined, so an actor's program is one flat list, and an actor's number is a
//! constant in it: a condition on the number leaves only the branch that is taken.

mod call;
mod expression;
mod message;
mod object;
mod statement;

use std::collections::HashMap;

use super::ast::Stmt;
use super::diagnostic::{Diagnostic, Diagnostics, Kind};
use super::limits::{MAX_CALL_DEPTH, MAX_INSTRUCTIONS, MAX_REGISTERS, MAX_WORK};
use super::model::{Model, Symbol};
use super::span::{Name, Span};
use crate::program::{Code, Instruction, Operand, Place, Register, SyncId, SyncOp, TextId};

/// Stops compiling an actor; the reason was reported.
pub(super) struct Stop;
/// Whether compiling goes on.
pub(super) type Flow<T = ()> = Result<T, Stop>;

/// What the compilation of all actors shares.
#[derive(Debug, Default)]
pub struct Common {
    /// Texts that instructions refer to.
    pub texts: Vec<String>,
    numbers: HashMap<String, u32>,
    /// Statements and expressions compiled so far, those that leave no instruction included.
    work: usize,
    /// For each declaration of channels, how many values its messages have, and where that was seen first.
    widths: HashMap<usize, (u8, Span)>,
}

impl Common {
    /// How many values the messages of a channel have; 0 if nobody sends or receives any.
    pub fn width(&self, channel: usize) -> u8 {
        self.widths.get(&channel).map_or(0, |(values, _)| *values)
    }
}

/// Compiles one actor's program.
pub fn actor(model: &Model<'_>, role: usize, index: u32, common: &mut Common, out: &mut Diagnostics) -> Code {
    let Some(process) = &model.processes[role] else { return Code::default() };
    let mut compiler = Compiler {
        model,
        role,
        index,
        code: Code::default(),
        common,
        out,
        scopes: vec![Vec::new()],
        loops: Vec::new(),
        calls: Vec::new(),
        next_register: 0,
        line: 0,
    };
    if let Some(parameter) = process.parameters.first() {
        let value = Operand::Constant(index as i32);
        compiler.bind(parameter, Local::Value(value));
    }
    let line = model.lines.line(process.span);
    if compiler.body(process.body).is_ok() {
        compiler.line = line;
        let _ = compiler.emit(Instruction::Exit, process.span);
    }
    compiler.code
}

/// What a local name stands for.
#[derive(Clone, Copy)]
enum Local {
    /// A variable, or a constant such as the actor's number.
    Value(Operand),
    /// An object passed to a def, and how it was declared.
    Object(Symbol, Place),
}

/// The jumps of an open loop: where `continue` goes, and the `break`s to mend when its end is known.
struct Loop {
    again: Again,
    breaks: Vec<usize>,
}

enum Again {
    At(u32),
    Pending(Vec<usize>),
}

/// A def being inlined.
struct Call {
    def: usize,
    result: Register,
    returns: Vec<usize>,
    /// The scopes of the caller, which the def does not see.
    hidden: Vec<Vec<(String, Local)>>,
}

struct Compiler<'c, 'a> {
    model: &'c Model<'a>,
    role: usize,
    index: u32,
    code: Code,
    common: &'c mut Common,
    out: &'c mut Diagnostics,
    scopes: Vec<Vec<(String, Local)>>,
    loops: Vec<Loop>,
    calls: Vec<Call>,
    next_register: usize,
    line: u32,
}

impl Compiler<'_, '_> {
    /// Adds an instruction for the current line.
    fn emit(&mut self, instruction: Instruction, span: Span) -> Flow<usize> {
        if self.code.instructions.len() >= MAX_INSTRUCTIONS {
            let message = format!(
                "{} has more than {MAX_INSTRUCTIONS} instructions once its defs are written out",
                self.name()
            );
            self.out.push(Diagnostic::error(Kind::Limit, span, message).label("the limit is passed here"));
            return Err(Stop);
        }
        self.code.instructions.push(instruction);
        self.code.lines.push(self.line);
        Ok(self.code.instructions.len() - 1)
    }

    /// The position of the next instruction.
    fn here(&self) -> u32 {
        self.code.instructions.len() as u32
    }

    /// Lets a jump go to the next instruction.
    fn land(&mut self, jump: usize) {
        let here = self.here();
        match &mut self.code.instructions[jump] {
            Instruction::Jump { to } | Instruction::Branch { to, .. } => *to = here,
            _ => {}
        }
    }

    /// A fresh register.
    fn register(&mut self, span: Span) -> Flow<Register> {
        if self.next_register >= MAX_REGISTERS {
            let message = format!("{} needs more than {MAX_REGISTERS} local variables", self.name());
            self.out.push(Diagnostic::error(Kind::Limit, span, message));
            return Err(Stop);
        }
        let register = Register(self.next_register as u16);
        self.next_register += 1;
        self.code.registers = self.code.registers.max(self.next_register as u16);
        Ok(register)
    }

    fn bind(&mut self, name: &Name, local: Local) {
        if let Local::Value(Operand::Register(register)) = local
            && !self.code.names.iter().any(|(r, _)| *r == register)
        {
            self.code.names.push((register, name.text.clone()));
        }
        if let Some(scope) = self.scopes.last_mut() {
            scope.push((name.text.clone(), local));
        }
    }

    fn lookup(&self, name: &str) -> Option<Local> {
        self.scopes.iter().rev().flatten().rev().find(|(n, _)| n == name).map(|(_, local)| *local)
    }

    /// Compiles statements in a scope of their own; its registers are free again afterwards.
    fn body(&mut self, body: &[Stmt]) -> Flow {
        let registers = self.next_register;
        self.scopes.push(Vec::new());
        let mut result = Ok(());
        for stmt in body {
            result = self.statement(stmt);
            if result.is_err() {
                break;
            }
        }
        self.scopes.pop();
        self.next_register = registers;
        result
    }

    /// The actor's name, for messages.
    fn name(&self) -> String {
        let role = &self.model.program.roles[self.role];
        if role.is_array { format!("{}[{}]", role.name, self.index) } else { role.name.clone() }
    }

    fn text(&mut self, text: &str) -> TextId {
        if let Some(number) = self.common.numbers.get(text) {
            return TextId(*number);
        }
        let number = self.common.texts.len() as u32;
        self.common.texts.push(text.to_string());
        self.common.numbers.insert(text.to_string(), number);
        TextId(number)
    }

    /// Counts a statement or an expression. Defs that call each other and conditions that are known can make much work
    /// and few instructions.
    fn work(&mut self, span: Span) -> Flow {
        self.common.work += 1;
        if self.common.work <= MAX_WORK {
            return Ok(());
        }
        let message = "this program is too large once its defs are written out for every actor";
        let diagnostic = Diagnostic::error(Kind::Limit, span, message).label("the limit is passed here");
        self.out.push(diagnostic.help(format!("at most {MAX_WORK} statements and expressions are compiled")));
        Err(Stop)
    }

    /// Inlines a def with its arguments bound; gives the register of its result.
    fn inline(&mut self, def: usize, bound: Vec<(String, Local)>, span: Span) -> Flow<Register> {
        if self.calls.len() >= MAX_CALL_DEPTH {
            let message = format!("defs call each other more than {MAX_CALL_DEPTH} deep");
            self.out.push(Diagnostic::error(Kind::Limit, span, message));
            return Err(Stop);
        }
        let result = self.register(span)?;
        let line = self.line;
        // From one def of a monitor to another, one stays inside.
        let entered = self.model.defs[def].monitor.filter(|monitor| !self.is_inside(*monitor));
        if let Some(monitor) = entered {
            self.monitor(SyncOp::Enter, monitor, span)?;
        }
        let hidden = std::mem::replace(&mut self.scopes, vec![bound]);
        self.calls.push(Call { def, result, returns: Vec::new(), hidden });
        let body = self.model.defs[def].body;
        let mut flow = Ok(());
        if super::check::gives(body) {
            // A path without `return` gives 0.
            let from = Operand::Constant(0);
            flow = self.emit(Instruction::Copy { to: result, from }, span).map(|_| ());
        }
        if flow.is_ok() {
            flow = self.body(body);
        }
        if let Some(call) = self.calls.pop() {
            self.scopes = call.hidden;
            for jump in call.returns {
                self.land(jump);
            }
        }
        self.line = line;
        flow?;
        if let Some(monitor) = entered {
            self.monitor(SyncOp::Leave, monitor, span)?;
        }
        Ok(result)
    }

    /// Whether a def of this monitor is being inlined.
    fn is_inside(&self, monitor: SyncId) -> bool {
        self.calls.iter().any(|call| self.model.defs[call.def].monitor == Some(monitor))
    }

    fn monitor(&mut self, op: SyncOp, monitor: SyncId, span: Span) -> Flow {
        self.emit(Instruction::Sync { op, sync: Place::Fixed(monitor.0), to: None }, span)?;
        Ok(())
    }
}
