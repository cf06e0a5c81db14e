//! The kernel's lists of objects that belong to no process: locks, System V queues, sockets with a name, users.

use std::fs;

/// The processes that hold a lock on a file, by its inode's number (proc_locks(5)). Those of other namespaces have no
/// number here.
pub fn lock_holders(inode: u64) -> Vec<u32> {
    holders_in(&fs::read_to_string("/proc/locks").unwrap_or_default(), inode)
}

fn holders_in(locks: &str, inode: u64) -> Vec<u32> {
    let holder = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        // Whoever waits for a lock stands below its holder, with an arrow.
        let [_, _, _, _, pid, file, ..] = words[..] else { return None };
        (words[1] != "->" && file.rsplit(':').next()? == inode.to_string()).then(|| pid.parse().ok())?
    };
    locks.lines().filter_map(holder).collect()
}

/// A System V message queue, from `/proc/sysvipc/msg` (sysvipc(7)); what `ipcs -q` shows.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct SystemVQueue {
    pub key: i64,
    pub id: i32,
    pub mode: u32,
    /// Bytes in it.
    pub bytes: u64,
    /// Messages in it.
    pub messages: u64,
    /// Who sent last.
    pub sender: u32,
    /// Who received last.
    pub receiver: u32,
    pub uid: u32,
}

/// All System V message queues of this machine or container.
pub fn system_v_queues() -> Vec<SystemVQueue> {
    queues_in(&fs::read_to_string("/proc/sysvipc/msg").unwrap_or_default())
}

fn queues_in(table: &str) -> Vec<SystemVQueue> {
    let queue = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [key, id, mode, bytes, messages, sender, receiver, uid, ..] = words[..] else { return None };
        Some(SystemVQueue {
            key: key.parse().ok()?,
            id: id.parse().ok()?,
            mode: u32::from_str_radix(mode, 8).ok()?,
            bytes: bytes.parse().ok()?,
            messages: messages.parse().ok()?,
            sender: sender.parse().ok()?,
            receiver: receiver.parse().ok()?,
            uid: uid.parse().ok()?,
        })
    };
    table.lines().skip(1).filter_map(queue).collect()
}

/// The name that a Unix-domain socket is bound to, if it has one: a path, or a name that begins with `@` (unix(7)).
pub fn socket_name(inode: u64) -> Option<String> {
    name_in(&fs::read_to_string("/proc/net/unix").ok()?, inode)
}

fn name_in(table: &str, inode: u64) -> Option<String> {
    table
        .lines()
        .skip(1)
        .find_map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            (words.get(6)?.parse() == Ok(inode)).then(|| words[7..].join(" "))
        })
        .filter(|name| !name.is_empty())
}

/// A user's name; the number where nobody knows the name.
pub fn user_name(uid: u32) -> String {
    let users = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let named = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(uid)).then(|| name.to_string())
    });
    named.unwrap_or_else(|| uid.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_its_holders_and_not_the_waiters() {
        let locks = "1: FLOCK  ADVISORY  WRITE 30619 fe:00:77 0 EOF\n1: -> FLOCK  ADVISORY  WRITE 30620 fe:00:77 0 EOF\n\
            2: POSIX  ADVISORY  READ 5 fe:00:770 0 EOF\n3: FLOCK  ADVISORY  READ 6 fe:00:7 0 EOF\n";
        assert_eq!(holders_in(locks, 77), [30619]);
        assert_eq!(holders_in(locks, 7), [6]);
        assert_eq!(holders_in("nothing", 7), [0; 0]);
    }

    #[test]
    fn queues_as_ipcs_shows_them() {
        let table = "       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid  cuid  cgid      stime\n\
            1234567          3   600         128          2    41    42  1000  1000  1000  1000 1700000000\n\
            -5               4   666           0          0     0     0     0     0     0     0 0\n";
        let queues = queues_in(table);
        assert_eq!((queues[0].id, queues[0].mode, queues[0].bytes, queues[0].messages), (3, 0o600, 128, 2));
        assert_eq!((queues[0].sender, queues[0].receiver, queues[0].uid), (41, 42, 1000));
        assert_eq!((queues[1].key, queues.len()), (-5, 2));
    }

    #[test]
    fn sockets_with_a_name_have_one() {
        let table = "Num       RefCount Protocol Flags    Type St Inode Path\n\
            0000000000000000: 00000002 00000000 00010000 0001 01 1058 /run/a socket\n\
            0000000000000000: 00000003 00000000 00000000 0001 03  1059\n";
        assert_eq!(name_in(table, 1058).as_deref(), Some("/run/a socket"));
        assert_eq!((name_in(table, 1059), name_in(table, 9)), (None, None));
    }
}
