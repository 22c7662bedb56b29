// SPDX-License-Identifier: GPL-2.0

//! Results as JUnit XML, for CI systems.

use std::io;

use anyhow::Context;
use quick_xml::{
    Writer,
    events::{BytesDecl, BytesText, Event},
};

use crate::check::suite::{Case, Verdict};

pub fn xml(cases: &[Case]) -> anyhow::Result<Vec<u8>> {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    write(&mut writer, cases).context("cannot write JUnit XML")?;
    let mut text = writer.into_inner();
    text.push(b'\n');
    Ok(text)
}

fn write(writer: &mut Writer<Vec<u8>>, cases: &[Case]) -> io::Result<()> {
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let suites = cases.chunk_by(|a, b| a.part == b.part);
    writer
        .create_element("testsuites")
        .with_attribute(("name", "rcu-lab"))
        .write_inner_content(|writer| {
            for cases in suites {
                suite(writer, cases)?;
            }
            Ok(())
        })?;
    Ok(())
}

fn suite(writer: &mut Writer<Vec<u8>>, cases: &[Case]) -> io::Result<()> {
    let count = |is: fn(&Verdict) -> bool| {
        cases
            .iter()
            .filter(|case| is(&case.verdict))
            .count()
            .to_string()
    };
    let name = cases.first().map_or("", |case| &case.part);
    writer
        .create_element("testsuite")
        .with_attribute(("name", name))
        .with_attribute(("tests", cases.len().to_string().as_str()))
        .with_attribute((
            "failures",
            count(|v| matches!(v, Verdict::Fail(_))).as_str(),
        ))
        .with_attribute(("skipped", count(|v| matches!(v, Verdict::Skip(_))).as_str()))
        .write_inner_content(|writer| {
            for case in cases {
                test_case(writer, case)?;
            }
            Ok(())
        })?;
    Ok(())
}

fn test_case(writer: &mut Writer<Vec<u8>>, case: &Case) -> io::Result<()> {
    let element = writer
        .create_element("testcase")
        .with_attribute(("classname", case.part.as_str()))
        .with_attribute(("name", case.name.as_str()))
        .with_attribute(("time", format!("{:.3}", case.took.as_secs_f64()).as_str()));
    let child = |writer: &mut Writer<Vec<u8>>, name: &str, why: &str| {
        writer
            .create_element(name)
            .with_attribute(("message", why.lines().next().unwrap_or_default()))
            .write_text_content(BytesText::new(&printable(why)))
            .map(|_| ())
    };
    match &case.verdict {
        Verdict::Pass => element.write_empty()?,
        Verdict::Fail(why) => {
            element.write_inner_content(|writer| child(writer, "failure", why))?
        }
        Verdict::Skip(why) => {
            element.write_inner_content(|writer| child(writer, "skipped", why))?
        }
    };
    Ok(())
}

/// XML 1.0 has no way to write most control characters, which a console may hold.
fn printable(text: &str) -> String {
    text.replace(|c: char| c.is_control() && c != '\n' && c != '\t', "?")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file() {
        let text = String::from_utf8(xml(&crate::check::suite::tests::cases()).expect("xml"));
        insta::assert_snapshot!(text.expect("UTF-8"));
    }
}
