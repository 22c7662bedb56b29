// SPDX-License-Identifier: GPL-2.0

//! The command line: `explain`.

pub mod input;
pub mod markdown;
pub mod report;
pub mod timeline;

use std::io::{self, IsTerminal, Read, Write};
use std::path::PathBuf;

use clap::ValueEnum;

use crate::model::{Cause, Episode};
use crate::scan::Scanner;
use input::Input;

/// What the exit code means, for `--help`.
pub const EXIT_CODES: &str = "Exit codes: 0 no stall, 1 stalls, 2 bad input";

const NONE: u8 = 0;
const STALLS: u8 = 1;
const BAD: u8 = 2;

/// A log is read by so many bytes.
const CHUNK: usize = 1 << 18;

/// Which stalls make the command fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Every stall.
    Any,
    /// Those whose cause is known.
    Known,
    /// Those that no paused machine, small timeout or slow console explains.
    Real,
    /// None.
    Never,
}

impl FailOn {
    fn counts(self, episode: &Episode) -> bool {
        match self {
            Self::Any => true,
            Self::Known => episode.cause != Cause::Unknown,
            Self::Real => !matches!(
                episode.cause,
                Cause::VmPaused | Cause::TimeoutTooSmall | Cause::SlowConsole
            ),
            Self::Never => false,
        }
    }
}

/// Read RCU stall warnings out of a log, and say what they mean
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// Logs: plain, .gz or .zst; `-` is standard input
    #[arg(value_name = "FILE", default_value = "-")]
    pub files: Vec<PathBuf>,
    /// Print an array of episodes as JSON
    #[arg(long, group = "format")]
    pub json: bool,
    /// Print Markdown for a bug report
    #[arg(long, group = "format")]
    pub markdown: bool,
    /// Print a timeline as SVG
    #[arg(long, group = "format")]
    pub timeline: bool,
    /// Print the JSON's schema, and read nothing
    #[arg(long, group = "format")]
    pub schema: bool,
    /// Go on reading while the log is written
    #[arg(long, conflicts_with_all = ["json", "markdown", "timeline"])]
    pub follow: bool,
    /// Columns of the report, 40 to 400 [default: the terminal's]
    #[arg(long, value_name = "COLUMNS", value_parser = clap::value_parser!(u16).range(40..=400))]
    pub width: Option<u16>,
    /// Which stalls make the exit code 1
    #[arg(long, value_enum, value_name = "WHICH", default_value = "any")]
    pub fail_on: FailOn,
}

/// The JSON's schema.
pub const SCHEMA: &str = include_str!("../schema/episodes-1.schema.json");

/// Runs the command, and gives its exit code.
#[must_use]
pub fn run(args: &Args) -> u8 {
    match explain(args) {
        Ok(code) => code,
        Err(error) => {
            // Nothing is left to tell it to, if standard error is closed too.
            let _ = writeln!(io::stderr(), "explain: {error}");
            BAD
        }
    }
}

fn explain(args: &Args) -> io::Result<u8> {
    // anstream leaves colour out where nobody sees it, and where NO_COLOR says so.
    let mut out = anstream::stdout().lock();
    if args.schema {
        unless_closed(out.write_all(SCHEMA.as_bytes()))?;
        return Ok(NONE);
    }
    if io::stdin().is_terminal() && args.files.iter().any(|file| file.as_os_str() == "-") {
        writeln!(
            io::stderr(),
            "explain: reading a log from the terminal; end it with Ctrl-D"
        )?;
    }
    let width = args.width.map_or_else(width, usize::from);
    if args.follow {
        return follow(args, width, &mut out);
    }
    let mut printer = Printer::new(args, width, &mut out);
    let mut chunk = vec![0; CHUNK];
    for file in &args.files {
        let mut input = Input::open(file)?;
        let mut scanner = Scanner::new();
        loop {
            let read = input
                .read(&mut chunk)
                .map_err(|error| input::about(file, error))?;
            if read == 0 {
                break;
            }
            printer.print(scanner.feed(&chunk[..read]))?;
            if printer.settled() {
                return Ok(printer.code);
            }
        }
        printer.print(scanner.finish())?;
    }
    printer.end()
}

