//! The syntax tree: what a text says, before names mean anything.

use super::span::{Name, Span};

/// One parsed text.
#[derive(Debug, Default)]
pub struct File {
    /// The comment block at the top, which the screens show.
    pub about: String,
    /// The declarations, in order.
    pub items: Vec<Item>,
}

/// One declaration.
#[derive(Debug)]
pub struct Item {
    /// What it declares.
    pub kind: ItemKind,
    /// Its first line.
    pub span: Span,
}

/// The declarations of the language.
#[derive(Debug)]
#[allow(missing_docs)]
pub enum ItemKind {
    /// `problem Dining Philosophers`
    Problem { title: String },
    /// `problem: dining-philosophers`, in a solution outside the catalogue.
    ProblemName { name: String },
    /// `solution Left fork first`
    Solution { title: String },
    /// `const N = 5 in 2..64`
    Const { name: Name, value: Expr, range: Option<(Expr, Expr)> },
    /// `shared buffer[SLOTS] = 0 in 0..9`
    Shared { name: Name, size: Option<Expr>, init: Option<Expr>, range: Option<(Expr, Expr)> },
    /// `semaphore fork[N] = 1`, `fair semaphore …`
    Semaphore { fair: bool, name: Name, size: Option<Expr>, init: Option<Expr> },
    /// `mutex m`
    Mutex { name: Name, size: Option<Expr>, recursive: bool, fair: bool },
    /// `monitor table:` and what it guards
    Monitor { name: Name, hoare: bool, items: Vec<Item> },
    /// `condition self[N]`, inside a monitor
    Condition { name: Name, size: Option<Expr>, monitor: Name },
    /// `rwlock db`, `rwlock db prefer writers`, `fair rwlock db`
    RwLock { name: Name, size: Option<Expr>, preference: Preference },
    /// `barrier b = N`
    Barrier { name: Name, size: Option<Expr>, parties: Option<Expr> },
    /// `channel c[N] size 4`
    Channel { name: Name, size: Option<Expr>, capacity: Option<Expr> },
    /// `role philosopher[N]:` and its states
    Role { name: Name, count: Option<Expr>, states: Vec<State>, pace: Option<(Expr, Expr)> },
    /// `always "…" if c:` and `possible "…" if c:`
    Property { always: bool, label: String, guard: Option<Expr>, conditions: Vec<Expr> },
    /// `progress "…":` `role: from leads to to`
    Progress { label: String, guard: Option<Expr>, claims: Vec<LeadsTo> },
    /// `items "…": produce to consume`
    Items { label: String, produce: Name, consume: Name },
    /// `scene table`
    Scene { name: Name },
    /// `check with N = 2, 3, 4`
    CheckWith { name: Name, values: Vec<Expr> },
    /// `expect starvation under weak`
    Expect { verdict: Name, under: Option<Name> },
    /// `fixed by ordered`
    FixedBy { name: String },
    /// `process philosopher(i):`
    Process { name: Name, parameter: Option<Name>, body: Vec<Stmt> },
    /// `def put_down(f):`
    Def { name: Name, parameters: Vec<Name>, body: Vec<Stmt>, monitor: Option<Name> },
}

/// One line of a role.
#[derive(Debug)]
pub struct State {
    /// The state's name.
    pub name: Name,
    /// How an actor gets into it.
    pub entry: Entry,
}

/// How an actor enters a state.
#[derive(Debug)]
#[allow(missing_docs)]
pub enum Entry {
    /// Shown between activities.
    Plain,
    /// `eating by eat() for 200ms..600ms`
    By { activity: Name, parameters: Vec<Name>, time: Option<Box<(Expr, Expr)>> },
    /// `sitting on sit()`
    On { activity: Name },
}

/// `philosopher: hungry leads to eating`
#[derive(Debug)]
#[allow(missing_docs)]
pub struct LeadsTo {
    pub role: Name,
    pub from: Name,
    pub to: Name,
}

/// A statement.
#[derive(Debug)]
pub struct Stmt {
    /// What it does.
    pub kind: StmtKind,
    /// Its line, without a block.
    pub span: Span,
}

/// The statements of the language.
#[derive(Debug)]
#[allow(missing_docs)]
pub enum StmtKind {
    Let {
        name: Name,
        value: Expr,
    },
    /// `let a, b = receive(c)`
    LetMany {
        names: Vec<Name>,
        value: Expr,
    },
    Assign {
        target: Expr,
        value: Expr,
    },
    Expr(Expr),
    If {
        arms: Vec<(Expr, Vec<Stmt>)>,
        otherwise: Vec<Stmt>,
    },
    While {
        condition: Expr,
        body: Vec<Stmt>,
    },
    Loop {
        body: Vec<Stmt>,
    },
    For {
        name: Name,
        low: Expr,
        high: Expr,
        body: Vec<Stmt>,
    },
    Break,
    Continue,
    Return(Option<Expr>),
    Await(Expr),
    Assert(Expr),
    Pass,
    Exit,
}

/// An expression.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: Span,
}

/// The expressions of the language.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub enum ExprKind {
    Int(i32),
    /// Milliseconds.
    Duration(i32),
    Text(String),
    Name(String),
    Index(Name, Box<Expr>),
    Call(Name, Vec<Expr>),
    Unary(UnaryOp, Box<Expr>),
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// `low..high`, both included; only where a range belongs.
    Range(Box<Expr>, Box<Expr>),
    /// `philosopher[i] is eating`
    Is(Box<Expr>, Name),
    /// `all i in a..b if g: e` and `any …`
    Quantifier {
        all: bool,
        name: Name,
        low: Box<Expr>,
        high: Box<Expr>,
        guard: Option<Box<Expr>>,
        body: Box<Expr>,
    },
}

pub use crate::program::{BinaryOp, Preference, UnaryOp};
