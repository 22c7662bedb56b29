// SPDX-License-Identifier: GPL-2.0

//! The labelled logs of `tests/logs`: each field of each episode, and how often the cause is right.
//!
//! Every `.log` has a `.json` beside it that says where the log comes from and what is to be read
//! in it. `causes` holds what is accepted; the tool must not be sure of anything else, and an episode
//! says why (`limit`) where the log does not allow to know it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Label {
    source: String,
    episodes: Vec<BTreeMap<String, Value>>,
}

fn logs() -> Vec<PathBuf> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/logs");
    let entries = |path: &Path| {
        let entries = fs::read_dir(path).expect("a readable directory");
        entries
            .map(|entry| entry.expect("readable").path())
            .collect::<Vec<_>>()
    };
    let parts = entries(&top).into_iter().filter(|part| part.is_dir());
    let mut logs: Vec<PathBuf> = parts.flat_map(|part| entries(&part)).collect();
    logs.retain(|path| path.extension().is_some_and(|extension| extension == "log"));
    logs.sort();
    logs
}

/// What went right and wrong.
#[derive(Default)]
struct Score {
    right: BTreeMap<String, u32>,
    total: BTreeMap<String, u32>,
    wrong: Vec<String>,
    limits: Vec<String>,
    wrong_causes: Vec<String>,
    wrong_and_sure: Vec<String>,
}

impl Score {
    fn field(&mut self, place: &str, field: &str, expected: &Value, found: &Value) {
        let (name, good) = match field {
            "causes" => (
                "cause",
                expected
                    .as_array()
                    .is_some_and(|causes| causes.contains(&found["cause"])),
            ),
            field => (field, found[field] == *expected),
        };
        *self.total.entry(name.to_owned()).or_default() += 1;
        *self.right.entry(name.to_owned()).or_default() += u32::from(good);
        if good {
            return;
        }
        let line = format!("{place}: {name}: {} and not {expected}", found[name]);
        if name != "cause" {
            self.wrong.push(line);
            return;
        }
        if found["confidence"] == "high" {
            self.wrong_and_sure.push(line.clone());
        }
        self.wrong_causes.push(line);
    }
}

/// Whether `source` leads to the very page or mail.
fn addressed_exactly(source: &str) -> bool {
    source.contains("://") || source.contains("Message-ID")
}

#[test]
fn every_log_is_read_as_its_label_says() {
    let logs = logs();
    let mut score = Score::default();
    let (mut real, mut addressed) = (0, 0);
    for path in &logs {
        let name = path
            .file_name()
            .expect("a file")
            .to_string_lossy()
            .into_owned();
        let label = fs::read_to_string(path.with_extension("json"))
            .unwrap_or_else(|error| panic!("{name} has no label: {error}"));
        let label: Label =
            serde_json::from_str(&label).unwrap_or_else(|error| panic!("{name}'s label: {error}"));
        assert!(
            !label.source.is_empty(),
            "{name} does not say where it comes from"
        );
        if path.parent().is_some_and(|part| part.ends_with("real")) {
            real += 1;
            addressed += u32::from(addressed_exactly(&label.source));
        }

        let found = stalls::explain(File::open(path).expect("readable")).expect("readable");
        let found = serde_json::to_value(found).expect("serializable");
        let found = found.as_array().expect("an array");
        let lines: Vec<&Value> = found.iter().map(|episode| &episode["line"]).collect();
        let labelled: Vec<&Value> = label
            .episodes
            .iter()
            .map(|episode| &episode["line"])
            .collect();
        assert_eq!(lines, labelled, "{name}: where the headers are");
        for (found, label) in found.iter().zip(&label.episodes) {
            let place = format!("{name}:{}", found["line"]);
            for (field, expected) in label.iter().filter(|(field, _)| *field != "limit") {
                score.field(&place, field, expected, found);
            }
            if let Some(limit) = label.get("limit") {
                let wrong = score.wrong_causes.pop();
                let wrong = wrong.filter(|wrong| wrong.starts_with(&place));
                assert!(
                    wrong.is_some(),
                    "{place} is read rightly: {limit} no longer"
                );
                score.limits.extend(wrong);
            }
        }
    }
    // `make check` shows these lines.
    println!("accuracy: {:24} {:5}", "logs", logs.len());
    for (field, total) in &score.total {
        let right = score.right[field];
        let percent = f64::from(right) * 100.0 / f64::from(*total);
        println!("accuracy: {field:24} {right:5} of {total:5} {percent:6.1} %");
    }
    for limit in &score.limits {
        println!("accuracy: cannot be known: {limit}");
    }
    println!("accuracy: public logs with an exact address: {addressed} of {real}");
    assert!(addressed >= 60, "only {addressed} of {real}");
    assert!(score.wrong.is_empty(), "{:#?}", score.wrong);
    assert!(
        score.wrong_and_sure.is_empty(),
        "sure, and wrong: {:#?}",
        score.wrong_and_sure
    );
    assert!(score.wrong_causes.is_empty(), "{:#?}", score.wrong_causes);
    // What is left are the labels with a `limit`, which is to remain an exception.
    let (right, total) = (score.right["cause"], score.total["cause"]);
    assert!(right * 100 >= total * 95, "{right} of {total} causes");
}
