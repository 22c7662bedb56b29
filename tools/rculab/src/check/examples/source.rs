// SPDX-License-Identifier: GPL-2.0

//! The modules in which the examples run, as source text.
//!
//! One module has a KUnit test for each example. An example that declares a module is one of its
//! own: loading it runs it.

use std::{fmt::Write as _, fs, path::Path};

use anyhow::Context as _;

use super::block::{Example, declares_module};

/// The module with the tests, and its suite.
pub const SUITE: &str = "rcu_examples";

/// What all of them may do: examples leave out what does not serve to explain.
const ALLOWED: &str = "#![allow(missing_docs, non_snake_case, unreachable_pub, unused)]\n";

/// A module to be built.
#[derive(Debug)]
pub struct Module {
    pub name: String,
    pub text: String,
    places: Vec<Place>,
}

/// An example's place in a module's text.
#[derive(Clone, Debug)]
struct Place {
    /// Of the first line of its code; from 1.
    line: usize,
    example: Example,
}

/// A test, by the name that KUnit knows it by.
#[derive(Debug)]
pub struct Test<'a> {
    pub name: String,
    pub example: &'a Example,
}

/// The tests, and the modules: first the one of the tests.
pub fn modules(examples: &[Example]) -> (Vec<Test<'_>>, Vec<Module>) {
    let (modules, functions): (Vec<_>, Vec<_>) = examples
        .iter()
        .partition(|example| declares_module(&example.code));
    let tests = named(functions);
    let mut built = vec![suite(&tests)];
    for (number, example) in modules.into_iter().enumerate() {
        built.push(own_module(number + 1, example));
    }
    (tests, built)
}

/// Names the tests after what they are examples of, each differently.
fn named(examples: Vec<&Example>) -> Vec<Test<'_>> {
    let mut tests: Vec<Test<'_>> = Vec::new();
    for example in examples {
        let name: String = example
            .of
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join("_");
        let same = tests.iter().filter(|test| test.example.of == example.of);
        let name = match same.count() {
            0 => name,
            others => format!("{name}_{}", others + 1),
        };
        tests.push(Test { name, example });
    }
    tests
}