/// Whether what was written arrived; false, and no error, where the reader has seen enough (`| head`).
fn unless_closed(written: io::Result<()>) -> io::Result<bool> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        written => written.map(|()| true),
    }
}

/// Prints episodes as they are found, so that nothing grows with the log.
struct Printer<'a, W> {
    args: &'a Args,
    width: usize,
    out: &'a mut W,
    count: usize,
    code: u8,
    timeline: timeline::Timeline,
    /// Nobody reads on: what is left is the exit code.
    closed: bool,
}

impl<'a, W: Write> Printer<'a, W> {
    fn new(args: &'a Args, width: usize, out: &'a mut W) -> Self {
        Self {
            args,
            width,
            out,
            count: 0,
            code: NONE,
            timeline: timeline::Timeline::default(),
            closed: false,
        }
    }

    fn print(&mut self, episodes: Vec<Episode>) -> io::Result<()> {
        if episodes.is_empty() {
            return Ok(());
        }
        self.code = self.code.max(code(self.args, &episodes));
        if !self.closed {
            self.closed = !unless_closed(self.write(&episodes))?;
        }
        self.count += episodes.len();
        Ok(())
    }

    /// Nobody reads on, and the rest of the log cannot change the exit code.
    fn settled(&self) -> bool {
        self.closed && self.code == STALLS
    }

    fn write(&mut self, episodes: &[Episode]) -> io::Result<()> {
        if self.args.json {
            for (at, episode) in episodes.iter().enumerate() {
                let before = if self.count + at == 0 { "[\n" } else { ",\n" };
                write!(
                    self.out,
                    "{before}{}",
                    serde_json::to_string_pretty(episode)?
                )?;
            }
        } else if self.args.timeline {
            episodes
                .iter()
                .for_each(|episode| self.timeline.push(episode));
        } else {
            let text = if self.args.markdown {
                markdown::render(episodes)
            } else {
                report::render(episodes, self.width)
            };
            let before = if self.count == 0 { "" } else { "\n" };
            write!(self.out, "{before}{text}")?;
        }
        Ok(())
    }

    fn end(mut self) -> io::Result<u8> {
        if !self.closed {
            unless_closed(self.close())?;
        }
        Ok(self.code)
    }

    /// Writes what comes after the last episode.
    fn close(&mut self) -> io::Result<()> {
        if self.args.json {
            writeln!(self.out, "{}", if self.count == 0 { "[]" } else { "\n]" })?;
        } else if self.args.timeline {
            writeln!(self.out, "{}", self.timeline.render())?;
        } else if self.count == 0 {
            writeln!(self.out, "No RCU stall.")?;
        }
        self.out.flush()
    }
}

fn code(args: &Args, episodes: &[Episode]) -> u8 {
    if episodes.iter().any(|episode| args.fail_on.counts(episode)) {
        STALLS
    } else {
        NONE
    }
}

/// Reports stalls as they come, until the log ends or an interrupt does.
fn follow(args: &Args, width: usize, out: &mut impl Write) -> io::Result<u8> {
    let [file] = args.files.as_slice() else {
        return Err(io::Error::other("--follow takes one log: name one file"));
    };
    let mut worst = NONE;
    unless_closed(input::follow(file, &mut |episodes| {
        if !episodes.is_empty() {
            worst = worst.max(code(args, &episodes));
            write!(out, "{}", report::render(&episodes, width))?;
            out.flush()?;
        }
        Ok(())
    }))?;
    Ok(worst)
}

fn width() -> usize {
    terminal_size::terminal_size().map_or(100, |(width, _)| usize::from(width.0).clamp(40, 120))
}
