//! The one table of keys: what feeds input, the help, the hints and the configuration.

use super::key::Press;
use super::state::Feed;

/// What a user can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Action {
    Quit,
    Back,
    Help,
    Palette,
    Suspend,
    Up,
    Down,
    Left,
    Right,
    PageUp,
    PageDown,
    First,
    Last,
    Confirm,
    NextPane,
    PreviousPane,
    Zoom,
    Pause,
    Toggle,
    Solutions,
    Restart,
    Reseed,
    Faster,
    Slower,
    MaxSpeed,
    Explain,
    NextActor,
    PreviousActor,
    Kill,
    Freeze,
    Delay,
    Parameters,
    Inspect,
    Kernel,
    Log,
    Compare,
    BackInTime,
    ForwardInTime,
    FarBack,
    FarForward,
    Live,
    Save,
    Edit,
    Colours,
    Ascii,
    Motion,
    Mouse,
    Projector,
    Check,
    Step,
    OtherWay,
    Over,
    Costs,
    Filter,
}

impl Action {
    /// Whether it does anything to a run that comes from there: what is only looked at cannot be changed.
    pub fn is_of_use(self, feed: Feed) -> bool {
        use Action::*;
        let changes = [
            Toggle, Solutions, Restart, Reseed, Compare, Edit, Parameters, Over, Kill, Freeze, Delay, Faster,
            Slower, MaxSpeed,
        ];
        match feed {
            Feed::Own => true,
            Feed::Followed => ![&changes[..], &[Pause, Check, Step, OtherWay]].concat().contains(&self),
            Feed::Recorded => ![&changes[..], &[Check, Step, OtherWay]].concat().contains(&self),
            Feed::Walked => ![
                Toggle, Solutions, Compare, Edit, Over, Kill, Freeze, Delay, Faster, Slower, MaxSpeed, Reseed,
            ]
            .contains(&self),
        }
    }
}

/// Where a key means something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Everywhere.
    Everywhere,
    /// In the menu.
    Menu,
    /// Where a run is shown.
    Lab,
}

/// One line of the table.
#[derive(Debug)]
pub struct Entry {
    /// What it does.
    pub action: Action,
    /// Where.
    pub scope: Scope,
    /// Its keys, the first of which is shown.
    pub keys: &'static [&'static str],
    /// Its name in the configuration and the command palette.
    pub name: &'static str,
    /// What it does, in a few words.
    pub help: &'static str,
    /// A word for the line of hints; empty for none.
    pub hint: &'static str,
}

const fn entry(
    scope: Scope,
    action: Action,
    keys: &'static [&'static str],
    name: &'static str,
    help: &'static str,
    hint: &'static str,
) -> Entry {
    Entry { action, scope, keys, name, help, hint }
}

use Action as A;
use Scope::{Everywhere, Lab, Menu};

