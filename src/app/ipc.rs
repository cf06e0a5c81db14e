//! `fiveforks ipc`

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use super::Exit;
use crate::cli::{Format, IpcArgs};
use crate::ipc::{self, Plan};
use crate::mechanism::Mechanism;
use crate::report::{self, Bars, Status, Style};

pub fn ipc(args: &IpcArgs) -> anyhow::Result<Exit> {
    let plan = plan(args)?;
    let end: Arc<AtomicBool> = Arc::default();
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register(signal, end.clone())?;
    }
    let mut status = Status::new(args.plain);
    let results = ipc::measure(&plan, &|| end.load(Ordering::Relaxed), &mut |step| {
        status.show(|| report::measuring(step));
    });
    status.end();
    let results = results?;
    match args.format {
        Format::Json => say!("{}", report::costs_json(&results)),
        Format::Text => {
            let style = Style::for_terminal(std::io::stdout().is_terminal());
            let bars = match (args.plain, args.ascii) {
                (true, _) => Bars::None,
                (false, true) => Bars::Ascii,
                (false, false) => Bars::Blocks,
            };
            let text = report::costs(&results, style, bars);
            say_on!("{}", if args.ascii { report::to_ascii(&text) } else { text });
        }
    }
    if results.interrupted {
        return Ok(Exit::Interrupted);
    }
    let measured = results.rows.iter().flat_map(|row| &row.cells).any(Result::is_ok);
    Ok(if measured { Exit::Fine } else { Exit::Bad })
}

fn plan(args: &IpcArgs) -> anyhow::Result<Plan> {
    let mut mechanisms: Vec<Mechanism> = Vec::new();
    let asked = if args.mechanisms.is_empty() { &Mechanism::ALL[..] } else { &args.mechanisms };
    for mechanism in asked {
        if !mechanisms.contains(mechanism) {
            mechanisms.push(*mechanism);
        }
    }
    let mut sizes = args.sizes.clone();
    sizes.sort_unstable();
    sizes.dedup();
    let time_each = match args.time {
        Some(time) => time / (mechanisms.len() * sizes.len()).max(1) as u32,
        None => ipc::TIME_EACH,
    };
    Ok(Plan { mechanisms, sizes, time_each, cores: args.cores, binary: std::env::current_exe()? })
}
