// SPDX-License-Identifier: GPL-2.0

//! What comes out of a guest: bytes of a serial port, made lines.

use std::{
    fs::File,
    io::{Read, Write},
    os::unix::net::UnixStream,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::Sender,
    },
    thread,
    time::Duration,
};

use crate::guest::Event;

/// What a line of a channel is.
pub type Kind = fn(String) -> Event;

/// How many bytes a slow reader takes at a time, and how long it rests before: about as fast as a
/// line of 9600 baud. QEMU's port holds a byte back until there is room for it.
const PORTION: (usize, Duration) = (16, Duration::from_millis(16));

/// Whoever reads a channel, and may be told to do it slowly.
#[derive(Clone, Default)]
pub struct SlowReader(Arc<AtomicBool>);

impl SlowReader {
    pub fn set(&self, slow: bool) {
        self.0.store(slow, Ordering::Relaxed);
    }

    /// As much of the buffer as is to be filled now.
    fn portion<'a>(&self, buffer: &'a mut [u8]) -> &'a mut [u8] {
        if !self.0.load(Ordering::Relaxed) {
            return buffer;
        }
        let (bytes, rest) = PORTION;
        thread::sleep(rest);
        &mut buffer[..bytes]
    }
}

/// Copies a channel to its log, and sends each line on.
pub fn listen(
    mut stream: UnixStream,
    mut log: File,
    kind: Kind,
    events: Sender<Event>,
    slow: SlowReader,
) {
    thread::spawn(move || {
        let mut buffer = [0; 4096];
        let mut line = Vec::new();
        while let Ok(count @ 1..) = stream.read(slow.portion(&mut buffer)) {
            let heard: Vec<u8> = buffer[..count]
                .iter()
                .copied()
                .filter(|b| *b != b'\r')
                .collect();
            // A full disk must not end the run: the verdict still counts.
            let _ = log.write_all(&heard);
            for byte in heard {
                if byte == b'\n' {
                    let _ = events.send(kind(String::from_utf8_lossy(&line).into_owned()));
                    line.clear();
                } else {
                    line.push(byte);
                }
            }
        }
        if !line.is_empty() {
            let _ = events.send(kind(String::from_utf8_lossy(&line).into_owned()));
        }
        let _ = events.send(Event::Closed);
    });
}