/// Every key.
pub static TABLE: &[Entry] = &[
    entry(Lab, A::Pause, &["space"], "pause", "pause, or go on: the processes really stop", "pause"),
    entry(Lab, A::Toggle, &["b"], "toggle", "the buggy solution, or the one that mends it", "buggy/correct"),
    entry(Lab, A::Explain, &["enter", "x"], "explain", "what went wrong, and what would help", "explain"),
    entry(
        Lab,
        A::Check,
        &["c"],
        "check",
        "explore every schedule: proof, or the shortest way to a fault",
        "check",
    ),
    entry(
        Lab,
        A::Step,
        &["."],
        "step",
        "you are the scheduler: the selected process takes the next step",
        "step",
    ),
    entry(
        Lab,
        A::OtherWay,
        &[","],
        "other-way",
        "the same, where a step can end in two ways: the other one",
        "",
    ),
    entry(Lab, A::Solutions, &["s"], "solutions", "choose another solution of this problem", "solution"),
    entry(Lab, A::Kill, &["K"], "kill", "kill -9 the selected process", "kill"),
    entry(Lab, A::Freeze, &["F"], "freeze", "freeze the selected process (SIGSTOP), or thaw it", "freeze"),
    entry(Lab, A::Delay, &["D"], "delay", "hold the selected process up at its present line, or no more", ""),
    entry(Lab, A::Inspect, &["i"], "inspect", "what the kernel says of the selected process", "inspect"),
    entry(Lab, A::Kernel, &["o"], "kernel", "the run as the kernel sees it: ps, ls -l, lsof, ipcs", ""),
    entry(Lab, A::Restart, &["r"], "restart", "start again with the same seed", "restart"),
    entry(Lab, A::Reseed, &["R"], "reseed", "start again with a new seed", ""),
    entry(Lab, A::Faster, &["+", "="], "faster", "twice as fast", ""),
    entry(Lab, A::Slower, &["-"], "slower", "half as fast", ""),
    entry(
        Lab,
        A::MaxSpeed,
        &["M"],
        "max-speed",
        "as fast as can be: nothing takes time; again: human speed",
        "",
    ),
    entry(
        Lab,
        A::Parameters,
        &["p"],
        "parameters",
        "change N, slots, chairs…; the run starts again",
        "parameters",
    ),
    entry(
        Lab,
        A::Over,
        &["O"],
        "over",
        "let the next mechanism of the kernel carry the messages: pipe, queue, socket, shared memory…",
        "",
    ),
    entry(
        Lab,
        A::Costs,
        &["I"],
        "ipc",
        "what passing messages costs over each mechanism: measured here, now",
        "ipc",
    ),
    entry(Lab, A::Compare, &["v"], "compare", "two solutions side by side, or one again", "side by side"),
    entry(Lab, A::NextActor, &["n"], "next-actor", "select the next process", ""),
    entry(Lab, A::PreviousActor, &["N"], "previous-actor", "select the process before", ""),
    entry(Lab, A::BackInTime, &["["], "back-in-time", "look back, picture by picture", "look back"),
    entry(Lab, A::ForwardInTime, &["]"], "forward-in-time", "and forward again", ""),
    entry(Lab, A::FarBack, &["{"], "far-back", "look back by a second", ""),
    entry(Lab, A::FarForward, &["}"], "far-forward", "forward by a second", ""),
    entry(Lab, A::Live, &["0"], "live", "back to now", ""),
    entry(Lab, A::Log, &["L"], "log", "every operation, with a filter", "log"),
    entry(Lab, A::Save, &["w"], "save", "save what was seen as a recording", ""),
    entry(Lab, A::Edit, &["e"], "edit", "edit the text; saving it starts the new one", "edit"),
    entry(Lab, A::NextPane, &["tab"], "next-pane", "the next pane", "pane"),
    entry(Lab, A::PreviousPane, &["backtab"], "previous-pane", "the pane before", ""),
    entry(Lab, A::Zoom, &["z"], "zoom", "one pane alone, or all again", ""),
    entry(Menu, A::Confirm, &["enter", "space"], "choose", "run what is selected", "run"),
    entry(Menu, A::NextPane, &["tab"], "next-problem", "the next problem", "problem"),
    entry(Menu, A::Filter, &["f"], "filter", "only deadlocks, lost wakeups, races…; all again", "filter"),
    entry(
        Menu,
        A::Costs,
        &["I"],
        "mechanisms",
        "what passing messages costs over each mechanism: measured here, now",
        "mechanisms",
    ),
    entry(Everywhere, A::Up, &["up", "k"], "up", "up", ""),
    entry(Everywhere, A::Down, &["down", "j"], "down", "down", ""),
    entry(Everywhere, A::Left, &["left", "h"], "left", "left, or the process before", ""),
    entry(Everywhere, A::Right, &["right", "l"], "right", "right, or the next process", ""),
    entry(Everywhere, A::PageUp, &["pageup", "ctrl-b"], "page-up", "a page up", ""),
    entry(Everywhere, A::PageDown, &["pagedown", "ctrl-f"], "page-down", "a page down", ""),
    entry(Everywhere, A::First, &["home", "g"], "first", "to the beginning", ""),
    entry(Everywhere, A::Last, &["end", "G"], "last", "to the end", ""),
    entry(Everywhere, A::Palette, &[":"], "palette", "every command by name", ""),
    entry(
        Everywhere,
        A::Projector,
        &["P"],
        "projector",
        "big type and nothing but the scene, for a lecture",
        "",
    ),
    entry(Everywhere, A::Colours, &["t"], "colours", "the next theme: dark, light, colour-blind, mono", ""),
    entry(Everywhere, A::Ascii, &["A"], "ascii", "only ASCII characters, or all", ""),
    entry(Everywhere, A::Motion, &["m"], "motion", "let nothing move by itself, or all", ""),
    entry(Everywhere, A::Mouse, &["ctrl-o"], "mouse", "leave the mouse to the terminal, or use it here", ""),
    entry(
        Everywhere,
        A::Suspend,
        &["ctrl-z"],
        "suspend",
        "stop fiveforks and the processes; fg brings them back",
        "",
    ),
    entry(Everywhere, A::Back, &["esc"], "back", "close what is open; to the menu", "back"),
    entry(Everywhere, A::Help, &["?", "f1"], "help", "all keys", "help"),
    entry(Everywhere, A::Quit, &["q", "ctrl-c"], "quit", "end the processes and leave", "quit"),
];

