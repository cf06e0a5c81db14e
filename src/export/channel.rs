//! Channels as those of Promela, which hold messages in the same order.

use std::fmt::Write;

use super::expression::register;
use super::operation::{Choice, when};
use crate::program::{Channel, ChannelId, Place, Program, Register};

/// The channel that a place means. The prefix keeps names off Promela's words.
fn name(program: &Program, me: usize, channel: Place) -> String {
    let array = program.channel(ChannelId(channel.span().0));
    let within = match channel {
        Place::Fixed(id) => (id - array.base.0).to_string(),
        Place::Indexed { base, index, .. } if base == array.base.0 => register(me, index),
        Place::Indexed { base, index, .. } => format!("{} + {}", base - array.base.0, register(me, index)),
    };
    element(array, &within)
}

fn element(array: &Channel, within: &str) -> String {
    if array.size.is_some() { format!("ch_{}[{within}]", array.name) } else { format!("ch_{}", array.name) }
}

/// How many values its messages have. Where nobody says so there are no messages, but Promela wants one.
fn fields(array: &Channel) -> usize {
    usize::from(array.values.max(1))
}

/// All channels.
pub fn declare(out: &mut String, program: &Program) {
    if !program.channels.is_empty() {
        let _ = writeln!(out, "\n/* channels */");
    }
    for array in program.channels.iter().filter(|array| array.size != Some(0)) {
        let size = array.size.map_or(String::new(), |size| format!("[{size}]"));
        let types = vec!["int"; fields(array)].join(", ");
        let _ = writeln!(out, "chan ch_{}{size} = [{}] of {{ {types} }};", array.name, array.capacity);
    }
    let with_items = || program.channels.iter().filter(|array| array.holds_items);
    let Some(most) = with_items().map(fields).max() else { return };
    let values: Vec<String> = (0..most).map(|at| format!("value{at}")).collect();
    let _ = writeln!(out, "int {};  /* 0 between steps */", values.join(", "));
    for fields in (1..=most).filter(|fields| with_items().any(|array| self::fields(array) == *fields)) {
        let values = &values[..fields];
        let message = values.join(", ");
        let used: Vec<String> = values.iter().map(|value| format!("use_up({value})")).collect();
        let _ = writeln!(
            out,
            "/* in each message, one after the other */\ninline use_up_{fields}(c) {{\n  scratch = len(c);\n  do :: scratch > 0 -> \
             scratch--; c?{message}; {}; c!{message} :: else -> break od;\n  {} = 0\n}}",
            used.join("; "),
            values.join(" = 0; ")
        );
    }
}

/// Every single channel that may hold items.
fn with_items(program: &Program) -> impl Iterator<Item = (String, usize)> {
    let of = |array: &Channel| {
        let elements =
            (0..array.size.unwrap_or(1)).map(|at| (element(array, &at.to_string()), fields(array)));
        elements.collect::<Vec<_>>()
    };
    program.channels.iter().filter(|array| array.holds_items).flat_map(of)
}

/// Conditions, one of which holds if a copy of an item lies in a channel.
pub fn holding(program: &Program, item: &str) -> Vec<String> {
    let of = |(name, fields): (String, usize)| {
        let item = item.to_string();
        (0..fields).map(move |at| {
            let pattern: Vec<&str> = (0..fields).map(|k| if k == at { item.as_str() } else { "_" }).collect();
            format!("{name}??[{}]", pattern.join(", "))
        })
    };
    with_items(program).flat_map(of).collect()
}

/// What turns the followed item's copies in channels into stale ones.
pub fn use_up(program: &Program) -> Vec<String> {
    with_items(program).map(|(name, fields)| format!("use_up_{fields}({name})")).collect()
}

/// The option of sending the registers from one on.
pub fn send(program: &Program, me: usize, channel: Place, (from, values): (Register, u8)) -> Vec<Choice> {
    let name = name(program, me, channel);
    let message: Vec<String> = (0..u16::from(values)).map(|at| register(me, Register(from.0 + at))).collect();
    vec![when(format!("nfull({name})"), vec![format!("{name}!{}", message.join(", "))])]
}

/// The options of receiving into the registers from one on. Unless it waits, the first of them says whether there was a
/// message.
pub fn receive(
    program: &Program,
    me: usize,
    channel: Place,
    (to, values): (Register, u8),
    wait: bool,
) -> Vec<Choice> {
    let fields = fields(program.channel(ChannelId(channel.span().0)));
    let name = name(program, me, channel);
    let registers: Vec<String> = (0..u16::from(values)).map(|at| register(me, Register(to.0 + at))).collect();
    let (got, into) = registers.split_at(usize::from(!wait && values > 0));
    let message: Vec<&str> = (0..fields).map(|at| into.get(at).map_or("_", String::as_str)).collect();
    let taken = got.iter().map(|got| format!("{got} = 1")).chain([format!("{name}?{}", message.join(", "))]);
    let some = when(format!("nempty({name})"), taken.collect());
    let none = || when(format!("empty({name})"), registers.iter().map(|to| format!("{to} = 0")).collect());
    [some].into_iter().chain((!wait).then(none)).collect()
}
