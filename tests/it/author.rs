//! Writes small random programs, which use what there is without a plan.

use std::fmt::Write;

use rand::RngExt;
use rand_pcg::Pcg32;
use rand_pcg::rand_core::SeedableRng;

/// What a random program may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taste {
    /// Everything.
    Any,
    /// Everything but rules that divide by zero, which end SPIN; and more than semaphores and variables.
    ForSpin,
}

/// What a program has beside semaphores and variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Extra {
    Monitor {
        hoare: bool,
    },
    Lock,
    Barrier,
    /// Messages of so many values, in one channel or an array of two.
    Channel {
        values: u8,
        array: bool,
    },
    /// What the one role makes the other uses up; it is handed over in a channel or a variable.
    Items,
}

/// A program of two roles with one to three actors each.
pub fn program(seed: u64, taste: Taste) -> String {
    let random = Pcg32::seed_from_u64(seed);
    let mut author = Author {
        random,
        out: String::new(),
        mutex: false,
        array: false,
        private: false,
        extra: None,
        names: 0,
    };
    author.objects(taste);
    let counts = ["a", "b"].map(|role| (role, author.random.random_range(1..4)));
    for (role, count) in counts {
        let size = if count > 1 { format!("[{count}]") } else { String::new() };
        let item = if role == "b" && author.extra == Some(Extra::Items) { "item" } else { "" };
        author.line(0, &format!("role {role}{size}:\n    idle\n    busy by {role}_work({item})"));
        if author.private {
            author.line(0, &format!("shared own_{role}{size} = 0"));
        }
    }
    author.rules(taste);
    for (role, count) in counts {
        author.process(role, count > 1);
    }
    author.out
}

struct Author {
    random: Pcg32,
    out: String,
    /// Whether there is a mutex.
    mutex: bool,
    /// Whether there is an array.
    array: bool,
    /// Whether each actor has a variable that no other touches.
    private: bool,
    extra: Option<Extra>,
    /// Local variables so far.
    names: u32,
}

impl Author {
    fn line(&mut self, depth: usize, text: &str) {
        for line in text.lines() {
            let _ = writeln!(self.out, "{}{line}", "    ".repeat(depth));
        }
    }

    fn once_in(&mut self, times: u32) -> bool {
        self.random.random_ratio(1, times)
    }

