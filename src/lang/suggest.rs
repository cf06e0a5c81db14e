//! What the writer probably meant.

/// Other texts' names of our operations (Dijkstra's, Tanenbaum's, C's, Python's, Java's).
const SPELLINGS: [(&str, &str); 38] = [
    ("P", "wait"),
    ("p", "wait"),
    ("down", "wait"),
    ("acquire", "wait"),
    ("sem_wait", "wait"),
    ("semWait", "wait"),
    ("wait_sem", "wait"),
    ("V", "signal"),
    ("v", "signal"),
    ("up", "signal"),
    ("release", "signal"),
    ("post", "signal"),
    ("sem_post", "signal"),
    ("semSignal", "signal"),
    ("sem_trywait", "try_wait"),
    ("trywait", "try_wait"),
    ("sem_timedwait", "wait_for"),
    ("sem_getvalue", "value"),
    ("pthread_mutex_lock", "lock"),
    ("pthread_mutex_unlock", "unlock"),
    ("pthread_mutex_trylock", "try_lock"),
    ("trylock", "try_lock"),
    ("pthread_mutex_timedlock", "lock_for"),
    ("read_lock", "lock_read"),
    ("write_lock", "lock_write"),
    ("pthread_rwlock_rdlock", "lock_read"),
    ("pthread_rwlock_wrlock", "lock_write"),
    ("pthread_cond_wait", "wait"),
    ("pthread_cond_signal", "signal"),
    ("notify", "signal"),
    ("notify_all", "broadcast"),
    ("pthread_barrier_wait", "arrive"),
    ("recv", "receive"),
    ("TAS", "test_and_set"),
    ("CAS", "compare_and_swap"),
    ("printf", "print"),
    ("mfence", "fence"),
    ("random", "choose"),
];

/// Our name of an operation that other texts call `name`; our own names stay.
pub fn operation(name: &str) -> Option<&'static str> {
    const OURS: [&str; 7] = ["wait", "signal", "try_wait", "wait_for", "lock", "unlock", "try_lock"];
    SPELLINGS
        .iter()
        .find(|(other, _)| *other == name)
        .map(|(_, ours)| *ours)
        .or_else(|| OURS.iter().find(|ours| **ours == name).copied())
}

/// The nearest of `names`, if it is near enough to be a slip of the finger.
pub fn nearest<'a>(name: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    /// Longer names are not compared: the comparison takes the product of both lengths.
    const MAX_LENGTH: usize = 40;
    // Names of one or two letters are all near each other: only the case may differ.
    let limit = match name.chars().count() {
        0..=2 => 0,
        letters => (letters / 3).max(1),
    };
    if name.len() > MAX_LENGTH {
        return None;
    }
    names
        .into_iter()
        .filter(|other| *other != name && other.len() <= MAX_LENGTH)
        .map(|other| (distance(name, other), other))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, other)| other)
}

/// Insertions, deletions, replacements and swaps of neighbours that turn one name into the other
/// (Damerau 1964, optimal string alignment), without regard to case.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.to_lowercase().chars().collect();
    let b: Vec<char> = b.to_lowercase().chars().collect();
    let mut rows = vec![(0..=b.len()).collect::<Vec<_>>()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replaced.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}
