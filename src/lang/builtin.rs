//! The operations that the language brings along.

/// What an argument must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// A number.
    Value,
    /// A semaphore.
    Semaphore,
    /// A mutex.
    Mutex,
    /// A shared variable or an element of one.
    Cell,
    /// A time, or a number of milliseconds.
    Time,
    /// `low..high`
    Range,
    /// A text or a number.
    Printable,
}

/// One operation.
#[derive(Debug)]
pub struct Builtin {
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub op: Op,
    /// Its arguments. [`Op::Print`] takes any number of its one.
    pub takes: &'static [Takes],
    /// Whether it gives a value.
    pub gives: bool,
    /// An example, for error messages.
    pub example: &'static str,
}

/// The operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Op {
    Wait,
    Signal,
    TryWait,
    WaitFor,
    Value,
    Lock,
    Unlock,
    TryLock,
    TestAndSet,
    Swap,
    FetchAdd,
    CompareAndSwap,
    Choose,
    Flip,
    Sleep,
    Print,
    Fence,
    Min,
    Max,
}

const fn builtin(
    name: &'static str,
    op: Op,
    takes: &'static [Takes],
    gives: bool,
    example: &'static str,
) -> Builtin {
    Builtin { name, op, takes, gives, example }
}

use Takes::{Cell, Mutex, Printable, Range, Semaphore, Time, Value};

/// All of them.
pub const BUILTINS: [Builtin; 19] = [
    builtin("wait", Op::Wait, &[Semaphore], false, "wait(s)"),
    builtin("signal", Op::Signal, &[Semaphore], false, "signal(s)"),
    builtin("try_wait", Op::TryWait, &[Semaphore], true, "try_wait(s)"),
    builtin("wait_for", Op::WaitFor, &[Semaphore, Time], true, "wait_for(s, 100ms)"),
    builtin("value", Op::Value, &[Semaphore], true, "value(s)"),
    builtin("lock", Op::Lock, &[Mutex], false, "lock(m)"),
    builtin("unlock", Op::Unlock, &[Mutex], false, "unlock(m)"),
    builtin("try_lock", Op::TryLock, &[Mutex], true, "try_lock(m)"),
    builtin("test_and_set", Op::TestAndSet, &[Cell], true, "test_and_set(x)"),
    builtin("swap", Op::Swap, &[Cell, Value], true, "swap(x, 1)"),
    builtin("fetch_add", Op::FetchAdd, &[Cell, Value], true, "fetch_add(x, 1)"),
    builtin(
        "compare_and_swap",
        Op::CompareAndSwap,
        &[Cell, Value, Value],
        true,
        "compare_and_swap(x, old, new)",
    ),
    builtin("choose", Op::Choose, &[Range], true, "choose(1..6)"),
    builtin("flip", Op::Flip, &[], true, "flip()"),
    builtin("sleep", Op::Sleep, &[Time], false, "sleep(10ms)"),
    builtin("print", Op::Print, &[Printable], false, "print(\"x is\", x)"),
    builtin("fence", Op::Fence, &[], false, "fence()"),
    builtin("min", Op::Min, &[Value, Value], true, "min(a, b)"),
    builtin("max", Op::Max, &[Value, Value], true, "max(a, b)"),
];

/// The operation of that name.
pub fn find(name: &str) -> Option<&'static Builtin> {
    BUILTINS.iter().find(|b| b.name == name)
}
