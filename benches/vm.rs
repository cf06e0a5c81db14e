//! The virtual machine between two visible operations: instructions per second, beside the same loop compiled.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use fiveforks::lang::{Scope, Source, Sources, compile};
use fiveforks::vm::{Frame, Request, step};
use std::hint::black_box;

/// A loop of local instructions: six for each round (compare, branch, remainder, two sums, jump).
const TEXT: &str = "shared x = 0\nrole r:\n    idle\n    busy by work()\nprocess r:\n    work()\n    loop:\n        let n = 0\n        \
    let sum = 0\n        while n < 1000:\n            sum = sum + n % 7\n            n = n + 1\n        x = sum\n";

fn interpreted(c: &mut Criterion) {
    let sources =
        Sources { problem: None, solution: Source { name: "bench.fork".into(), text: TEXT.into() } };
    let program = compile(&sources, &[], Scope::All).expect("it compiles").program;
    let code = &program.actors[0].code;
    let mut frame = Frame::new(code);
    // To the first write, and then once more, counting the instructions of a round.
    let to_write = |frame: &mut Frame| loop {
        let request = step(code, frame);
        if request != Request::Pause {
            frame.complete(code, 0);
        }
        if matches!(request, Request::Write { .. }) {
            return;
        }
    };
    to_write(&mut frame);
    let inside = code.instructions.iter().filter(|i| !i.is_visible()).count() as u64 - 3;
    let mut group = c.benchmark_group("local instructions");
    group.throughput(Throughput::Elements(inside * 1000));
    group.bench_function("interpreted", |b| b.iter(|| to_write(black_box(&mut frame))));
    group.bench_function("the same loop in Rust", |b| {
        b.iter(|| (0..black_box(1000)).fold(0i32, |sum, n| black_box(sum + n % 7)));
    });
    group.finish();
}

criterion_group!(benches, interpreted);
criterion_main!(benches);
