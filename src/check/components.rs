//! Strongly connected components (R. Tarjan, Depth-First Search and Linear Graph Algorithms, SIAM J. Comput. 1972),
//! without recursion.

use super::graph::{Arc, Graph};

/// Which part of the graph is looked at.
pub trait Part {
    /// Whether a state belongs to it.
    fn has(&self, state: u32) -> bool;
    /// Whether an edge between two states of the part belongs to it.
    fn follows(&self, from: u32, arc: Arc) -> bool;
}

const UNSEEN: u32 = 0;
/// States between two looks at the time.
const LOOK_EVERY: usize = 1 << 16;

/// Room for a search for components; it may be used again and again.
pub struct Components<'c> {
    late: &'c dyn Fn() -> bool,
    /// When a state was first seen, counted from 1.
    order: Vec<u32>,
    on_stack: Vec<bool>,
    seen: Vec<u32>,
}

impl<'c> Components<'c> {
    /// For a graph; a search ends early once it is too `late`.
    pub fn new(graph: &Graph, late: &'c dyn Fn() -> bool) -> Components<'c> {
        let (order, on_stack) = (vec![UNSEEN; graph.len()], vec![false; graph.len()]);
        Components { late, order, on_stack, seen: Vec::new() }
    }

    /// Calls `visit` with the states of every component of the part that is reached from `roots` and has an edge inside,
    /// until it says that this is enough.
    pub fn visit(
        &mut self,
        graph: &Graph,
        part: &impl Part,
        roots: impl Iterator<Item = u32>,
        mut visit: impl FnMut(&[u32]) -> bool,
    ) {
        for root in roots {
            if self.order[root as usize] == UNSEEN
                && part.has(root)
                && self.from(graph, part, root, &mut visit)
            {
                break;
            }
        }
        for state in self.seen.drain(..) {
            self.order[state as usize] = UNSEEN;
            self.on_stack[state as usize] = false;
        }
    }

    fn enter(&mut self, state: u32, stack: &mut Vec<u32>) -> (u32, u32, u32) {
        self.seen.push(state);
        let number = self.seen.len() as u32;
        self.order[state as usize] = number;
        self.on_stack[state as usize] = true;
        stack.push(state);
        (state, 0, number)
    }

    fn from(
        &mut self,
        graph: &Graph,
        part: &impl Part,
        root: u32,
        visit: &mut impl FnMut(&[u32]) -> bool,
    ) -> bool {
        let mut stack: Vec<u32> = Vec::new();
        // (state, the edge that is looked at next, the lowest number that is reached)
        let mut path: Vec<(u32, u32, u32)> = vec![self.enter(root, &mut stack)];
        while let Some((from, nth, low)) = path.last_mut() {
            let from = *from;
            if let Some(arc) = graph.arc(from, *nth) {
                *nth += 1;
                if !part.has(arc.to) || !part.follows(from, arc) {
                    continue;
                }
                match self.order[arc.to as usize] {
                    UNSEEN if self.seen.len().is_multiple_of(LOOK_EVERY) && (self.late)() => return true,
                    UNSEEN => path.push(self.enter(arc.to, &mut stack)),
                    number if self.on_stack[arc.to as usize] => *low = (*low).min(number),
                    _ => {}
                }
                continue;
            }
            let low = *low;
            path.pop();
            if let Some((_, _, above)) = path.last_mut() {
                *above = (*above).min(low);
            }
            if low == self.order[from as usize] {
                let first = stack.iter().rposition(|s| *s == from).unwrap_or(0);
                let members = &stack[first..];
                members.iter().for_each(|member| self.on_stack[*member as usize] = false);
                let inside = members.len() > 1
                    || graph.arcs(from).any(|arc| arc.to == from && part.follows(from, arc));
                if inside && visit(members) {
                    return true;
                }
                stack.truncate(first);
            }
        }
        false
    }
}