    fn one_of<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        texts[self.random.random_range(0..texts.len())]
    }

    fn objects(&mut self, taste: Taste) {
        for name in ["s", "t"] {
            let fair = if self.once_in(8) { "fair " } else { "" };
            let value = self.random.random_range(0..3);
            self.line(0, &format!("{fair}semaphore {name} = {value}"));
        }
        self.line(0, "shared x = 0 in 0..2\nshared y = 0");
        (self.mutex, self.array, self.private) = (self.once_in(4), self.once_in(4), self.once_in(4));
        let mutex = self.one_of(&["mutex m", "mutex m", "recursive mutex m", "fair mutex m"]);
        for (is_there, text) in [(self.mutex, mutex), (self.array, "shared z[2] = 0")] {
            if is_there {
                self.line(0, text);
            }
        }
        let kinds = if taste == Taste::ForSpin { 7 } else { 10 };
        self.extra = match self.random.random_range(0..kinds) {
            0 => Some(Extra::Monitor { hoare: false }),
            1 => Some(Extra::Monitor { hoare: true }),
            2 => Some(Extra::Lock),
            3 => Some(Extra::Barrier),
            4 | 5 => Some(Extra::Channel { values: self.random.random_range(1..3), array: self.once_in(3) }),
            6 => Some(Extra::Items),
            _ => None,
        };
        self.declare();
    }

    fn declare(&mut self) {
        match self.extra {
            None => {}
            Some(Extra::Monitor { hoare }) => self.monitor(hoare),
            Some(Extra::Lock) => {
                let lock =
                    self.one_of(&["rwlock book[2]", "rwlock book[2] prefer writers", "fair rwlock book[2]"]);
                self.line(0, lock);
            }
            Some(Extra::Barrier) => {
                let parties = self.random.random_range(1..4);
                self.line(0, &format!("barrier meet = {parties}"));
            }
            Some(Extra::Channel { array, .. }) => {
                let (elements, size) = (if array { "[2]" } else { "" }, self.random.random_range(1..3));
                self.line(0, &format!("channel mail{elements} size {size}"));
            }
            Some(Extra::Items) => {
                let size = self.random.random_range(1..3);
                self.line(
                    0,
                    &format!(
                        "channel tray size {size}\nshared box = -1\nitems \"each once\": a_work to b_work"
                    ),
                );
            }
        }
    }

    fn monitor(&mut self, hoare: bool) {
        let kind = if hoare { " hoare" } else { "" };
        self.line(0, &format!("monitor gate{kind}:\n    shared open = 0\n    condition calm[2]"));
        for name in ["enter", "leave"] {
            self.line(1, &format!("def {name}():"));
            for _ in 0..self.random.random_range(1..4) {
                let calm = self.one_of(&["calm[0]", "calm[1]", "calm[open % 2]"]);
                let does = match self.random.random_range(0..9) {
                    0 => format!("wait({calm})"),
                    1 => format!("while open == 0:\n    wait({calm})"),
                    2 => format!("if open == 0:\n    wait({calm})"),
                    3 | 4 => format!("signal({calm})"),
                    5 if !hoare => format!("broadcast({calm})"),
                    6 => "if open == 1:\n    exit".into(),
                    _ => "open = 1 - open".into(),
                };
                self.line(2, &does);
            }
        }
    }

    fn rules(&mut self, taste: Taste) {
        // The last one divides by zero where x is 2.
        let divided = ["2 / (x + 1) >= 1", "4 / (2 - x) >= 1"];
        let divided = divided[usize::from(taste == Taste::Any && self.once_in(2))];
        let rules = [
            (2, "alone", "count(a is busy) + count(b is busy) <= 1"),
            (6, "either", "count(a is busy) == 0 or x <= 1"),
            (6, "neither", "not (count(b is busy) >= 1 and x == 2) or y == 0"),
            (6, "divided", divided),
        ];
        for (times, label, rule) in rules {
            if self.once_in(times) {
                self.line(0, &format!("always \"{label}\":\n    {rule}"));
            }
        }
        if self.once_in(4) {
            self.line(0, "possible \"both\":\n    count(a is busy) >= 1 and count(b is busy) >= 1");
        }
    }

    fn process(&mut self, role: &str, several: bool) {
        let own = if several { format!("own_{role}[i]") } else { format!("own_{role}") };
        let own = self.private.then_some(own);
        let index = if several && self.private { "(i)" } else { "" };
        self.line(0, &format!("process {role}{index}:"));
        let depth = if self.once_in(3) {
            self.line(1, "loop:");
            2
        } else {
            1
        };
        for _ in 0..self.random.random_range(2..5) {
            self.statement(role, own.as_deref(), depth);
        }
        match self.extra {
            // So that items are in both: what holds items somewhere can hold nothing else.
            Some(Extra::Items) if role == "a" => self.line(depth, "box = a_work()\nsend(tray, a_work())"),
            _ => {
                let work = self.work(role);
                self.line(depth, &work);
            }
        }
    }

    fn statement(&mut self, role: &str, own: Option<&str>, depth: usize) {
        let semaphore = self.one_of(&["s", "t"]);
        let mut cells = vec!["x", "y"];
        cells.extend(self.array.then_some(["z[0]", "z[x % 2]", "z[x]"]).into_iter().flatten());
        let cell = self.one_of(&cells);
        if let Some(extra) = self.extra
            && self.once_in(2)
        {
            let line = self.with(extra, cell);
            return self.line(depth, &line);
        }
        let line = match self.random.random_range(0..21) {
            0..4 => format!("wait({semaphore})"),
            4..8 => format!("signal({semaphore})"),
            8 => format!("{cell} = {}", self.random.random_range(0..3)),
            9 => format!("{cell} = ({cell} + 1) % 3"),
            10 if self.mutex => "lock(m)".into(),
            11 if self.mutex => "unlock(m)".into(),
            12 => format!("await {cell} == {}", self.random.random_range(0..2)),
            13 if depth < 4 => {
                let tests = [
                    format!("{cell} == 0"),
                    format!("try_wait({semaphore})"),
                    format!("wait_for({semaphore}, 10ms)"),
                    "flip()".into(),
                ];
                let test = &tests[self.random.random_range(0..tests.len())];
                self.line(depth, &format!("if {test}:"));
                return self.statement(role, own, depth + 1);
            }
            14 => format!("fetch_add(y, {})", self.random.random_range(0..2)),
            15 => format!("{cell} = choose({cell}..{})", self.random.random_range(0..3)),
            16 => format!("assert {cell} <= {}", self.random.random_range(0..2)),
            17..19 if own.is_some() => {
                let own = own.unwrap_or_default();
                format!("{own} = ({own} + 1) % {}", self.random.random_range(2..4))
            }
            19 if depth > 1 => format!("if {cell} == 2:\n    exit"),
            20 => format!("{cell} = 2 / (2 - {cell}) % 3"),
            _ => self.work(role),
        };
        self.line(depth, &line);
    }

    /// The role's own activity.
    fn work(&mut self, role: &str) -> String {
        match (self.extra, role) {
            (Some(Extra::Items), "a") => {
                self.one_of(&["send(tray, a_work())", "box = a_work()", "a_work()"]).into()
            }
            (Some(Extra::Items), _) => self.one_of(&["b_work(receive(tray))", "b_work(box)"]).into(),
            _ => format!("{role}_work()"),
        }
    }

    /// Something that is done with what not every program has.
    fn with(&mut self, extra: Extra, cell: &str) -> String {
        self.names += 1;
        let name = self.names;
        match extra {
            Extra::Monitor { .. } => self.one_of(&["gate.enter()", "gate.leave()"]).into(),
            Extra::Lock => {
                let book = self.one_of(&["book[0]", "book[0]", "book[1]", "book[x % 2]"]);
                match self.random.random_range(0..7) {
                    0 | 1 => format!("lock_read({book})\nlet seen{name} = {cell}\nunlock({book})"),
                    2 | 3 => format!("lock_write({book})\n{cell} = 1\nunlock({book})"),
                    4 => format!("lock_read({book})"),
                    5 => format!("lock_write({book})"),
                    _ => format!("unlock({book})"),
                }
            }
            Extra::Barrier => self.one_of(&["arrive(meet)", "if arrive(meet):\n    x = (x + 1) % 3"]).into(),
            Extra::Channel { values, array } => {
                let mail = if array { self.one_of(&["mail[0]", "mail[1]", "mail[x % 2]"]) } else { "mail" };
                let one = values == 1;
                match self.random.random_range(0..8) {
                    0..3 if one => format!("send({mail}, {cell})"),
                    0..3 => format!("send({mail}, {cell}, {name})"),
                    3 | 4 if one => format!("{cell} = receive({mail})"),
                    3 | 4 => format!("let one{name}, two{name} = receive({mail})\n{cell} = one{name}"),
                    5 if one => format!(
                        "let got{name}, one{name} = try_receive({mail})\nif got{name}:\n    {cell} = one{name}"
                    ),
                    5 => format!(
                        "let got{name}, one{name}, two{name} = try_receive({mail})\nif got{name}:\n    {cell} = one{name}"
                    ),
                    6 => format!("try_receive({mail})"),
                    _ => format!("receive({mail})"),
                }
            }
            Extra::Items => match self.random.random_range(0..5) {
                0 => format!(
                    "let got{name}, item{name} = try_receive(tray)\nif got{name}:\n    box = item{name}"
                ),
                1 => "send(tray, box)".into(),
                2 => "box = -1".into(),
                3 => format!(
                    "let item{name} = swap(box, -1)\nif item{name} != -1:\n    send(tray, item{name})"
                ),
                _ => "box = receive(tray)".into(),
            },
        }
    }
}
