// SPDX-License-Identifier: GPL-2.0

//! `rculab gp`: grace periods as they go by, of a guest at work or of this machine.

use std::{path::Path, thread, time::Duration};

use console::Term;

use crate::{
    cli,
    command::{prepare, report_end, run_dir},
    exit::Exit,
    gp::{files::Files, view::View},
    guest::{self, Watch},
    initramfs::Job,
    kernel::module_files,
    place::Place,
};

/// Where readings are shown.
struct Screen {
    term: Term,
    view: View,
    /// How many lines the last frame had, and how large the terminal was.
    drawn: usize,
    size: (u16, u16),
}

impl Screen {
    fn new() -> Self {
        let term = Term::stdout();
        Self {
            size: term.size(),
            term,
            view: View::default(),
            drawn: 0,
        }
    }

    /// A terminal shows the last reading in place of the one before; a pipe gets a line each.
    fn show(&mut self, files: Files) -> anyhow::Result<()> {
        self.view.take(files);
        if !self.term.is_term() {
            println!("{}", self.view.line());
            return Ok(());
        }
        let size = self.term.size();
        let frame = fit(&self.view.frame(), size);
        if size == self.size {
            self.term.clear_last_lines(self.drawn)?;
        } else {
            // The terminal has wrapped what was there, nobody knows how.
            self.term.clear_screen()?;
        }
        self.term.write_str(&frame)?;
        self.drawn = frame.lines().count();
        self.size = size;
        Ok(())
    }
}

/// What there is room for: no line wraps, and the first one stays where it is.
fn fit(frame: &str, (rows, columns): (u16, u16)) -> String {
    let mut fitting = String::new();
    for line in frame.lines().take(usize::from(rows).saturating_sub(1)) {
        fitting.extend(line.chars().take(columns.into()));
        fitting.push('\n');
    }
    fitting
}

/// Puts together what the guest sends: `== name` before each file, `== end` after the last.
struct Listener {
    screen: Screen,
    files: Files,
    name: String,
}

impl Watch for Listener {
    fn result(&mut self, line: &str) -> Option<Duration> {
        match line.strip_prefix("== ") {
            // A screen that is gone is no reason to stop the guest: it ends by itself.
            Some("end") => drop(self.screen.show(std::mem::take(&mut self.files))),
            Some(name) => name.clone_into(&mut self.name),
            None => {
                let text = self.files.0.entry(self.name.clone()).or_default();
                text.push_str(line);
                text.push('\n');
            }
        }
        None
    }
}

pub fn gp(place: &Place, args: &cli::Gp) -> anyhow::Result<Exit> {
    match &args.dir {
        Some(dir) => local(dir, args.seconds),
        None => in_guest(place, args),
    }
}

fn local(dir: &Path, seconds: u32) -> anyhow::Result<Exit> {
    let mut screen = Screen::new();
    for second in 0..seconds {
        if second > 0 {
            thread::sleep(Duration::from_secs(1));
        }
        screen.show(Files::read(dir)?)?;
    }
    Ok(Exit::Pass)
}

fn in_guest(place: &Place, args: &cli::Gp) -> anyhow::Result<Exit> {
    let (mut guest, modules) = prepare(place, &args.place, false)?;
    guest.deadline = Duration::from_secs(u64::from(args.seconds) * 2 + 60);
    let job = Job::script(include_str!("../../guest/gp.sh"))
        .load(module_files(&modules, &["rcu_demo", "rculist"]))
        .env("READINGS", args.seconds);
    let dir = run_dir(place, "gp", &guest)?;
    let mut listener = Listener {
        screen: Screen::new(),
        files: Files::default(),
        name: String::new(),
    };
    let end = guest::run(&guest, &job, &dir, &mut listener)?;
    report_end(&end, &dir);
    Ok(end.exit())
}

#[cfg(test)]
mod tests {
    use super::fit;

    #[test]
    fn a_frame_fits_the_terminal() {
        assert_eq!(fit("0-3\n├─ 0-1 cpu1\n└─ 2-3\n", (3, 6)), "0-3\n├─ 0-1\n");
        assert_eq!(fit("0-3\n", (24, 80)), "0-3\n");
    }
}