fn suite(tests: &[Test<'_>]) -> Module {
    let mut text = format!(
        "// SPDX-License-Identifier: GPL-2.0

//! The examples of the documentation, written here by rculab.

{ALLOWED}
use kernel::prelude::*;

rcu::rcu_module! {{
    type: Examples,
    name: \"{SUITE}\",
    authors: [\"the rcu-lab authors\"],
    description: \"The examples of the documentation\",
    license: \"GPL\",
}}

struct Examples;

impl kernel::Module for Examples {{
    fn init(_module: &'static ThisModule) -> Result<Self> {{
        Ok(Self)
    }}
}}

#[kunit_tests({SUITE})]
mod tests {{"
    );
    let mut places = Vec::new();
    for test in tests {
        places.push(function(&mut text, test));
    }
    text.push_str("}\n");
    Module {
        name: SUITE.to_owned(),
        text,
        places,
    }
}

/// Appends a test. A failing assertion gives the line of the example, not of this text.
fn function(text: &mut String, test: &Test<'_>) -> Place {
    let Test { name, example } = test;
    let Example { file, line, .. } = example;
    // Rustdoc's rule: an example that ends so is one that may fail.
    let fails = example
        .code
        .last()
        .is_some_and(|line| line.ends_with("(())"));
    let returns = if fails {
        "-> core::result::Result<(), impl core::fmt::Debug> "
    } else {
        ""
    };
    let call = if fails {
        "assert!(example().is_ok())"
    } else {
        "example()"
    };
    let head = |moved: &str| {
        format!(
            "
    #[test]
    fn {name}() {{
        macro_rules! assert {{
            ($condition:expr $(,)?) => {{
                ::kernel::kunit_assert!(\"{name}\", c\"{file}\", {moved}, $condition)
            }};
        }}
        macro_rules! assert_eq {{
            ($left:expr, $right:expr $(,)?) => {{
                ::kernel::kunit_assert_eq!(\"{name}\", c\"{file}\", {moved}, $left, $right)
            }};
        }}
        fn example() {returns}{{
"
        )
    };
    let start = lines(text) + lines(&head("")) + 1;
    text.push_str(&head(&format!("{start} - {line}")));
    for line in &example.code {
        text.push_str(line);
        text.push('\n');
    }
    // Writing to a string does not fail.
    let _ = write!(text, "        }}\n        {call}\n    }}\n");
    Place {
        line: start,
        example: (*example).clone(),
    }
}

fn own_module(number: usize, example: &Example) -> Module {
    let mut text = format!("// SPDX-License-Identifier: GPL-2.0\n\n{ALLOWED}\n");
    let line = lines(&text) + 1;
    for line in &example.code {
        text.push_str(line);
        text.push('\n');
    }
    Module {
        name: format!("rcu_example_{number}"),
        text,
        places: vec![Place {
            line,
            example: example.clone(),
        }],
    }
}

fn lines(text: &str) -> usize {
    text.matches('\n').count()
}

impl Module {
    /// The example that is the whole module.
    pub fn only_example(&self) -> Option<&Example> {
        (self.name != SUITE).then(|| &self.places[0].example)
    }

    /// Writes the crate where Kbuild looks for it, unless it is there already.
    pub fn write(&self, modules: &Path) -> anyhow::Result<()> {
        let path = modules.join(self.source());
        if fs::read(&path).is_ok_and(|old| old == self.text.as_bytes()) {
            return Ok(());
        }
        let dir = path.parent().unwrap_or(modules);
        fs::create_dir_all(dir)
            .and_then(|()| fs::write(&path, &self.text))
            .with_context(|| format!("cannot write {}", path.display()))
    }

    fn source(&self) -> String {
        format!("{0}/{0}.rs", self.name)
    }

    /// Where the example stands that a compiler's line speaks of, if it does.
    pub fn origin(&self, message: &str) -> Option<String> {
        let (_, at) = message.split_once(&format!("{}:", self.source()))?;
        let at: usize = at.split(':').next()?.trim().parse().ok()?;
        let place = self.places.iter().rev().find(|place| place.line <= at)?;
        let into = at - place.line;
        (into < place.example.code.len())
            .then(|| format!("{}:{}", place.example.file, place.example.line + into))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(of: &str, line: usize, code: &[&str]) -> Example {
        Example {
            of: of.to_owned(),
            file: "rcu/x.rs".to_owned(),
            line,
            code: code.iter().map(|line| (*line).to_owned()).collect(),
        }
    }

    #[test]
    fn each_test_has_a_name() {
        let examples = [
            example("rcu::Rcu::read", 1, &[]),
            example("rcu::Rcu::read", 9, &[]),
            example("Documentation/which-type.md", 3, &[]),
        ];
        let (tests, modules) = modules(&examples);
        let names: Vec<&str> = tests.iter().map(|test| test.name.as_str()).collect();
        assert_eq!(
            names,
            [
                "rcu_Rcu_read",
                "rcu_Rcu_read_2",
                "Documentation_which_type_md"
            ]
        );
        assert_eq!(modules.len(), 1);
    }

    #[test]
    fn a_line_is_found_again() {
        let examples = [
            example("rcu::a", 40, &["let a = 1;", "assert!(a == 1);"]),
            example("rcu::b", 70, &["work()?;", "Ok::<(), Error>(())"]),
        ];
        let (_, modules) = modules(&examples);
        let text = &modules[0].text;
        let at = |code: &str| text.lines().position(|line| line == code).expect("there") + 1;
        let message = |at: usize| format!("  --> rcu_examples/rcu_examples.rs:{at}:13");
        let origin = |at| modules[0].origin(&message(at));
        assert_eq!(
            origin(at("assert!(a == 1);")).as_deref(),
            Some("rcu/x.rs:41")
        );
        assert_eq!(origin(at("work()?;")).as_deref(), Some("rcu/x.rs:70"));
        assert_eq!(origin(1), None);
        // What KUnit subtracts from the line gives the same.
        let moved = format!("c\"rcu/x.rs\", {} - 40, $condition", at("let a = 1;"));
        assert!(text.contains(&moved));
    }

    #[test]
    fn a_module_is_its_own() {
        let code = ["rcu::rcu_module! {", "    type: Driver,", "}"];
        let examples = [example("rcu::rcu_module", 5, &code)];
        let (tests, modules) = modules(&examples);
        assert!(tests.is_empty());
        assert_eq!(modules[1].name, "rcu_example_1");
        assert_eq!(modules[1].only_example(), Some(&examples[0]));
        let origin = modules[1].origin("--> rcu_example_1/rcu_example_1.rs:5:1");
        assert_eq!(origin.as_deref(), Some("rcu/x.rs:5"));
    }
}
