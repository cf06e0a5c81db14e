//! What keys do in what lies over a screen.

use crossterm::event::KeyCode;

use crate::lab::Observed;
use crate::tui::key::Press;
use crate::tui::keys::{Action, Scope, TABLE};
use crate::tui::state::{App, Overlay};

/// Lines of a page.
const PAGE: usize = 10;

impl Overlay {
    /// Whether characters are typed into it.
    pub fn types(&self) -> bool {
        matches!(
            self,
            Overlay::Palette { .. } | Overlay::Help { .. } | Overlay::Log { .. } | Overlay::Parameters { .. }
        )
    }

    fn text(&mut self) -> Option<&mut String> {
        match self {
            Overlay::Help { filter, .. } | Overlay::Log { filter, .. } => Some(filter),
            Overlay::Palette { input, .. } => Some(input),
            Overlay::Parameters { typing, .. } => Some(typing),
            _ => None,
        }
    }
}

/// The commands whose name or help holds what was typed, where a scope is shown.
pub fn matching(input: &str, scope: Scope) -> Vec<&'static crate::tui::keys::Entry> {
    let input = input.to_lowercase();
    let here = |entry: &&crate::tui::keys::Entry| entry.scope == scope || entry.scope == Scope::Everywhere;
    let fits = |entry: &&crate::tui::keys::Entry| {
        entry.name.contains(&input) || entry.help.to_lowercase().contains(&input)
    };
    let mut found: Vec<_> = TABLE.iter().filter(here).filter(fits).collect();
    // A name that begins so comes first.
    found.sort_by_key(|entry| !entry.name.starts_with(&input));
    found
}

impl App {
    pub(super) fn press_over(&mut self, press: Press, action: Option<Action>) {
        let Some(overlay) = &mut self.overlay else { return };
        match (overlay.text(), press.typed(), press.code) {
            (Some(text), Some(c), _) if text.chars().count() < 60 => {
                text.push(c);
                self.typed();
            }
            (Some(text), _, KeyCode::Backspace) => {
                text.pop();
                self.typed();
            }
            (_, _, KeyCode::Enter) => self.act_over(Action::Confirm),
            _ => {
                if let Some(action) = action {
                    self.act_over(action);
                }
            }
        }
    }

    /// What was typed has changed: begin at the top of what fits.
    fn typed(&mut self) {
        match &mut self.overlay {
            Some(Overlay::Palette { at, .. }) => *at = 0,
            Some(Overlay::Help { scroll, .. } | Overlay::Log { scroll, .. }) => *scroll = 0,
            Some(Overlay::Parameters { at, values, typing }) => {
                typing.retain(|c| c.is_ascii_digit() || c == '-');
                typing.truncate(7);
                let editable = &mut values[*at];
                if let Ok(value) = typing.parse::<i32>() {
                    editable.value = value;
                }
            }
            _ => {}
        }
    }

    pub(super) fn act_over(&mut self, action: Action) {
        if action == Action::Back {
            self.overlay = None;
            return;
        }
        let rows = self.rows();
        let scope = self.scope();
        let Some(overlay) = &mut self.overlay else { return };
        match overlay {
            Overlay::Inspect { .. } => self.act_on_process(action),
            Overlay::Kernel { .. } => self.act_on_kernel(action),
            Overlay::Costs { .. } => self.act_on_costs(action),
            Overlay::Help { scroll, .. } | Overlay::Explain { scroll } => {
                if action == Action::Confirm || action == Action::Explain {
                    self.overlay = None;
                } else {
                    scrolled(scroll, action, usize::MAX);
                }
            }
            Overlay::Log { scroll, .. } => match action {
                Action::Confirm => self.overlay = None,
                Action::Up => *scroll = scroll.saturating_add(1),
                Action::Down => *scroll = scroll.saturating_sub(1),
                Action::PageUp => *scroll = scroll.saturating_add(PAGE),
                Action::PageDown => *scroll = scroll.saturating_sub(PAGE),
                _ => {}
            },
            Overlay::Palette { input, at } => {
                if action == Action::Confirm {
                    let chosen = matching(input, scope).get(*at).map(|entry| entry.action);
                    self.overlay = None;
                    if let Some(action) = chosen {
                        self.act(action);
                    }
                } else {
                    scrolled(at, action, rows.saturating_sub(1));
                }
            }
            Overlay::Solutions { at } => {
                if action == Action::Confirm {
                    let at = *at;
                    self.overlay = None;
                    self.take_solution(at);
                } else if action == Action::Solutions {
                    self.overlay = None;
                } else {
                    scrolled(at, action, rows.saturating_sub(1));
                }
            }
            Overlay::Parameters { .. } => self.parameter(action),
            Overlay::Check { at, .. } => match action {
                Action::Confirm => self.walk_to_fault(),
                Action::Check => self.overlay = None,
                other => scrolled(at, other, rows.saturating_sub(1)),
            },
        }
    }

    fn take_solution(&mut self, at: usize) {
        let name = self.problem().and_then(|p| Some(format!("{}/{}", p.id, p.solutions.get(at)?.id)));
        if let Some(name) = name {
            self.switch_to(&name);
        }
    }

    fn parameter(&mut self, action: Action) {
        let Some(Overlay::Parameters { at, values, typing }) = &mut self.overlay else { return };
        let last = values.len().saturating_sub(1);
        let change = |editable: &mut crate::tui::state::Editable, by: i32| {
            editable.value = editable.value.saturating_add(by).clamp(editable.range.0, editable.range.1);
        };
        match action {
            Action::Up | Action::Down => {
                typing.clear();
                scrolled(at, action, last);
            }
            Action::Left => change(&mut values[*at], -1),
            Action::Right => change(&mut values[*at], 1),
            Action::PageUp => change(&mut values[*at], 10),
            Action::PageDown => change(&mut values[*at], -10),
            Action::Confirm => {
                let bad = values.iter().find(|v| v.value < v.range.0 || v.value > v.range.1);
                if let Some(bad) = bad {
                    let said = format!("{} is {} to {}", bad.name, bad.range.0, bad.range.1);
                    return self.say(said);
                }
                let settings: Vec<(String, i32)> = values.iter().map(|v| (v.name.clone(), v.value)).collect();
                match self.set(&settings) {
                    Ok(()) => self.overlay = None,
                    Err(error) => self.say(error),
                }
            }
            _ => {}
        }
    }

    /// How many rows the list that is open has.
    pub(super) fn rows(&self) -> usize {
        match &self.overlay {
            Some(Overlay::Palette { input, .. }) => matching(input, self.scope()).len(),
            Some(Overlay::Solutions { .. }) => self.problem().map_or(0, |p| p.solutions.len()),
            Some(Overlay::Parameters { values, .. }) => values.len(),
            Some(Overlay::Kernel { watched, .. }) => match &watched.seen {
                Some(Observed::Run(picture)) => picture.members.len() + picture.objects.len(),
                _ => 0,
            },
            Some(Overlay::Check { examination, .. }) => {
                examination.result.as_ref().and_then(|r| r.as_ref().ok()).map_or(0, |e| e.report.faults.len())
            }
            _ => 0,
        }
    }
}

pub(super) fn scrolled(at: &mut usize, action: Action, last: usize) {
    *at = match action {
        Action::Up => at.saturating_sub(1),
        Action::Down => at.saturating_add(1),
        Action::PageUp => at.saturating_sub(PAGE),
        Action::PageDown => at.saturating_add(PAGE),
        Action::First => 0,
        Action::Last => last.min(usize::MAX / 2),
        _ => *at,
    }
    .min(last);
}
