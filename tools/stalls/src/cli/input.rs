// SPDX-License-Identifier: GPL-2.0

//! Where a log comes from.

use std::error::Error;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::thread;
use std::time::Duration;

use flate2::bufread::MultiGzDecoder;
use ruzstd::decoding::StreamingDecoder;

use crate::model::Episode;
use crate::scan::Scanner;

const BUFFER: usize = 1 << 18;
/// How often a log that is followed is looked at.
const POLL: Duration = Duration::from_millis(250);
/// A report is over when nothing came for so many looks.
const QUIET: u32 = 8;

type Source = Box<dyn Read>;

/// A log, unpacked.
pub struct Input {
    reader: Unpacked,
}

enum Unpacked {
    Plain(BufReader<Source>),
    Gzip(Box<MultiGzDecoder<BufReader<Source>>>),
    Zstd(Box<Frames>),
}

/// One error for a person: what was wrong, and with which log.
#[must_use]
pub fn about(file: &Path, error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return error;
    }
    let name = if file.as_os_str() == "-" {
        "standard input".into()
    } else {
        file.display().to_string()
    };
    let hint = match error.kind() {
        io::ErrorKind::NotFound => "no such file",
        io::ErrorKind::PermissionDenied => "may not be read by you; try sudo",
        io::ErrorKind::IsADirectory => "is a directory; name a log in it",
        io::ErrorKind::UnexpectedEof => "the archive ends too early; its log is incomplete",
        _ => return io::Error::new(error.kind(), format!("{name}: {error}")),
    };
    io::Error::new(error.kind(), format!("{name}: {hint}"))
}

impl Input {
    /// Opens a log, and finds out how it is packed.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or is no text.
    pub fn open(file: &Path) -> io::Result<Self> {
        Self::try_open(file).map_err(|error| about(file, error))
    }

    fn try_open(file: &Path) -> io::Result<Self> {
        let source: Source = if file.as_os_str() == "-" {
            Box::new(io::stdin())
        } else {
            let source = File::open(file)?;
            if source.metadata()?.is_dir() {
                return Err(io::ErrorKind::IsADirectory.into());
            }
            Box::new(source)
        };
        let mut source = BufReader::with_capacity(BUFFER, source);
        let start = source.fill_buf()?;
        let reader = match start {
            [0x1f, 0x8b, ..] => Unpacked::Gzip(Box::new(MultiGzDecoder::new(source))),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Unpacked::Zstd(Box::new(Frames::new(source)?)),
            [0xfd, b'7', b'z', b'X', b'Z', ..] => return Err(packed("xz -dc")),
            [b'B', b'Z', b'h', ..] => return Err(packed("bzip2 -dc")),
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] if start.contains(&0) => {
                return Err(io::Error::other(
                    "is UTF-16; convert it: iconv -f UTF-16 -t UTF-8",
                ));
            }
            start if binary(start) => {
                return Err(io::Error::other(
                    "is binary data, and no log; name a text log",
                ));
            }
            _ => Unpacked::Plain(source),
        };
        Ok(Self { reader })
    }
}

fn packed(how: &str) -> io::Error {
    io::Error::other(format!(
        "is packed in a way that is not read here; pipe it: {how} FILE | rculab explain"
    ))
}

/// Whether this is no text: consoles print stray bytes, but not one in five.
///
/// Unless it has a line of text all the same, as behind a boot loader that used another rate; or
/// has lines and no control characters, as text of any encoding.
fn binary(start: &[u8]) -> bool {
    let start = &start[..start.len().min(4096)];
    let odd =
        |byte: &&u8| **byte < 0x20 && !matches!(**byte, b'\n' | b'\r' | b'\t' | 0x1b | 0x08 | 0x0c);
    let controls = start.iter().filter(odd).count();
    let invalid: usize = start.utf8_chunks().map(|chunk| chunk.invalid().len()).sum();
    if start.len() < 64 || (controls + invalid) * 5 <= start.len() {
        return false;
    }
    let mut lines = start
        .split_inclusive(|byte| *byte == b'\n')
        .filter(|line| line.ends_with(b"\n"));
    match controls {
        0 => lines.next().is_none(),
        _ => !lines.any(mostly_ascii),
    }
}

