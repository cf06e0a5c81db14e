//! What mechanisms cost, for programs: one JSON document, whose schema is `assets/ipc.schema.json`.

use serde::Serialize;

use super::json::{SCHEMA, TOOL};
use crate::inspect;
use crate::ipc::{Figures, ROUNDS, Results, Row, is_read_and_written};
use crate::mechanism::{Limit, Reach};

#[derive(Serialize)]
struct Document {
    schema: u32,
    tool: &'static str,
    command: &'static str,
    elapsed_s: f64,
    interrupted: bool,
    processors: [usize; 2],
    rounds: usize,
    mechanisms: Vec<MechanismJson>,
}

#[derive(Serialize)]
struct MechanismJson {
    mechanism: &'static str,
    title: &'static str,
    man_page: &'static str,
    reach: &'static str,
    message_boundaries: bool,
    priorities: bool,
    kernel_copies_per_message: u8,
    longest_message_bytes: Option<u64>,
    depth_messages: Option<usize>,
    system_calls_counted_by: &'static str,
    sizes: Vec<SizeJson>,
}

#[derive(Serialize)]
struct SizeJson {
    size_bytes: usize,
    #[serde(flatten)]
    outcome: Outcome,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Outcome {
    Measured { one_way: OneWayJson, round_trip: RoundTripJson },
    Not { not_measured: String },
}

#[derive(Serialize)]
struct OneWayJson {
    messages_per_s: f64,
    slowest_round_messages_per_s: f64,
    fastest_round_messages_per_s: f64,
    system_calls_per_message: Option<f64>,
    context_switches_per_message: Option<f64>,
}

#[derive(Serialize)]
struct RoundTripJson {
    p50_us: f64,
    p99_us: f64,
    mean_us: f64,
    system_calls_per_round_trip: Option<f64>,
    context_switches_per_round_trip: Option<f64>,
}

/// The document.
pub fn report(results: &Results) -> String {
    let document = Document {
        schema: SCHEMA,
        tool: TOOL,
        command: "ipc",
        elapsed_s: results.elapsed.as_secs_f64(),
        interrupted: results.interrupted,
        processors: results.cores,
        rounds: ROUNDS,
        mechanisms: results.rows.iter().map(|row| mechanism(results, row)).collect(),
    };
    serde_json::to_string(&document).unwrap_or_default()
}

fn mechanism(results: &Results, row: &Row) -> MechanismJson {
    let abilities = row.mechanism.abilities();
    let kernel = results.kernel_counts && is_read_and_written(row.mechanism);
    MechanismJson {
        mechanism: row.mechanism.name(),
        title: row.mechanism.title(),
        man_page: row.mechanism.man_page(),
        reach: match abilities.reach {
            Reach::Related => "related",
            Reach::Machine => "machine",
            Reach::Machines => "machines",
        },
        message_boundaries: abilities.boundaries,
        priorities: abilities.priorities,
        kernel_copies_per_message: abilities.kernel_copies,
        longest_message_bytes: match abilities.limit {
            Limit::Fixed(bytes) => Some(bytes as u64),
            Limit::Tunable(path) => inspect::setting(path),
            Limit::Stream | Limit::Chosen => None,
        },
        depth_messages: row.depth,
        system_calls_counted_by: if kernel { "kernel" } else { "caller" },
        sizes: results.sizes.iter().zip(&row.cells).map(|(bytes, cell)| size(*bytes, cell)).collect(),
    }
}

fn size(size_bytes: usize, cell: &Result<Figures, String>) -> SizeJson {
    let outcome = match cell {
        Err(why) => Outcome::Not { not_measured: why.clone() },
        Ok(Figures { one_way, round_trip }) => Outcome::Measured {
            one_way: OneWayJson {
                messages_per_s: one_way.per_s,
                slowest_round_messages_per_s: one_way.lowest,
                fastest_round_messages_per_s: one_way.highest,
                system_calls_per_message: one_way.each.calls,
                context_switches_per_message: one_way.each.switches,
            },
            round_trip: RoundTripJson {
                p50_us: round_trip.times.p50 / 1e3,
                p99_us: round_trip.times.p99 / 1e3,
                mean_us: round_trip.times.mean / 1e3,
                system_calls_per_round_trip: round_trip.each.calls,
                context_switches_per_round_trip: round_trip.each.switches,
            },
        },
    };
    SizeJson { size_bytes, outcome }
}
