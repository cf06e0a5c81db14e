//! The virtual machine, driven by hand.

use fiveforks::program::value::{self, Fault};
use fiveforks::program::{BinaryOp, CellId};
use fiveforks::vm::{Frame, Request, step};

use crate::support::compile;

/// Runs one actor on a world of its own until it ends; gives the requests.
fn requests(body: &str, cells: &mut [i32]) -> Vec<Request> {
    let indented: String = body.lines().map(|line| format!("    {line}\n")).collect();
    let text = format!(
        "shared x = 0\nshared a[3] = 0\nsemaphore s = 1\nrole r[2]:\n    idle\n    busy by work()\n\
         def twice(n):\n    return n + n\ndef under(t, k):\n    wait(t)\n    x = k\n    signal(t)\n\
         process r(i):\n    work()\n    wait(s)\n    signal(s)\n{indented}"
    );
    let program = compile(&text);
    let code = &program.actors[0].code;
    let mut frame = Frame::new(code);
    let mut seen = Vec::new();
    for _ in 0..10_000 {
        let request = step(code, &mut frame);
        seen.push(request);
        let result = match request {
            Request::Read { cell } => cells[cell.index()],
            Request::Write { cell, value } => {
                cells[cell.index()] = value;
                0
            }
            Request::Exit => break,
            Request::Fault { fault, .. } if fault != Fault::Assertion => break,
            Request::Pause => break,
            _ => 1,
        };
        frame.complete(code, result);
    }
    seen.split_off(4)
}

#[test]
fn adding_to_a_shared_variable_is_a_read_and_a_write() {
    let mut cells = [7, 0, 0, 0];
    let seen = requests("x = x + 1", &mut cells);
    let x = CellId(0);
    assert_eq!(seen, [Request::Read { cell: x }, Request::Write { cell: x, value: 8 }, Request::Exit]);
}

#[test]
fn control_flow_computes_what_it_should() {
    let body = "let sum = 0\nfor k in 1..10:\n    if k % 2 == 0:\n        continue\n    if k == 9:\n        break\n    \
                sum = sum + k\nlet n = 0\nwhile n < 3:\n    n = n + 1\nloop:\n    n = n + 1\n    if n > 10:\n        \
                break\nx = sum * 100 + n + twice(3) + min(2, n) + max(1, 2)";
    let mut cells = [0; 4];
    requests(body, &mut cells);
    assert_eq!(cells[0], (1 + 3 + 5 + 7) * 100 + 11 + 6 + 2 + 2);
}

#[test]
fn and_or_do_not_read_what_they_need_not() {
    let mut cells = [1, 0, 0, 0];
    let seen =
        requests("let b = x == 1 or a[0] == 1\nlet c = x == 0 and a[1] == 1\na[2] = b + c", &mut cells);
    let reads = seen.iter().filter(|r| matches!(r, Request::Read { .. })).count();
    assert_eq!((reads, cells[3]), (2, 1));
}

#[test]
fn a_def_takes_a_semaphore() {
    let mut cells = [0; 4];
    let seen = requests("under(s, 5)", &mut cells);
    assert!(matches!(seen[0], Request::Wait { .. }) && matches!(seen[2], Request::Signal { .. }), "{seen:?}");
    assert_eq!(cells[0], 5);
}

#[test]
fn an_index_outside_is_a_fault_and_not_a_panic() {
    let mut cells = [3, 0, 0, 0];
    let seen = requests("a[x] = 1", &mut cells);
    assert_eq!(seen.last(), Some(&Request::Fault { fault: Fault::Index, text: None }));
    let mut cells = [-1, 0, 0, 0];
    assert!(matches!(requests("a[x] = 1", &mut cells).last(), Some(Request::Fault { .. })));
}

#[test]
fn an_await_reads_its_variables_again() {
    let mut cells = [0, 0, 0, 0];
    let program = compile(
        "shared x = 0\nrole r:\n    idle\n    busy by work()\nprocess r:\n    work()\n    await x == 2\n    x = 3\n",
    );
    let code = &program.actors[0].code;
    let mut frame = Frame::new(code);
    let mut seen = Vec::new();
    while seen.len() < 9 {
        let request = step(code, &mut frame);
        seen.push(request);
        let result = if let Request::Read { cell } = request { cells[cell.index()] } else { 0 };
        cells[0] += i32::from(request == Request::Spin);
        frame.complete(code, result);
    }
    let read = Request::Read { cell: CellId(0) };
    assert_eq!(seen[2..7], [read, Request::Spin, read, Request::Spin, read]);
    assert_eq!(seen[7], Request::Write { cell: CellId(0), value: 3 });
}

#[test]
fn a_loop_without_visible_steps_does_not_hold_the_driver() {
    let mut cells = [0; 4];
    assert_eq!(requests("loop:\n    pass", &mut cells), [Request::Pause]);
}

#[test]
fn arithmetic_fails_instead_of_wrapping() {
    assert_eq!(value::binary(BinaryOp::Add, i32::MAX, 1), Err(Fault::Overflow));
    assert_eq!(value::binary(BinaryOp::Divide, i32::MIN, -1), Err(Fault::Overflow));
    assert_eq!(value::binary(BinaryOp::Divide, 1, 0), Err(Fault::DivisionByZero));
    assert_eq!(value::binary(BinaryOp::Remainder, -1, 5), Ok(4));
    assert_eq!(value::binary(BinaryOp::Remainder, -1, -5), Ok(4));
    assert_eq!(value::binary(BinaryOp::Remainder, i32::MIN, i32::MIN), Ok(0));
    assert_eq!(value::binary(BinaryOp::Remainder, 7, 0), Err(Fault::DivisionByZero));
}