/// Keys and what they do, with the user's changes.
#[derive(Clone, Debug)]
pub struct Keymap {
    bound: Vec<(Press, Scope, Action)>,
}

impl Default for Keymap {
    fn default() -> Keymap {
        let bound = TABLE.iter().flat_map(|entry| {
            let keys = entry.keys.iter().filter_map(|key| key.parse().ok());
            keys.map(|press| (press, entry.scope, entry.action))
        });
        Keymap { bound: bound.collect() }
    }
}

impl Keymap {
    /// Gives an action other keys; those that it had are given up.
    pub fn bind(&mut self, name: &str, keys: &[Press]) -> Result<(), String> {
        let entry = TABLE.iter().find(|entry| entry.name == name).ok_or_else(|| {
            let names: Vec<&str> = TABLE.iter().map(|entry| entry.name).collect();
            format!("there is no command `{name}`; the commands are {}", names.join(", "))
        })?;
        self.bound.retain(|(_, scope, action)| *action != entry.action || *scope != entry.scope);
        self.bound.extend(keys.iter().map(|press| (*press, entry.scope, entry.action)));
        Ok(())
    }

    /// A key of this command that means another command too where both can be meant, and that command's name.
    pub fn conflict(&self, name: &str) -> Option<(Press, &'static str)> {
        let entry = TABLE.iter().find(|entry| entry.name == name)?;
        let ours =
            self.bound.iter().filter(|(_, scope, action)| (*scope, *action) == (entry.scope, entry.action));
        ours.filter_map(|(press, ..)| {
            let meets = |scope: Scope| {
                scope == entry.scope || scope == Scope::Everywhere || entry.scope == Scope::Everywhere
            };
            let other = self.bound.iter().find(|(p, scope, action)| {
                p == press && meets(*scope) && (*scope, *action) != (entry.scope, entry.action)
            })?;
            let other = TABLE.iter().find(|e| (e.scope, e.action) == (other.1, other.2))?;
            Some((*press, other.name))
        })
        .next()
    }

    /// What a key does where `scope` is shown. What it means there alone comes first.
    pub fn action(&self, press: Press, scope: Scope) -> Option<Action> {
        let find = |wanted: Scope| {
            self.bound.iter().find(|(p, s, _)| *p == press && *s == wanted).map(|(_, _, action)| *action)
        };
        find(scope).or_else(|| find(Scope::Everywhere))
    }

    /// The keys of a command, as they are written.
    pub fn keys(&self, entry: &Entry) -> Vec<String> {
        let ours =
            |(_, scope, action): &&(Press, Scope, Action)| (*scope, *action) == (entry.scope, entry.action);
        self.bound.iter().filter(ours).map(|(press, ..)| press.to_string()).collect()
    }

    /// The first key of an action.
    pub fn key(&self, action: Action) -> String {
        self.bound
            .iter()
            .find(|(_, _, a)| *a == action)
            .map_or(String::new(), |(press, ..)| press.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_name_of_its_own() {
        let mut names: Vec<&str> = TABLE.iter().map(|entry| entry.name).collect();
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
    }

    #[test]
    fn every_key_of_the_table_is_one_and_means_one_thing() {
        let mut seen: Vec<(Press, Scope)> = Vec::new();
        for entry in TABLE {
            for key in entry.keys {
                let press: Press = key.parse().expect(key);
                assert!(!seen.contains(&(press, entry.scope)), "{key} twice");
                seen.push((press, entry.scope));
            }
        }
    }

    #[test]
    fn a_command_can_have_other_keys() {
        let mut map = Keymap::default();
        let key: Press = "T".parse().expect("a key");
        map.bind("toggle", &[key]).expect("a command");
        assert_eq!(map.action(key, Scope::Lab), Some(Action::Toggle));
        assert_eq!(map.action("b".parse().expect("a key"), Scope::Lab), None);
        assert!(map.bind("togle", &[key]).is_err());
    }
}
