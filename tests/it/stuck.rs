//! The stuck rule on pictures made by hand.

use fiveforks::program::{ActorId, Instruction, Object, Program, SemaphoreId, Standing, stuck};

use crate::support::compile;

/// The position of the `nth` wait of an actor's program.
fn wait_at(program: &Program, actor: usize, nth: usize) -> u32 {
    let waits = |i: &Instruction| matches!(i, Instruction::Wait { .. });
    let positions = program.actors[actor].code.instructions.iter().enumerate().filter(|(_, i)| waits(i));
    positions.map(|(at, _)| at as u32).nth(nth).expect("a wait")
}

fn blocked(semaphore: u32, position: u32) -> Standing {
    Standing::Blocked(vec![Object::Semaphore(SemaphoreId(semaphore))], position)
}

fn nothing(_: Object) -> bool {
    false
}

fn actors(numbers: &[u32]) -> Vec<ActorId> {
    numbers.iter().map(|n| ActorId(*n)).collect()
}

const RING: &str = "semaphore fork[3] = 1\nrole p[3]:\n    idle\n    eating by eat()\nprocess p(i):\n    loop:\n        \
    wait(fork[i])\n        wait(fork[(i + 1) % 3])\n        eat()\n        signal(fork[i])\n        \
    signal(fork[(i + 1) % 3])\n";

#[test]
fn a_full_ring_is_stuck() {
    let program = compile(RING);
    let second = wait_at(&program, 0, 1);
    let standings = [blocked(1, second), blocked(2, second), blocked(0, second)];
    assert_eq!(stuck(&program, &standings, &nothing).actors, actors(&[0, 1, 2]));
}

#[test]
fn one_who_moves_frees_the_ring() {
    let program = compile(RING);
    let second = wait_at(&program, 0, 1);
    let eating = second + 2;
    let standings = [blocked(1, second), blocked(2, second), Standing::Moving(eating)];
    assert_eq!(stuck(&program, &standings, &nothing).actors, []);
}

#[test]
fn one_who_still_has_to_pass_the_ring_does_not_free_it() {
    let program = compile(RING);
    let (first, second) = (wait_at(&program, 0, 0), wait_at(&program, 0, 1));
    // Two hold each other's forks, and the third has yet to take its first one, which is gone.
    let standings = [blocked(1, second), blocked(2, second), Standing::Moving(first)];
    assert_eq!(stuck(&program, &standings, &nothing).actors, actors(&[0, 1]));
    // It will join them at its next step, so the picture is not whole yet.
    assert_eq!(stuck(&program, &standings, &nothing).doomed, actors(&[2]));
    // If that fork is there, it may get on and free them.
    let third_fork =
        |object| object == Object::Semaphore(SemaphoreId(2)) || object == Object::Semaphore(SemaphoreId(0));
    assert_eq!(stuck(&program, &standings, &third_fork).actors, []);
}

#[test]
fn one_who_was_not_seen_to_stand_still_may_be_past_any_wait() {
    let program = compile(RING);
    let (first, second) = (wait_at(&program, 0, 0), wait_at(&program, 0, 1));
    let standings = [blocked(1, second), blocked(2, second), Standing::Astray(first)];
    assert_eq!(stuck(&program, &standings, &nothing).actors, []);
}

#[test]
fn the_dead_and_the_done_free_nobody() {
    let program = compile(RING);
    let second = wait_at(&program, 0, 1);
    let standings = [blocked(1, second), Standing::Gone, Standing::Gone];
    assert_eq!(stuck(&program, &standings, &nothing).actors, actors(&[0]));
}

#[test]
fn a_signal_that_can_no_longer_come_is_lost() {
    let program = compile(
        "semaphore go = 0\nrole a:\n    idle\n    busy by work()\nrole b:\n    idle\n    busy by work()\n\
         process a:\n    wait(go)\n    work()\nprocess b:\n    signal(go)\n    loop:\n        work()\n",
    );
    let waiting = blocked(0, wait_at(&program, 0, 0));
    let looping = program.actors[1].code.instructions.len() as u32 - 2;
    assert_eq!(stuck(&program, &[waiting.clone(), Standing::Moving(looping)], &nothing).actors, actors(&[0]));
    assert_eq!(stuck(&program, &[waiting, Standing::Moving(0)], &nothing).actors, []);
}

#[test]
fn a_try_can_always_be_passed() {
    let program = compile(
        "semaphore lock = 1\nsemaphore go = 0\nrole a:\n    idle\n    busy by work()\nrole b:\n    idle\n    \
         busy by work()\nprocess a:\n    wait(go)\n    work()\nprocess b:\n    loop:\n        work()\n        \
         if try_wait(lock):\n            signal(lock)\n        signal(go)\n",
    );
    let standings = [blocked(1, wait_at(&program, 0, 0)), Standing::Moving(0)];
    assert_eq!(stuck(&program, &standings, &nothing).actors, []);
}
