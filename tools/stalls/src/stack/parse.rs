// SPDX-License-Identifier: GPL-2.0

//! One line of a trace, on any architecture.

use std::sync::LazyLock;

use regex::Regex;

use super::names::{ENTRY, REPORT, is};
use super::{Frame, Stack, base};

/// Traces longer than this are cut.
const MAX_FRAMES: usize = 96;

static FRAME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)\A
        (?:\[<?\s*[0-9a-fx_]*(?:\(null\)|\(?_*ptrval_*\)?)?\s*>?\]\s+)*   # addresses, hidden ones too
        (\?\s+)?
        [.]?([A-Za-z_$][\w.$]*)\+0x([0-9a-f]+)(?:/0x([0-9a-f]+))?
        (?:\s|\z|\(|/?=\z)   # the rest may be behind a soft break
        ",
    )
    .expect("a constant pattern")
});
static ARM: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)\A(?:
        (?:\[<[0-9a-f]+>\]\s+)?\(?(?P<name>[A-Za-z_$][\w.$]*)(?:\+0x[0-9a-f/x]+)?(?:\ \[[\w-]+\])?\)?\ from\s
        |\[<[0-9a-f]+>\]\s+\((?P<torn>[A-Za-z_$][\w.$]*)\)\s\(   # its from was cut out
        )",
    )
    .expect("a constant pattern")
});
static DECODED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\A(\?\s+)?([A-Za-z_$][\w.$]*) (?:\[?inline\]? )?\(?[\w/.+-]+\.[chS](?:p?p)?:\d+")
        .expect("a constant pattern")
});
static PC: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)\A(?:
        (?:RIP|EIP):\s*(?P<cs>[0-9a-f]{2,4}):\s*(?:\[<[0-9a-fx]+>\]\s*)*
        |0010:     # wrapped behind RIP:
        |EIP:\s*|EIP\ is\ at\s+|PC\ is\ at\s+|pc\ :\s*
        |NIP\ (?:\[[0-9a-f]+\]|:)\s*
        |epc\s*:\s*(?:[0-9a-f]{8,16}\s+)?
        |ERA:?\s+[0-9a-f]+\s+
        |IAOQ\[0\]:\s+
        |Krnl\ PSW\ :[^(]*\(
        |---\ (?:Exception|interrupt):\ [0-9a-f]+\ at\s+
        |pstate.*\bpc\ :\s*
        )(?:\?\s+)?[.]?(?P<name>[A-Za-z_$0-9][\w.$]*)(?:\+0x|\s|\z)",
    )
    .expect("a constant pattern")
});
/// The registers of a SPARC that name functions, innermost first.
static SPARC: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:TPC|O7|I7|RPC)\[([A-Za-z_$][\w.$]*)\+0x").expect("a constant pattern")
});
static RETURN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\A(?:lr : |LR is at |LR \[|LR = |ra :|IAOQ\[1\]: |RP\(r2\): )")
        .expect("a constant pattern")
});
impl Stack {
    /// Takes `text` if it is a line of a trace.
    pub fn push(&mut self, text: &str) -> bool {
        let mut text = text.trim_start();
        let mut marked = false;
        while let Some(rest) = text.strip_prefix('<') {
            let Some((mark, after)) = rest.split_once('>') else {
                break;
            };
            if !matches!(
                mark.trim_start_matches('/'),
                "IRQ" | "NMI" | "TASK" | "EOI" | "EOE" | "SOFTIRQ" | "#DB" | "#DF"
            ) {
                break;
            }
            match mark {
                "IRQ" => {
                    self.irq_marks += 1;
                    self.on_irq_stack = true;
                }
                "/IRQ" => self.irq_marks -= 1,
                "EOI" => self.irq_marks = 0,
                "/TASK" => self.closed = true,
                _ => {}
            }
            if mark == "NMI" {
                self.in_nmi = true;
            } else if matches!(mark, "/NMI" | "EOE" | "TASK" | "IRQ") {
                self.in_nmi = false;
            }
            marked = true;
            text = after.trim_start();
        }
        if self.closed && !marked {
            return furniture(text);
        }
        if ["TPC[", "O7[", "I7[", "RPC["]
            .iter()
            .any(|register| text.starts_with(register))
        {
            for found in SPARC.captures_iter(text) {
                let name = found.get(1).map_or("", |name| name.as_str());
                let frame = Frame {
                    pc: found[0].starts_with("TPC"),
                    ..self.called(name, false)
                };
                self.take(frame);
            }
            return true;
        }
        let frame = if let Some(found) = PC.captures(text) {
            let name = found.name("name").map_or("", |name| name.as_str());
            let segment = found
                .name("cs")
                .map(|cs| cs.as_str().trim_start_matches('0'));
            // The low bits of the code segment are the privilege level.
            let user = segment.is_some_and(|cs| matches!(cs, "33" | "23" | "73" | "1b"));
            if name.starts_with(|c: char| c.is_ascii_digit()) && !user {
                return true;
            }
            Frame {
                pc: true,
                user,
                ..self.called(name, false)
            }
        } else if RETURN.is_match(text) {
            return true;
        } else if let Some(found) = FRAME.captures(text) {
            let group = |at| found.get(at).map_or("", |group| group.as_str());
            let unsure = found.get(1).is_some();
            let padded = group(2).strip_prefix("__pfx_");
            let (start, end) = (group(3) == "0", group(3) == group(4));
            if group(4).len() > 5 {
                // Data: no function is so long.
                return true;
            }
            // A pointer to a function's begin, or past its end, is no return address. What unwinds
            // is sure of one after a call that does not return, and prints itself by its begin.
            let sure = !unsure && start && !is(REPORT, base(group(2)));
            if sure || unsure && (start || end || padded.is_some()) {
                let begins = padded
                    .filter(|_| end)
                    .or((start && padded.is_none()).then(|| group(2)));
                if let Some(name) = begins {
                    let frame = self.called(name, true);
                    self.take(Frame {
                        pointer: true,
                        ..frame
                    });
                }
                return true;
            }
            self.called(group(2), unsure)
        } else if let Some(found) = DECODED.captures(text) {
            let name = found.get(2).map_or("", |name| name.as_str());
            self.called(name, found.get(1).is_some())
        } else if let Some(found) = ARM.captures(text) {
            let name = found.name("name").or(found.name("torn"));
            self.called(name.map_or("", |name| name.as_str()), false)
        } else if self.bare(text) {
            self.called(text.trim_end(), false)
        } else {
            let traced = self.announced.and_then(|at| self.frames.get(at..));
            let located = |trace: &[Frame]| trace.last().is_some_and(|frame| frame.pc);
            self.torn |= text.starts_with("RSP: ") && traced.is_some_and(|trace| !located(trace));
            // An interrupt that just comes in has turned them off itself.
            let entering = |frame: &Frame| frame.pc && is(ENTRY, base(&frame.name));
            if !self.frames.last().is_some_and(entering) {
                self.irqs_on = self.irqs_on.or_else(|| irqs_on(text));
            }
            return marked || furniture(text);
        };
        self.take(frame);
        true
    }

