//! Laying a text out twice is laying it out once, and changes no instruction.
#![no_main]

use fiveforks::lang::{Scope, Source, Sources, compile, format};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(once) = format(text) else { return };
    assert_eq!(format(&once).expect("what was laid out can be read"), once);
    let program = |text: &str| {
        let solution = Source { name: "fuzz.fork".into(), text: text.into() };
        compile(&Sources { problem: None, solution }, &[], Scope::All).ok().map(|c| c.program)
    };
    let (before, after) = (program(text), program(&once));
    assert_eq!(before.is_some(), after.is_some(), "{text}\n--- laid out ---\n{once}");
    if let (Some(before), Some(after)) = (before, after) {
        for (a, b) in before.actors.iter().zip(&after.actors) {
            assert_eq!(a.code.instructions, b.code.instructions);
        }
    }
});
