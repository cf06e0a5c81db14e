//! The menu: what is there, and what is selected.

use super::Sort;
use crate::catalogue::{self, PROBLEMS};
use crate::lang;
use crate::program::{Expect, Program};

/// One problem of the menu.
#[derive(Clone, Debug)]
pub struct Teaching {
    /// Its name in the catalogue.
    pub id: &'static str,
    /// Its title.
    pub title: String,
    /// Its story.
    pub about: String,
    /// The picture that fits it.
    pub scene: String,
    /// Its solutions.
    pub solutions: Vec<Choice>,
}

/// One solution of the menu.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Its name in the catalogue.
    pub id: &'static str,
    /// Its title.
    pub title: String,
    /// What its text says at the top.
    pub about: String,
    /// Whether it is one to learn from.
    pub correct: bool,
    /// What it is expected to show.
    pub expects: Vec<Expect>,
    /// What it is an example of.
    pub sorts: Vec<Sort>,
}

/// The menu.
#[derive(Debug)]
pub struct Menu {
    all: Vec<Teaching>,
    /// What is shown.
    pub problems: Vec<Teaching>,
    /// Which sort of solutions alone is shown.
    pub only: Option<Sort>,
    /// Which problem is selected.
    pub problem: usize,
    /// Which of its solutions.
    pub solution: usize,
}

impl Menu {
    /// Reads the catalogue.
    pub fn new() -> Menu {
        let problems = PROBLEMS.iter().filter_map(|problem| {
            let compiled: Vec<(&'static str, Program)> = problem
                .solutions
                .iter()
                .filter_map(|s| Some((s.id, catalogue::compiled(problem, s)?)))
                .collect();
            let first = &compiled.first()?.1;
            Some(Teaching {
                id: problem.id,
                title: first.problem.clone(),
                about: lang::about(problem.text),
                scene: first.scene.clone().unwrap_or_default(),
                solutions: compiled
                    .into_iter()
                    .map(|(id, program)| Choice {
                        id,
                        sorts: Sort::of(problem.id, id, &program),
                        correct: program.is_correct(),
                        title: program.solution,
                        about: program.about,
                        expects: program.expects,
                    })
                    .collect(),
            })
        });
        let all: Vec<Teaching> = problems.collect();
        Menu { problems: all.clone(), all, only: None, problem: 0, solution: 0 }
    }

    /// Shows the next sort of solutions alone, and behind the last one all again.
    pub fn filter(&mut self) {
        let at = self.only.and_then(|only| Sort::ALL.iter().position(|sort| *sort == only));
        self.only = Sort::ALL.get(at.map_or(0, |at| at + 1)).copied();
        let fits = |choice: &Choice| self.only.is_none_or(|only| choice.sorts.contains(&only));
        self.problems = self.all.clone();
        self.problems.iter_mut().for_each(|problem| problem.solutions.retain(fits));
        self.problems.retain(|problem| !problem.solutions.is_empty());
        (self.problem, self.solution) = (0, 0);
    }

    /// How many solutions are shown.
    pub fn count(&self) -> usize {
        self.problems.iter().map(|problem| problem.solutions.len()).sum()
    }

    /// The selected problem.
    pub fn current(&self) -> Option<&Teaching> {
        self.problems.get(self.problem)
    }

    /// The selected solution's name.
    pub fn chosen(&self) -> Option<String> {
        let problem = self.current()?;
        Some(format!("{}/{}", problem.id, problem.solutions.get(self.solution)?.id))
    }

    /// Moves on by so many solutions; behind the last one comes the next problem.
    pub fn step(&mut self, by: isize) {
        let solutions = self.current().map_or(0, |p| p.solutions.len());
        let at = self.solution as isize + by;
        if at < 0 {
            if self.problem > 0 {
                self.problem -= 1;
                self.solution = self.current().map_or(0, |p| p.solutions.len().saturating_sub(1));
            }
        } else if at as usize >= solutions {
            if self.problem + 1 < self.problems.len() {
                self.problem += 1;
                self.solution = 0;
            }
        } else {
            self.solution = at as usize;
        }
    }

    /// Goes to another problem, round and round.
    pub fn turn(&mut self, by: isize) {
        let count = self.problems.len().max(1) as isize;
        self.problem = (self.problem as isize + by).rem_euclid(count) as usize;
        self.solution = 0;
    }
}

impl Default for Menu {
    fn default() -> Menu {
        Menu::new()
    }
}