/// Whether a line is long enough not to be so by chance, and nine in ten of it are ASCII.
fn mostly_ascii(line: &[u8]) -> bool {
    let ascii = line
        .iter()
        .filter(|byte| matches!(byte, b' '..=b'~'))
        .count();
    line.len() >= 20 && ascii * 10 >= line.len() * 9
}

impl Read for Input {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match &mut self.reader {
            Unpacked::Plain(reader) => reader.read(into),
            Unpacked::Gzip(reader) => reader.read(into),
            Unpacked::Zstd(reader) => reader.read(into),
        }
    }
}

/// Says of an archive that ends too early what a plain reader would.
fn broken(error: impl Into<Box<dyn Error + Send + Sync>>) -> io::Error {
    let error = io::Error::other(error);
    let mut source: Option<&(dyn Error + 'static)> = error.get_ref().map(|error| error as _);
    while let Some(cause) = source {
        let early = |error: &io::Error| error.kind() == io::ErrorKind::UnexpectedEof;
        if cause.downcast_ref().is_some_and(early) {
            return io::ErrorKind::UnexpectedEof.into();
        }
        source = cause.source();
    }
    error
}

/// The frames of a .zst file, one after another.
struct Frames {
    frame: Option<StreamingDecoder<BufReader<Source>, ruzstd::decoding::FrameDecoder>>,
}

impl Frames {
    fn new(source: BufReader<Source>) -> io::Result<Self> {
        Ok(Self {
            frame: Some(StreamingDecoder::new(source).map_err(broken)?),
        })
    }
}

impl Read for Frames {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let Some(frame) = &mut self.frame else {
                return Ok(0);
            };
            let read = frame.read(into).map_err(broken)?;
            if read > 0 || into.is_empty() {
                return Ok(read);
            }
            let Some(frame) = self.frame.take() else {
                return Ok(0);
            };
            let mut source = frame.into_inner();
            if source.fill_buf()?.is_empty() {
                return Ok(0);
            }
            self.frame = Some(StreamingDecoder::new(source).map_err(broken)?);
        }
    }
}

/// Reads a log that is still written; returns when it can grow no more.
///
/// # Errors
///
/// When it cannot be read, or `report` fails.
pub fn follow(
    file: &Path,
    report: &mut dyn FnMut(Vec<Episode>) -> io::Result<()>,
) -> io::Result<()> {
    let mut scanner = Scanner::new();
    let mut chunk = vec![0; BUFFER];
    if file.as_os_str() == "-" {
        let mut input = Input::open(file)?;
        loop {
            let read = input.read(&mut chunk).map_err(|error| about(file, error))?;
            if read == 0 {
                return report(scanner.finish());
            }
            report(scanner.feed(&chunk[..read]))?;
        }
    }
    // What is read from a pipe is gone.
    let regular = file.metadata().is_ok_and(|file| file.is_file());
    if regular && !matches!(Input::open(file)?.reader, Unpacked::Plain(_)) {
        let what = "is packed, and not written any more; leave --follow out";
        return Err(about(file, io::Error::other(what)));
    }
    let mut source = File::open(file).map_err(|error| about(file, error))?;
    let (mut at, mut quiet) = (0, 0);
    loop {
        let read = source
            .read(&mut chunk)
            .map_err(|error| about(file, error))?;
        if read > 0 {
            at += read as u64;
            quiet = 0;
            report(scanner.feed(&chunk[..read]))?;
            continue;
        }
        quiet += 1;
        if quiet == QUIET {
            report(scanner.pause())?;
        }
        if source.metadata()?.len() < at {
            // It was truncated: a new log begins.
            source.seek(SeekFrom::Start(0))?;
            (at, scanner) = (0, Scanner::new());
        }
        thread::sleep(POLL);
    }
}
