//! `fiveforks new` and `fiveforks fmt`

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::Exit;
use crate::catalogue;
use crate::lang::{self, Source, Sources};
use crate::program::Program;

/// Writes a skeleton of a solution to a problem.
pub fn new(problem: &str) -> anyhow::Result<Exit> {
    let found = catalogue::find(problem)?;
    let program = found
        .solutions
        .first()
        .and_then(|solution| catalogue::compiled(found, solution))
        .ok_or_else(|| anyhow::anyhow!("{problem} has no solution to take the roles from"))?;
    say_on!("{}", skeleton(problem, &program));
    Ok(Exit::Fine)
}

fn skeleton(problem: &str, program: &Program) -> String {
    let mut out = format!(
        "# Say here how it works, and why it is right.\nproblem: {problem}\nsolution My solution\nexpect holds\n\n\
         semaphore mutex = 1\n"
    );
    for (at, role) in program.roles.iter().enumerate() {
        let parameter = if role.is_array { "(i)" } else { "" };
        out.push_str(&format!("\nprocess {}{parameter}:\n    loop:\n", role.name));
        for activity in program.activities.iter().filter(|a| a.role.index() == at) {
            let call = match (activity.produces, activity.takes) {
                (true, _) => format!("let item = {}()", activity.name),
                (false, true) => format!("{}(0)", activity.name),
                (false, false) => format!("{}()", activity.name),
            };
            out.push_str(&format!("        {call}\n"));
            if activity.produces {
                out.push_str("        print(\"made\", item)\n");
            }
        }
        out.push_str("        wait(mutex)\n        signal(mutex)\n");
    }
    out
}

/// Lays files out anew, or says which are not laid out so.
pub fn fmt(files: &[PathBuf], check: bool) -> anyhow::Result<Exit> {
    let mut exit = Exit::Fine;
    for path in files {
        let standard = path == Path::new("-");
        let source = if standard { stdin()? } else { catalogue::read(path)? };
        let formatted = match lang::format(&source.text) {
            Ok(text) => text,
            Err(diagnostics) => {
                let sources = Sources { problem: None, solution: source };
                eprint!("{}", diagnostics.render(&sources, false));
                exit = Exit::Bad;
                continue;
            }
        };
        if standard && !check {
            io::stdout().write_all(formatted.as_bytes())?;
        } else if formatted != source.text {
            if check {
                say!("{} would be laid out anew", source.name);
                exit = if exit == Exit::Bad { exit } else { Exit::Fault };
            } else {
                replace(path, &formatted)?;
            }
        }
    }
    Ok(exit)
}

/// Writes a file whole or not at all.
fn replace(path: &Path, text: &str) -> anyhow::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".fmt-new");
    let beside = PathBuf::from(beside);
    fs::write(&beside, text)?;
    fs::set_permissions(&beside, fs::metadata(path)?.permissions())?;
    fs::rename(&beside, path)?;
    Ok(())
}

fn stdin() -> anyhow::Result<Source> {
    let mut text = String::new();
    let limit = lang::limits::MAX_SOURCE_BYTES as u64 + 1;
    io::stdin().lock().take(limit).read_to_string(&mut text)?;
    Ok(Source { name: "standard input".into(), text })
}
