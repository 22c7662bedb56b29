// SPDX-License-Identifier: GPL-2.0

//! `rculab timeline`: a picture of what RCU did, from a recorded file or from a guest at work.

use std::{fs, io, path::Path, time::Duration};

use anyhow::Context;

use crate::{
    cli,
    command::{prepare, report_end, run_dir, stall},
    exit::{Exit, failure},
    gp::{
        events::Events,
        timeline::{Window, draw},
    },
    guest::{self, End, Watch},
    initramfs::Job,
    kernel::module_files,
    place::Place,
    term,
};

/// Keeps what the guest prints.
#[derive(Default)]
struct Recorder {
    text: String,
    /// Why no stall was provoked.
    refused: Option<String>,
}

impl Watch for Recorder {
    fn result(&mut self, line: &str) -> Option<Duration> {
        if let Some(why) = line.strip_prefix(stall::REFUSED) {
            self.refused = Some(why.to_owned());
        } else {
            self.text.push_str(line);
            self.text.push('\n');
        }
        None
    }
}

pub fn timeline(place: &Place, args: &cli::Timeline) -> anyhow::Result<Exit> {
    let recorded = match &args.file {
        Some(file) => read(file)?,
        None => match record(place, args)? {
            Ok(recorded) => recorded,
            Err(exit) => return Ok(exit),
        },
    };
    let events =
        Events::parse(&recorded).map_err(|error| failure(Exit::Usage, format!("{error:#}")))?;
    let Some(window) = Window::choose(&events, args.last) else {
        let why = events.reason.unwrap_or_else(|| "was enable 1?".to_owned());
        return Err(failure(Exit::Usage, format!("there is no event: {why}")));
    };
    fs::write(&args.output, draw(&events, window))
        .with_context(|| format!("cannot write {}", args.output.display()))?;
    term::step(&format!(
        "{} events, drawn to {}",
        events.all.len(),
        args.output.display()
    ));
    Ok(Exit::Pass)
}

fn read(file: &Path) -> anyhow::Result<String> {
    if file == Path::new("-") {
        return Ok(io::read_to_string(io::stdin())?);
    }
    fs::read_to_string(file).map_err(|error| {
        failure(
            Exit::Usage,
            format!("cannot read {}: {error}", file.display()),
        )
    })
}

/// Records a guest at work.
fn record(place: &Place, args: &cli::Timeline) -> anyhow::Result<Result<String, Exit>> {
    let (mut guest, modules) = prepare(place, &args.place, false)?;
    guest.deadline = Duration::from_secs(120);
    let job = Job::script(include_str!("../../guest/timeline.sh"))
        .load(module_files(
            &modules,
            &["rcu_demo", "rculist", "stall_torture"],
        ))
        .env("SCENARIO", args.scenario.as_deref().unwrap_or_default())
        .env("TIMEOUT", stall::SHORTEST_TIMEOUT)
        .env("EXTRA_DELAY", stall::extra_delay(&guest.kernel));
    let dir = run_dir(place, "timeline", &guest)?;
    let mut recorder = Recorder::default();
    let end = guest::run(&guest, &job, &dir, &mut recorder)?;
    if let Some(why) = recorder.refused {
        return Err(stall::refused(&why));
    }
    if let End::Exited(0) = end {
        return Ok(Ok(recorder.text));
    }
    term::error(recorder.text.trim_end());
    report_end(&end, &dir);
    Ok(Err(end.exit()))
}
