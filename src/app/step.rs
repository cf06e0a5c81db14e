//! `fiveforks step`: whoever sits before the terminal is the scheduler.

use std::io::{BufRead, IsTerminal, Write};

use super::replay::{ending_text, plan, row, schedule};
use super::{Exit, Ready, mechanism, named, ready};
use crate::check::{self, Ahead, Move, Options};
use crate::cli::{OverArgs, ProgramArgs};
use crate::program::{ActorId, Program};
use crate::replay::{Astray, Puppets};
use crate::report::{self, Style};
use crate::run::with_run;

/// What the user may say beside a number.
const HELP: &str = "  a number or an actor's name: it takes the next step · h: a hint · b: take the last step back · s: the \
    schedule so far · q: the end";

/// What a session came to.
enum End {
    Quit,
    /// Begin again with these moves: the last step is taken back.
    Again(Vec<(ActorId, u32)>),
    Over,
}

pub fn step(args: &ProgramArgs, over: &OverArgs) -> anyhow::Result<Exit> {
    let ready = ready(args)?;
    let plan = plan(&ready, mechanism(over, &ready)?)?;
    let style = Style::for_terminal(std::io::stdout().is_terminal());
    say!("{}", style.bold("You are the scheduler: choose which real process takes the next step."));
    say!("{HELP}");
    let mut moves: Vec<(ActorId, u32)> = Vec::new();
    loop {
        let (end, verdicts) = with_run(&plan, &|| false, |supervisor| -> Result<_, Astray> {
            let mut puppets = Puppets::new(supervisor, &ready.program)?;
            let mut session = Session { ready: &ready, puppets: &mut puppets, moves: Vec::new(), style };
            session.go(&moves)?;
            let end = session.play()?;
            moves = session.moves;
            let stuck = puppets.is_stuck();
            Ok((end, puppets.finish(stuck)))
        })??;
        match end {
            End::Again(shorter) => {
                moves = shorter;
                say!("  back to step {}", moves.len());
            }
            End::Quit | End::Over => {
                let schedule = schedule(&ready, moves.clone());
                ending_text(&ready.program, &named(&ready.loaded.name, args), &schedule, Some(&verdicts));
                let broke = verdicts.1.iter().any(crate::monitor::Verdict::is_fault);
                if broke {
                    say!("{}", score(&ready.program, moves.len()));
                }
                return Ok(if broke { Exit::Fault } else { Exit::Fine });
            }
        }
    }
}

/// How well the program was broken.
fn score(program: &Program, steps: usize) -> String {
    let own = report::counted(steps);
    match check::ahead(program, &[], &Options::quick()) {
        Ahead::Fault { steps: best, .. } if best == steps => {
            format!("You broke it in {own}: nobody can do it in fewer.")
        }
        Ahead::Fault { steps: best, .. } => {
            format!("You broke it in {own}; {best} {} enough.", if best == 1 { "is" } else { "are" })
        }
        _ => format!("You broke it in {own}."),
    }
}

struct Session<'s, 'r, 'm, 'p> {
    ready: &'s Ready,
    puppets: &'s mut Puppets<'r, 'm, 'p>,
    moves: Vec<(ActorId, u32)>,
    style: Style,
}

impl Session<'_, '_, '_, '_> {
    fn go(&mut self, moves: &[(ActorId, u32)]) -> Result<(), Astray> {
        for (actor, nth) in moves {
            self.puppets.step(*actor, *nth)?;
            self.moves.push((*actor, *nth));
        }
        Ok(())
    }

