//! Which registers an actor still needs: those that may be read before they are written (live variables, A. V. Aho,
//! M. S. Lam, R. Sethi, J. D. Ullman, Compilers, 2006, 9.2.5).

use super::code::Code;
use super::ids::Register;
use super::instruction::{Instruction, Operand, Place};

/// For each position, the registers that are needed from there on.
#[derive(Clone, Debug)]
pub struct Liveness {
    /// Words for each position.
    words: usize,
    bits: Vec<u64>,
}

impl Liveness {
    /// Of a program.
    pub fn of(code: &Code) -> Liveness {
        let words = usize::from(code.registers).div_ceil(64);
        let mut live = Liveness { words, bits: vec![0; words * code.instructions.len()] };
        let mut row = vec![0; words];
        // Backwards passes, until nothing changes.
        let mut changed = words > 0;
        while changed {
            changed = false;
            for (at, instruction) in code.instructions.iter().enumerate().rev() {
                row.fill(0);
                let (next, other) = instruction.successors(at as u32);
                for successor in [next, other].into_iter().flatten() {
                    let from = successor as usize * words;
                    if let Some(bits) = live.bits.get(from..from + words) {
                        row.iter_mut().zip(bits).for_each(|(mine, theirs)| *mine |= theirs);
                    }
                }
                registers(*instruction, &mut |register, reads| {
                    let (word, bit) = (usize::from(register.0) / 64, 1 << (register.0 % 64));
                    if reads { row[word] |= bit } else { row[word] &= !bit }
                });
                let mine = &mut live.bits[at * words..(at + 1) * words];
                if mine != row {
                    mine.copy_from_slice(&row);
                    changed = true;
                }
            }
        }
        live
    }

    /// Sets to 0 what is not needed from a position on, so that states which differ in nothing that matters are equal.
    pub fn clear_dead(&self, position: u32, registers: &mut [i32]) {
        let row = position as usize * self.words;
        for (at, register) in registers.iter_mut().enumerate() {
            let needed = self.bits.get(row + at / 64).is_some_and(|word| word >> (at % 64) & 1 == 1);
            if !needed {
                *register = 0;
            }
        }
    }
}

/// Calls `visit` with the register that an instruction writes, and then with those that it reads.
fn registers(instruction: Instruction, visit: &mut impl FnMut(Register, bool)) {
    use Instruction::*;
    let (mut written, mut operands, mut place) = (None, [None; 2], None);
    match instruction {
        Copy { to, from } => (written, operands) = (Some(to), [Some(from), None]),
        Unary { to, a, .. } => (written, operands) = (Some(to), [Some(a), None]),
        Binary { to, a, b, .. } => (written, operands) = (Some(to), [Some(a), Some(b)]),
        Bound { index, .. } => operands = [Some(index), None],
        Branch { condition, .. } | Assert { condition, .. } => operands = [Some(condition), None],
        Print { value, .. } => operands = [value, None],
        Read { to, cell } => (written, place) = (Some(to), Some(cell)),
        Write { cell, from } => (operands, place) = ([Some(from), None], Some(cell)),
        Atomic { to, cell, a, b, .. } => {
            (written, operands, place) = (Some(to), [Some(a), Some(b)], Some(cell));
        }
        Wait { semaphore } | Signal { semaphore } => place = Some(semaphore),
        TryWait { to, semaphore } | Value { to, semaphore } => (written, place) = (Some(to), Some(semaphore)),
        WaitFor { to, semaphore, millis } => {
            (written, operands, place) = (Some(to), [Some(millis), None], Some(semaphore));
        }
        Lock { mutex } | Unlock { mutex } => place = Some(mutex),
        LockFor { to, mutex, millis } => {
            (written, operands, place) = (Some(to), [Some(millis), None], Some(mutex));
        }
        TryLock { to, mutex } => (written, place) = (Some(to), Some(mutex)),
        Begin { item, .. } => operands = [item, None],
        End { to, .. } => written = to,
        Sync { sync, to, .. } => (written, place) = (to, Some(sync)),
        Condition { condition, .. } => place = Some(condition),
        Send { channel, from, values, .. } => {
            place = Some(channel);
            (0..u16::from(values)).for_each(|k| visit(Register(from.0 + k), true));
        }
        Receive { channel, to, values, .. } => {
            place = Some(channel);
            (0..u16::from(values)).for_each(|k| visit(Register(to.0 + k), false));
        }
        Choose { to, low, high } => (written, operands) = (Some(to), [Some(low), Some(high)]),
        Sleep { millis } => operands = [Some(millis), None],
        Jump { .. } | Moment { .. } | Fence | Spin { .. } | Exit => {}
    }
    if let Some(register) = written {
        visit(register, false);
    }
    for operand in operands.into_iter().flatten() {
        if let Operand::Register(register) = operand {
            visit(register, true);
        }
    }
    if let Some(Place::Indexed { index, .. }) = place {
        visit(index, true);
    }
}
