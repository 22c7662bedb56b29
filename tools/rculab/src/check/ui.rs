// SPDX-License-Identifier: GPL-2.0

//! The compile-fail twins: `tests/ui/X.rs` must be refused for the reason that its head gives, and
//! `tests/ui/X.pass.rs`, one line apart, must not.
//!
//! Both are built with the very flags that Kbuild built the `rcu_demo` module with.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use anyhow::{Context as _, bail, ensure};
use serde::Deserialize;

use crate::{
    check::{Context, files, host, lanes::in_lanes, suite::Suite},
    kernel::Flavour,
};

/// Why a twin must be refused.
#[derive(Debug, PartialEq, Eq)]
enum Reason {
    /// The compiler reports exactly these errors, or denied lints.
    Error(Vec<String>),
    /// The module would not link: nobody defines this symbol.
    Undefined(String),
}

impl Reason {
    /// Reads the head: `// error: E0597`, or `// undefined: SYMBOL`.
    fn read(source: &str) -> anyhow::Result<Self> {
        for line in source.lines().take_while(|line| line.starts_with("// ")) {
            if let Some(codes) = line.strip_prefix("// error: ") {
                return Ok(Self::Error(
                    codes.split_whitespace().map(str::to_owned).collect(),
                ));
            }
            if let Some(symbol) = line.strip_prefix("// undefined: ") {
                return Ok(Self::Undefined(symbol.trim().to_owned()));
            }
        }
        bail!("its head says neither `// error: CODE` nor `// undefined: SYMBOL`")
    }
}

pub fn run(context: &Context<'_>, suite: &Suite) -> anyhow::Result<()> {
    let all = files(&context.place.file("tests/ui"), ".rs")?;
    let twins: Vec<(String, PathBuf)> = all
        .into_iter()
        .filter(|(name, _)| !name.ends_with(".pass") && suite.wants(name))
        .collect();
    if twins.is_empty() {
        return Ok(());
    }
    let modules = context.kernel(Flavour::Debian)?.modules(context.place)?;
    let scratch = suite.dir.file("ui");
    fs::create_dir_all(&scratch)?;
    let compiler = Compiler {
        flags: flags(&modules)?,
        modules,
        scratch,
    };

    in_lanes(twins, |(name, path)| {
        suite.test(&name, || compiler.judge(&name, &path));
        Ok(())
    })
}

/// The command that built `rcu_demo`, up to what names its files.
fn flags(modules: &Path) -> anyhow::Result<String> {
    let path = modules.join("rcu_demo/.rcu_demo.o.cmd");
    let text =
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let command = text.lines().next().and_then(|line| line.split_once(" := "));
    let flags = command.and_then(|(_, command)| command.split_once(" --out-dir "));
    let (flags, _) = flags.with_context(|| {
        format!(
            "{} is not what Kbuild used to write: no --out-dir",
            path.display()
        )
    })?;
    Ok(flags.to_owned())
}

struct Compiler {
    flags: String,
    modules: PathBuf,
    scratch: PathBuf,
}

impl Compiler {
    fn judge(&self, name: &str, path: &Path) -> anyhow::Result<()> {
        let twin = path.with_extension("pass.rs");
        let source = fs::read_to_string(path)?;
        let twin_source = fs::read_to_string(&twin)
            .with_context(|| format!("cannot read the twin {}", twin.display()))?;
        one_line_apart(&source, &twin_source)?;
        match Reason::read(&source)? {
            Reason::Error(expected) => {
                let refused = self.rustc(name, path, "metadata")?;
                ensure!(!refused.status.success(), "it compiles");
                let found = errors(&refused.stderr)?;
                ensure!(
                    found == expected,
                    "errors {found:?}, expected {expected:?}:\n{}",
                    rendered(&refused.stderr)
                );
                self.compiles(name, &twin, "metadata")
            }
            Reason::Undefined(symbol) => {
                self.compiles(name, path, "obj")?;
                ensure!(
                    self.lacks(name, &symbol)?,
                    "it links: {symbol} is not undefined"
                );
                self.compiles(name, &twin, "obj")?;
                ensure!(
                    !self.lacks(name, &symbol)?,
                    "the twin does not link: {symbol}"
                );
                Ok(())
            }
        }
    }

    fn compiles(&self, name: &str, path: &Path, emit: &str) -> anyhow::Result<()> {
        let output = self.rustc(name, path, emit)?;
        ensure!(
            output.status.success(),
            "{} does not compile:\n{}",
            path.display(),
            rendered(&output.stderr)
        );
        Ok(())
    }