    /// Asks and obeys until nobody can move, or the user has enough.
    fn play(&mut self) -> Result<End, Astray> {
        loop {
            let offers = self.offers();
            if offers.is_empty() || self.puppets.is_stuck() {
                return Ok(End::Over);
            }
            self.show(&offers);
            let mut line = String::new();
            if std::io::stdin().lock().read_line(&mut line).unwrap_or(0) == 0 {
                return Ok(End::Quit);
            }
            match line.trim() {
                "" | "?" | "help" => say!("{HELP}"),
                "q" | "quit" => return Ok(End::Quit),
                "h" | "hint" => self.hint(),
                "s" => say!("  {}", schedule(self.ready, self.moves.clone())),
                "b" | "back" if self.moves.is_empty() => say!("  nothing was done yet"),
                "b" | "back" => {
                    self.moves.pop();
                    return Ok(End::Again(self.moves.clone()));
                }
                word => match self.chosen(&offers, word) {
                    Some((actor, nth)) => {
                        if self.take(actor, nth)? {
                            return Ok(End::Over);
                        }
                    }
                    None => say!("  `{word}` is not among them; {HELP}", HELP = HELP.trim_start()),
                },
            }
        }
    }

    /// The moves to choose from, with their numbers among their actor's.
    fn offers(&mut self) -> Vec<(Move, u32)> {
        let mut offers: Vec<(Move, u32)> = Vec::new();
        for chosen in self.puppets.walk().all_moves() {
            let nth = offers.iter().filter(|(m, _)| m.actor == chosen.actor).count() as u32;
            offers.push((chosen, nth));
        }
        // What is followed of items is nothing to choose.
        offers.retain(|(chosen, nth)| *nth == 0 || chosen.is_choice());
        offers
    }

    fn show(&mut self, offers: &[(Move, u32)]) {
        let program = &self.ready.program;
        let lines: Vec<&str> = self.ready.loaded.sources.solution.text.lines().collect();
        for (at, (chosen, _)) in offers.iter().enumerate() {
            let step = self.puppets.walk().preview(chosen);
            say!("{}", row(program, &lines, at + 1, &step));
        }
        let picture = self.puppets.walk().picture();
        let waiting: Vec<String> = (0..program.actors.len() as u32)
            .filter_map(|actor| {
                let object = picture.waits_for(program, ActorId(actor)).first().copied()?;
                Some(format!(
                    "{} waits for {}",
                    program.actor_name(ActorId(actor)),
                    program.object_name(object)
                ))
            })
            .collect();
        if !waiting.is_empty() {
            say!("       {}", self.style.dim(&waiting.join(" · ")));
        }
        say_on!("step {}> ", self.moves.len() + 1);
        let _ = std::io::stdout().flush();
    }

    fn chosen(&self, offers: &[(Move, u32)], word: &str) -> Option<(ActorId, u32)> {
        let program = &self.ready.program;
        let at = word.parse::<usize>().ok().and_then(|number| offers.get(number.checked_sub(1)?));
        let named = || offers.iter().find(|(chosen, _)| program.actor_name(chosen.actor) == word);
        at.or_else(named).map(|(chosen, nth)| (chosen.actor, *nth))
    }

    /// Whether the step broke a rule.
    fn take(&mut self, actor: ActorId, nth: u32) -> Result<bool, Astray> {
        let lines: Vec<&str> = self.ready.loaded.sources.solution.text.lines().collect();
        let step = self.puppets.step(actor, nth)?;
        self.moves.push((actor, nth));
        say!("{}", row(&self.ready.program, &lines, self.moves.len(), &step));
        self.puppets.prints().iter().for_each(|line| say!("       {line}"));
        Ok(step.breach.is_some())
    }

    fn hint(&mut self) {
        match check::ahead(&self.ready.program, &self.moves, &Options::quick()) {
            Ahead::Fault { kind, steps, next } => say!(
                "  a {} is {} from here; {} would go there",
                kind.name(),
                report::counted(steps),
                next.map_or("nobody".into(), |actor| self.ready.program.actor_name(actor))
            ),
            Ahead::Nothing => say!("  no way from here leads to a deadlock or a broken rule"),
            Ahead::Far { depth } => {
                say!("  nothing goes wrong within {depth} steps from here; farther was not looked")
            }
        }
    }
}