    /// Whether `text` is a frame of a trace that was cut down to the functions' names.
    ///
    /// Its first is one of those that print the report.
    fn bare(&mut self, text: &str) -> bool {
        let text = text.trim_end();
        let name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
        let first = self.announced == Some(self.frames.len());
        self.bare |= first && is(REPORT, base(text));
        self.bare
            && text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && text.chars().all(name)
    }

    fn take(&mut self, frame: Frame) {
        if self.frames.len() < MAX_FRAMES {
            self.frames.push(frame);
        }
    }

    fn called(&self, name: &str, unsure: bool) -> Frame {
        Frame {
            name: demangle(name),
            unsure,
            pc: false,
            user: false,
            nmi: self.in_nmi,
            pointer: false,
        }
    }
}

/// Reads the interrupt flag out of the registers: x86's EFLAGS, arm64's pstate.
fn irqs_on(text: &str) -> Option<bool> {
    static FLAGS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"\bEFLAGS: 0*([0-9a-f]{3,8})\b|\Apstate\s*: [0-9a-f]+ \(\S{4} [dD][aA]([iI])[fF]",
        )
        .expect("a constant pattern")
    });
    let found = FLAGS.captures(text)?;
    match found.get(1) {
        Some(flags) => Some(u32::from_str_radix(flags.as_str(), 16).ok()? & 0x200 != 0),
        None => Some(&found[2] == "i"),
    }
}

/// Lines of a trace that name no function.
fn furniture(text: &str) -> bool {
    static FURNITURE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?x)\A(?:
            \z
            |Modules\ linked\ in|Stack\ ?:|Instruction\ dump
            |[xr]\d{1,2}\s*:|[sl]p\ :|psr:|pstate|GPR\d|MSR:|CFAR|NIP:|LR\ |CTR|XER
            |[sagtr]\d{1,2}\s*[:]|epc|badaddr|status:|gp\ :|tp\ :|Krnl\ |User\ |R:|Task:
            |(?:[0-9a-f]{8,16}\s+){2,}|[0-9a-f]{8,16}\z|\[<?\s*(?:[0-9a-f]*|\(null\))\s*>?\]|(?:\?\ )?0x[0-9a-f]+\z
            |Exception\ stack|---|\.\.\.|PGD|Kernel\ Offset|Last\ level|Control:|Flags:|Process\ |Stopper:|Workqueue:
            )",
        )
        .expect("a constant pattern")
    });
    // These name no function: where one stands, a frame came into the line.
    static PLAIN: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"\A(?:Code: |Tainted: |Hardware name|[RE](?:[A-D]X|[SD]I|[SB]P|FLAGS)\b|R\d\d:|[CDEFGS]S:|CR\d|DR\d|PKRU)",
        )
        .expect("a constant pattern")
    });
    FURNITURE.is_match(text) || PLAIN.is_match(text) && !text.contains("+0x")
}

fn demangle(name: &str) -> String {
    match rustc_demangle::try_demangle(name) {
        Ok(name) => format!("{name:#}"),
        Err(_) => name.to_owned(),
    }
}
