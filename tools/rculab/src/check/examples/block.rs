// SPDX-License-Identifier: GPL-2.0

//! The examples in a documentation text, and where they stand.

use std::{fs, path::Path};

use anyhow::{Context as _, bail};
use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

use crate::api::PublicItem;

/// What rustdoc would not run.
const NEVER_RUN: [&str; 4] = ["ignore", "no_run", "compile_fail", "should_panic"];

/// An example that is to be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// What it is an example of.
    pub of: String,
    /// From the top of the repository.
    pub file: String,
    /// Of the first line of `code`; from 1.
    pub line: usize,
    pub code: Vec<String>,
}

/// A code block, and in which line of the text its code begins; from 0.
struct Block {
    info: String,
    line: usize,
    code: Vec<String>,
}

/// The examples in an item's documentation.
pub fn of_item(item: &PublicItem, top: &Path) -> anyhow::Result<Vec<Example>> {
    let blocks: Vec<Block> = blocks(&item.docs);
    if blocks.is_empty() {
        return Ok(Vec::new());
    }
    let source = fs::read_to_string(&item.file)
        .with_context(|| format!("cannot read {}", item.file.display()))?;
    let first = first_line(&source, item)?;
    let mut examples = Vec::new();
    for block in blocks {
        let line = first + block.line;
        let file = relative(&item.file, top);
        if is_example(&block, "").with_context(|| format!("{file}:{line}"))? {
            examples.push(Example {
                of: item.path.clone(),
                file,
                line,
                code: block.code.iter().map(|line| shown(line)).collect(),
            });
        }
    }
    Ok(examples)
}

/// The examples of a page: the code blocks that say that they are Rust.
pub fn of_page(path: &Path, top: &Path) -> anyhow::Result<Vec<Example>> {
    let text =
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let file = relative(path, top);
    let mut examples = Vec::new();
    for block in blocks(&text) {
        let line = block.line + 1;
        if is_example(&block, "rust").with_context(|| format!("{file}:{line}"))? {
            let mut code = block.code;
            if !declares_module(&code) {
                // A page does not show what is the same everywhere.
                code.push("Ok::<(), ::kernel::error::Error>(())".to_owned());
            }
            examples.push(Example {
                of: file.clone(),
                file: file.clone(),
                line,
                code,
            });
        }
    }
    Ok(examples)
}

/// Whether the code is a whole module rather than what stands in a function.
pub fn declares_module(code: &[String]) -> bool {
    code.iter()
        .any(|line| line.trim_start().starts_with("rcu::rcu_module!"))
}

fn relative(path: &Path, top: &Path) -> String {
    let path = path.strip_prefix(top).unwrap_or(path);
    path.to_string_lossy().into_owned()
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (event, range) in Parser::new(text).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                open = Some(Block {
                    info: info.into_string(),
                    line: text[..range.start].matches('\n').count() + 1,
                    code: Vec::new(),
                });
            }
            Event::Text(code) => {
                if let Some(block) = &mut open {
                    block.code.extend(code.lines().map(str::to_owned));
                }
            }
            Event::End(TagEnd::CodeBlock) => blocks.extend(open.take()),
            _ => {}
        }
    }
    blocks
}

/// Whether a block is Rust; `unnamed` is what a block says that has it by default.
fn is_example(block: &Block, unnamed: &str) -> anyhow::Result<bool> {
    let words: Vec<&str> = block.info.split([',', ' ']).map(str::trim).collect();
    if let Some(word) = words.iter().find(|word| NEVER_RUN.contains(word)) {
        bail!("an example that says `{word}` is never run");
    }
    Ok(words == [unnamed] || words == ["rust"])
}

/// A line without the mark that hides it from a reader of the documentation.
fn shown(line: &str) -> String {
    let text = line.trim_start();
    match text.strip_prefix('#') {
        Some("") => String::new(),
        Some(rest) if rest.starts_with('#') => rest.to_owned(),
        Some(rest) => rest.strip_prefix(' ').unwrap_or(line).to_owned(),
        None => line.to_owned(),
    }
}

/// The line of the source in which the documentation of an item begins; from 1.
///
/// It stands right above the item, unless a macro made the item of it.
fn first_line(source: &str, item: &PublicItem) -> anyhow::Result<usize> {
    let lines: Vec<&str> = source.lines().map(str::trim_start).collect();
    let docs: Vec<&str> = item.docs.lines().map(str::trim).collect();
    let is_doc = |(line, doc): (&&str, &&str)| {
        let text = line.strip_prefix("///").or(line.strip_prefix("//!"));
        text.is_some_and(|text| text.trim() == *doc)
    };
    let mut found: Vec<usize> = (0..lines.len())
        .filter(|first| lines[*first..].len() >= docs.len())
        .filter(|first| lines[*first..].iter().zip(&docs).all(is_doc))
        .map(|first| first + 1)
        .collect();
    let above = found.iter().rposition(|first| *first < item.line);
    if let Some(above) = above {
        found.swap(0, above);
    }
    let (path, file) = (&item.path, item.file.display());
    found
        .first()
        .copied()
        .with_context(|| format!("the documentation of {path} is not found in {file}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "\
//! Head.

/// A thing.
///
/// ```
/// # use a::b;
/// #[derive(Clone)]
/// assert!(b);
/// ```
#[inline]
pub fn thing() {}
";

    fn item() -> PublicItem {
        PublicItem {
            path: "rcu::thing".to_owned(),
            docs: "A thing.\n\n```\n# use a::b;\n#[derive(Clone)]\nassert!(b);\n```".to_owned(),
            file: "rcu/thing.rs".into(),
            line: 11,
            is_module: false,
        }
    }

    #[test]
    fn lines_are_those_of_the_source() {
        let first = first_line(SOURCE, &item()).expect("it is there");
        let blocks = blocks(&item().docs);
        let lines: Vec<&str> = SOURCE.lines().collect();
        assert_eq!(lines[first - 1 + blocks[0].line], "/// # use a::b;");
        // Where a macro makes the item, it stands elsewhere.
        let made = PublicItem { line: 1, ..item() };
        assert_eq!(first_line(SOURCE, &made).ok(), Some(first));
        let other = PublicItem {
            docs: "Another thing.".to_owned(),
            ..item()
        };
        assert!(first_line(SOURCE, &other).is_err());
    }

    #[test]
    fn hidden_lines() {
        let shown: Vec<String> = blocks(&item().docs)[0]
            .code
            .iter()
            .map(|l| shown(l))
            .collect();
        assert_eq!(shown, ["use a::b;", "#[derive(Clone)]", "assert!(b);"]);
        assert_eq!(super::shown("#"), "");
        assert_eq!(super::shown("## x"), "# x");
    }

    #[test]
    fn what_is_run() {
        let is = |info: &str, unnamed| {
            let block = Block {
                info: info.to_owned(),
                line: 0,
                code: Vec::new(),
            };
            is_example(&block, unnamed)
        };
        assert!(is("", "").is_ok_and(|yes| yes));
        assert!(is("rust", "").is_ok_and(|yes| yes));
        assert!(is("text", "").is_ok_and(|yes| !yes));
        assert!(is("", "rust").is_ok_and(|yes| !yes));
        assert!(is("ignore", "").is_err());
        assert!(is("rust,no_run", "rust").is_err());
    }
}
