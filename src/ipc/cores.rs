//! Which processor runs what.

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use crate::os;

/// The processors that this process may use, by number.
pub fn allowed() -> Vec<usize> {
    let set = sched_getaffinity(None).unwrap_or_default();
    (0..CpuSet::MAX_CPU).filter(|core| set.is_set(*core)).collect()
}

/// Binds this process to one processor.
pub fn bind(core: usize) -> os::Result<()> {
    let refused = |error| os::Error::new("sched_setaffinity", format!("processor {core}"), error);
    if core >= CpuSet::MAX_CPU {
        return Err(refused(rustix::io::Errno::INVAL));
    }
    let mut set = CpuSet::new();
    set.set(core);
    sched_setaffinity(None, &set).map_err(refused)
}

/// The two processors to measure on: those that were asked for, or the first two that may be used, or one twice if there
/// is no other. Says what to write instead of one that may not be used.
pub fn choose(asked: Option<[usize; 2]>, allowed: &[usize]) -> Result<[usize; 2], String> {
    let Some(cores) = asked else {
        let first = allowed.first().copied().unwrap_or(0);
        return Ok([first, allowed.get(1).copied().unwrap_or(first)]);
    };
    match cores.into_iter().find(|core| !allowed.contains(core)) {
        None => Ok(cores),
        Some(core) => {
            let list: Vec<String> = allowed.iter().map(usize::to_string).collect();
            Err(format!("processor {core} may not be used; choose of {}", list.join(", ")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::choose;

    #[test]
    fn two_processors_if_there_are_two() {
        assert_eq!(choose(None, &[2, 5, 7]), Ok([2, 5]));
        assert_eq!(choose(None, &[3]), Ok([3, 3]));
        assert_eq!(choose(None, &[]), Ok([0, 0]));
        assert_eq!(choose(Some([7, 7]), &[2, 5, 7]), Ok([7, 7]));
        assert!(choose(Some([2, 4]), &[2, 5]).expect_err("4 is not allowed").ends_with("choose of 2, 5"));
    }
}