    /// Kbuild's flags are shell text, quotes and variables included.
    fn rustc(&self, name: &str, path: &Path, emit: &str) -> anyhow::Result<Output> {
        Command::new("sh")
            .arg("-c")
            .arg(format!(
                "{} --error-format=json --crate-name \"$1\" --emit=\"$2\" -o \"$3\" \"$4\"",
                self.flags
            ))
            .args(["sh", &name.replace('-', "_"), emit])
            .arg(self.output(name))
            .arg(path)
            // As the kernel's Makefile does.
            .env("RUSTC_BOOTSTRAP", "1")
            .current_dir(&self.modules)
            .output()
            .context("cannot run rustc")
    }

    fn output(&self, name: &str) -> PathBuf {
        self.scratch.join(format!("{name}.o"))
    }

    /// Whether the twin's object, linked with what each module is linked with, lacks a symbol.
    fn lacks(&self, name: &str, symbol: &str) -> anyhow::Result<bool> {
        let linked = self.scratch.join(format!("{name}.ko.o"));
        let link = Command::new("ld")
            .args(["-r", "-o"])
            .arg(&linked)
            .arg(self.output(name))
            .args(["rcu/rcu.o", "wrappers/wrappers.o", "helpers/helpers.o"])
            .current_dir(&self.modules)
            .output()
            .context("cannot run ld")?;
        let words = String::from_utf8_lossy(&link.stderr);
        ensure!(link.status.success(), "ld: {}", host::tail(&words));
        let nm = Command::new("nm")
            .arg("-u")
            .arg(&linked)
            .output()
            .context("cannot run nm")?;
        let undefined = String::from_utf8_lossy(&nm.stdout);
        Ok(undefined
            .lines()
            .any(|line| line.trim().trim_start_matches("U ") == symbol))
    }
}

/// The twins must show that one line makes the difference.
fn one_line_apart(a: &str, b: &str) -> anyhow::Result<()> {
    let count = a.lines().count();
    ensure!(
        count == b.lines().count(),
        "the twins do not have as many lines"
    );
    let differ = a.lines().zip(b.lines()).filter(|(a, b)| a != b).count();
    ensure!(
        differ == 1,
        "the twins differ in {differ} lines, not in one"
    );
    Ok(())
}

/// A line of rustc's JSON.
#[derive(Deserialize)]
struct Diagnostic {
    level: String,
    code: Option<Code>,
    rendered: Option<String>,
}

#[derive(Deserialize)]
struct Code {
    code: String,
}

fn diagnostics(stderr: &[u8]) -> impl Iterator<Item = Diagnostic> + '_ {
    stderr
        .split(|byte| *byte == b'\n')
        .filter_map(|line| serde_json::from_slice(line).ok())
}

/// The codes of all errors, each once.
fn errors(stderr: &[u8]) -> anyhow::Result<Vec<String>> {
    let mut codes = Vec::new();
    for diagnostic in diagnostics(stderr).filter(|d| d.level == "error") {
        let text = diagnostic.rendered.unwrap_or_default();
        match diagnostic.code {
            Some(code) if codes.contains(&code.code) => {}
            Some(code) => codes.push(code.code),
            None if text.contains("aborting due to") => {}
            None => bail!("an error without a code:\n{text}"),
        }
    }
    Ok(codes)
}

/// The errors as a person knows them.
fn rendered(stderr: &[u8]) -> String {
    let errors = diagnostics(stderr).filter(|d| d.level == "error");
    let text: String = errors.filter_map(|d| d.rendered).collect();
    if text.is_empty() {
        String::from_utf8_lossy(stderr).into_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn head() {
        let reason = Reason::read("// SPDX\n// error: E0505 E0597\n\n").expect("good");
        assert_eq!(
            reason,
            Reason::Error(vec!["E0505".to_owned(), "E0597".to_owned()])
        );
        let reason = Reason::read("// SPDX\n// undefined: x\n").expect("good");
        assert_eq!(reason, Reason::Undefined("x".to_owned()));
        assert!(Reason::read("// SPDX\n\n// error: E0505\n").is_err());
    }

    #[test]
    fn twins() {
        assert!(one_line_apart("a\nb\n", "a\nc\n").is_ok());
        assert!(one_line_apart("a\nb\n", "a\nb\n").is_err());
        assert!(one_line_apart("a\nb\n", "c\nd\n").is_err());
        assert!(one_line_apart("a\nb\n", "a\n").is_err());
    }

    #[test]
    fn codes() {
        let stderr = br#"{"level":"warning","code":{"code":"missing_docs"},"rendered":"w"}
{"level":"error","code":{"code":"E0505"},"rendered":"e"}
{"level":"error","code":null,"rendered":"error: aborting due to 1 previous error"}"#;
        assert_eq!(errors(stderr).expect("good"), ["E0505"]);
        assert_eq!(
            rendered(stderr).lines().next(),
            Some("eerror: aborting due to 1 previous error")
        );
    }
}
