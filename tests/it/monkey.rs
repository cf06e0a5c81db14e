//! Ten thousand random keys on real processes. What fails is printed as a script that does it again:
//! `FIVEFORKS_KEYS='…' cargo test monkey` plays such a script.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use fiveforks::tui::keys::{Action, Keymap, TABLE};
use fiveforks::tui::matching;
use fiveforks::tui::state::{App, Overlay};
use fiveforks::tui::theme::Theme;
use rand::RngExt;
use rand_pcg::Pcg32;
use rand_pcg::rand_core::SeedableRng;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Keys of one script, and scripts.
const KEYS: usize = 500;
const SCRIPTS: u64 = 20;
const SIZES: [(u16, u16); 5] = [(80, 24), (120, 36), (40, 12), (200, 60), (9, 3)];

/// Actions that leave the program or write files.
const LEFT_OUT: [Action; 5] = [Action::Quit, Action::Suspend, Action::Edit, Action::Save, Action::Mouse];

fn random_keys(seed: u64) -> Vec<String> {
    let mut random = Pcg32::seed_from_u64(seed);
    let known: Vec<&str> = TABLE
        .iter()
        .filter(|entry| !LEFT_OUT.contains(&entry.action))
        .flat_map(|entry| entry.keys.iter().copied())
        .collect();
    let typed = ["1", "3", "7", "-", "x", "backspace", "enter", "esc", "esc", "down", "enter"];
    (0..KEYS)
        .map(|_| match random.random_range(0..4) {
            0 => typed[random.random_range(0..typed.len())].to_string(),
            _ => known[random.random_range(0..known.len())].to_string(),
        })
        .collect()
}

/// Whether the palette would carry out what the keys leave out.
fn would_leave(app: &App) -> bool {
    let Some(Overlay::Palette { input, at }) = &app.overlay else { return false };
    let chosen = matching(input, app.scope()).get(*at).map(|entry| entry.action);
    chosen.is_some_and(|action| LEFT_OUT.contains(&action))
}

/// Plays keys. If something fails, gives the keys up to there.
fn play(keys: &[String]) -> Result<(), String> {
    let binary = PathBuf::from(env!("CARGO_BIN_EXE_fiveforks"));
    let mut app = App::new(Theme::default(), Keymap::default(), Some(binary));
    for (at, key) in keys.iter().enumerate() {
        let taken = catch_unwind(AssertUnwindSafe(|| {
            let key = if would_leave(&app) && key == "enter" { "esc" } else { key };
            app.press(key.parse().expect("a key"));
            app.advance();
            let (width, height) = SIZES[at % SIZES.len()];
            let area = Rect::new(0, 0, width, height);
            fiveforks::tui::draw(&app, area, &mut Buffer::empty(area));
            app.effects.clear();
        }));
        if taken.is_err() {
            return Err(keys[..=at].join(" "));
        }
    }
    Ok(())
}

#[test]
fn ten_thousand_random_keys() {
    if let Ok(script) = std::env::var("FIVEFORKS_KEYS") {
        let keys: Vec<String> = script.split_whitespace().map(str::to_string).collect();
        assert_eq!(play(&keys), Ok(()));
        return;
    }
    let first: u64 = std::env::var("FIVEFORKS_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(1);
    for seed in first..first + SCRIPTS {
        if let Err(script) = play(&random_keys(seed)) {
            panic!("seed {seed} fails; again with FIVEFORKS_KEYS='{script}'");
        }
    }
}
