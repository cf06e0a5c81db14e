//! The JSON documents keep to their schemas in `assets/`.

use serde_json::Value;

use crate::support::{TempProgram, output, report, texts};

pub fn schema(text: &str) -> jsonschema::Validator {
    let value: Value = serde_json::from_str(text).expect("a schema is JSON");
    jsonschema::validator_for(&value).expect("a valid schema")
}

pub fn assert_valid(validator: &jsonschema::Validator, document: &Value) {
    let errors: Vec<String> =
        validator.iter_errors(document).map(|e| format!("{} at {}", e, e.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}\n{document}");
}

#[test]
fn reports_keep_to_their_schema() {
    let validator = schema(include_str!("../../assets/report.schema.json"));
    let runs: [&[&str]; 5] = [
        &["dining-philosophers/naive", "--speed", "max"],
        &["dining-philosophers/ordered", "--speed", "max", "--for", "200ms"],
        &["producer-consumer/no-mutex", "--speed", "max"],
        &["readers-writers/last-reader-keeps", "--speed", "max"],
        &["sleeping-barber/rendezvous", "--speed", "50", "--for", "300ms"],
    ];
    for arguments in runs {
        assert_valid(&validator, &report(arguments).0);
    }
    let wrong = serde_json::json!({"schema": 1, "tool": "fiveforks"});
    assert!(!validator.is_valid(&wrong), "the schema takes anything");
}

#[test]
fn the_catalogue_keeps_to_its_schema() {
    let validator = schema(include_str!("../../assets/list.schema.json"));
    let (out, _) = texts(&output(&["list", "--format", "json"]));
    assert_valid(&validator, &serde_json::from_str(&out).expect("JSON"));
}

#[test]
fn nothing_else_is_on_standard_output() {
    let output =
        output(&["run", "dining-philosophers/naive", "--speed", "max", "--plain", "--format", "json"]);
    let (out, _) = texts(&output);
    assert_eq!(out.trim_end().lines().count(), 1, "{out}");
}

#[test]
fn checks_keep_to_their_schema() {
    let validator = schema(include_str!("../../assets/check.schema.json"));
    let checks: [(&[&str], i32); 5] = [
        (&["dining-philosophers/naive"], 1),
        (&["readers-writers/one-lock"], 1),
        (&["producer-consumer/split-binary"], 0),
        (&["dining-philosophers/ordered", "--fair", "strong"], 0),
        (&["dining-philosophers/ordered", "--set", "N=8", "--states", "1000"], 3),
    ];
    for (arguments, status) in checks {
        let output = output(&[&["check"], arguments, &["--format", "json"]].concat());
        assert_valid(&validator, &serde_json::from_str(&texts(&output).0).expect("JSON"));
        assert_eq!(output.status.code(), Some(status), "{arguments:?}");
    }
}

#[test]
fn a_check_carries_the_comparison_with_what_is_expected() {
    let validator = schema(include_str!("../../assets/check.schema.json"));
    let text = include_str!("../../problems/dining-philosophers/naive.fork");
    let wrong = format!(
        "problem: dining-philosophers\n{}",
        text.replace("expect deadlock", "expect violation under strong\nexpect deadlock under weak")
    );
    assert!(wrong.contains("expect violation"), "{wrong}");
    let wrong = TempProgram::new("unexpected", &wrong);
    let compares = |arguments: &[&str], status: i32, result: &str, surprises: &[[&str; 3]]| {
        let output = output(&[&["check"], arguments, &["--expect", "--format", "json"]].concat());
        let document: Value = serde_json::from_str(&texts(&output).0).expect("JSON");
        assert_valid(&validator, &document);
        assert_eq!(output.status.code(), Some(status), "{arguments:?}");
        let comparison = &document["comparison"];
        assert_eq!(comparison["result"], result, "{arguments:?}: {comparison}");
        let found: Vec<[&str; 3]> = comparison["surprises"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|s| ["verdict", "fairness", "is"].map(|key| s[key].as_str().expect("a word")))
            .collect();
        assert_eq!(found, surprises, "{arguments:?}");
    };
    compares(&["dining-philosophers/naive", "--safety"], 0, "as expected", &[]);
    compares(&["mutual-exclusion/peterson-unfenced"], 0, "as expected", &[]);
    compares(
        &[wrong.path(), "--safety"],
        1,
        "not as expected",
        &[["violation", "strong", "missing"], ["deadlock", "strong", "unexpected"]],
    );
    compares(
        &["producer-consumer/semaphores", "--states", "100"],
        3,
        "not compared",
        &[["holds", "weak", "missing"], ["holds", "strong", "missing"]],
    );
}

#[test]
fn costs_keep_to_their_schema() {
    let validator = schema(include_str!("../../assets/ipc.schema.json"));
    for arguments in [&["pipe", "shm", "mqueue", "tcp"][..], &["signal", "--size", "8,9"]] {
        let output = output(&[&["ipc"], arguments, &["--for", "200ms", "--format", "json"]].concat());
        assert_valid(&validator, &serde_json::from_str(&texts(&output).0).expect("JSON"));
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
    }
    assert!(
        !validator.is_valid(&serde_json::json!({"schema": 1, "command": "ipc"})),
        "the schema takes anything"
    );
}
