//! The operations that the language brings along.

/// What an argument must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// A number.
    Value,
    /// A semaphore.
    Semaphore,
    /// A semaphore, or a condition.
    Waitable,
    /// A condition.
    Condition,
    /// A mutex.
    Mutex,
    /// A mutex that is neither recursive nor fair.
    PlainMutex,
    /// A mutex or a read-write lock.
    Lock,
    /// A read-write lock.
    RwLock,
    /// A barrier.
    Barrier,
    /// A channel.
    Channel,
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
    /// Its arguments. [`Op::Print`] and [`Op::Send`] take any number of their last one.
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
    LockFor,
    LockRead,
    LockWrite,
    Broadcast,
    Arrive,
    Send,
    Receive,
    TryReceive,
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

use Takes::{
    Barrier, Cell, Channel, Condition, Lock, Mutex, PlainMutex, Printable, Range, RwLock, Semaphore, Time,
    Value, Waitable,
};

/// All of them.
pub const BUILTINS: [Builtin; 27] = [
    builtin("wait", Op::Wait, &[Waitable], false, "wait(s)"),
    builtin("signal", Op::Signal, &[Waitable], false, "signal(s)"),
    builtin("try_wait", Op::TryWait, &[Semaphore], true, "try_wait(s)"),
    builtin("wait_for", Op::WaitFor, &[Semaphore, Time], true, "wait_for(s, 100ms)"),
    builtin("value", Op::Value, &[Semaphore], true, "value(s)"),
    builtin("lock", Op::Lock, &[Mutex], false, "lock(m)"),
    builtin("unlock", Op::Unlock, &[Lock], false, "unlock(m)"),
    builtin("try_lock", Op::TryLock, &[Mutex], true, "try_lock(m)"),
    builtin("lock_for", Op::LockFor, &[PlainMutex, Time], true, "lock_for(m, 100ms)"),
    builtin("lock_read", Op::LockRead, &[RwLock], false, "lock_read(db)"),
    builtin("lock_write", Op::LockWrite, &[RwLock], false, "lock_write(db)"),
    builtin("broadcast", Op::Broadcast, &[Condition], false, "broadcast(c)"),
    builtin("arrive", Op::Arrive, &[Barrier], true, "arrive(b)"),
    builtin("send", Op::Send, &[Channel, Value], false, "send(c, x)"),
    builtin("receive", Op::Receive, &[Channel], true, "let x = receive(c)"),
    builtin("try_receive", Op::TryReceive, &[Channel], true, "let got, x = try_receive(c)"),
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
