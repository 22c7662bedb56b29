// SPDX-License-Identifier: GPL-2.0

//! QEMU's monitor.

use std::{os::unix::net::UnixStream, path::Path};

use anyhow::Context;
use qapi::{Qmp, Stream, qmp};
use std::io::{BufReader, BufWriter};

/// A connection to the monitor of a running QEMU.
pub struct Monitor {
    qmp: Qmp<Stream<BufReader<UnixStream>, BufWriter<UnixStream>>>,
    pid: u32,
}

impl Monitor {
    /// Connects to the monitor that listens at `path`, of the QEMU with this process id.
    pub fn connect(path: &Path, pid: u32) -> anyhow::Result<Self> {
        let stream = UnixStream::connect(path).context("QEMU's monitor does not listen")?;
        let reader = BufReader::new(stream.try_clone()?);
        let mut qmp = Qmp::new(Stream::new(reader, BufWriter::new(stream)));
        qmp.handshake().context("QEMU's monitor does not answer")?;
        Ok(Self { qmp, pid })
    }

    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Stops all virtual CPUs, and the clock with them.
    pub fn pause(&mut self) -> anyhow::Result<()> {
        self.qmp.execute(&qmp::stop {})?;
        Ok(())
    }

    /// Lets them go on.
    pub fn go_on(&mut self) -> anyhow::Result<()> {
        self.qmp.execute(&qmp::cont {})?;
        Ok(())
    }

    /// Sends an NMI to each virtual CPU that takes those from outside.
    pub fn inject_nmi(&mut self) -> anyhow::Result<()> {
        self.qmp.execute(&qmp::inject_nmi {})?;
        Ok(())
    }
}
