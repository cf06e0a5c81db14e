//! `~/.config/fiveforks/config.toml`: colours, characters, mouse, motion, keys. What it says wrongly is named.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use super::keys::Keymap;
use super::theme::Palette;

/// What the file may say.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Config {
    /// `dark`, `light`, `colour-blind` or `mono`.
    pub theme: Palette,
    /// Only ASCII characters.
    pub ascii: bool,
    /// Whether the mouse is used.
    pub mouse: Option<bool>,
    /// Whether things move by themselves.
    pub motion: Option<bool>,
    /// Other keys for commands: `toggle = "T"`, or several: `["T", "ctrl-t"]`.
    keys: BTreeMap<String, Keys>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Keys {
    One(String),
    Several(Vec<String>),
}

impl Config {
    /// Where the file is looked for: in XDG_CONFIG_HOME, or else in ~/.config.
    pub fn path() -> Option<PathBuf> {
        let set = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
        let folder = set("XDG_CONFIG_HOME").or_else(|| set("HOME").map(|home| home.join(".config")))?;
        Some(folder.join("fiveforks/config.toml"))
    }

    /// Reads the file, if there is one.
    pub fn load() -> Result<(Config, Keymap), String> {
        let Some(path) = Config::path() else { return Ok(Default::default()) };
        match std::fs::read_to_string(&path) {
            Ok(text) => Config::parse(&text).map_err(|error| format!("{}: {error}", path.display())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Default::default()),
            Err(error) => Err(format!("cannot read {}: {error}", path.display())),
        }
    }

    /// Reads the text of such a file.
    pub fn parse(text: &str) -> Result<(Config, Keymap), String> {
        let config: Config = toml::from_str(text).map_err(|error| error.to_string())?;
        let mut keymap = Keymap::default();
        let place = |name: &str, error: String| match text
            .lines()
            .position(|line| line.trim_start().starts_with(name))
        {
            Some(line) => format!("line {}: {error}", line + 1),
            None => error,
        };
        for (name, keys) in &config.keys {
            let keys = match keys {
                Keys::One(key) => std::slice::from_ref(key),
                Keys::Several(keys) => keys,
            };
            let presses = keys.iter().map(|key| key.parse()).collect::<Result<Vec<_>, String>>();
            let bound = presses.and_then(|presses| keymap.bind(name, &presses));
            bound.map_err(|error| place(name, error))?;
        }
        for name in config.keys.keys() {
            if let Some((key, other)) = keymap.conflict(name) {
                let error =
                    format!("`{key}` is a key of `{other}` already: give that command another one too");
                return Err(place(name, error));
            }
        }
        Ok((config, keymap))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_line_is_named() {
        let error = |text: &str| Config::parse(text).expect_err("an error");
        assert!(
            error("theme = \"dark\"\ncolor = 1\n").contains("line 2"),
            "{}",
            error("theme = \"dark\"\ncolor = 1\n")
        );
        assert!(error("[keys]\ntogle = \"b\"\n").starts_with("line 2: there is no command `togle`"));
        assert!(error("[keys]\npause = \"hyper-x\"\n").starts_with("line 2: `hyper-x` is no key"));
        assert!(error("[keys]\npause = \"q\"\n").starts_with("line 2: `q` is a key of `quit` already"));
        assert!(Config::parse("[keys]\npause = \"q\"\nquit = \"Q\"\n").is_ok());
        assert!(error("theme = \"pink\"\n").contains("colour-blind"), "{}", error("theme = \"pink\"\n"));
    }

    #[test]
    fn it_sets_colours_and_keys() {
        let text = "theme = \"light\"\nmotion = false\n[keys]\ntoggle = [\"T\", \"ctrl-t\"]\n";
        let (config, keymap) = Config::parse(text).expect("a configuration");
        assert_eq!((config.theme, config.motion), (Palette::Light, Some(false)));
        let toggle =
            super::super::keys::TABLE.iter().find(|entry| entry.name == "toggle").expect("a command");
        assert_eq!(keymap.keys(toggle), ["T", "ctrl-t"]);
    }
}
