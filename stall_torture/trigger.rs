// SPDX-License-Identifier: GPL-2.0

//! What is written to `trigger`: `scenario key=value ...`, or several of these at once, with ` + `
//! between each two.

use crate::{
    problem::Problem,
    scenario::{
        Scenario,
        Values, //
    },
    scenarios, //
};
use kernel::{
    fmt,
    prelude::*, //
};

/// What a request may ask for on this machine.
pub(crate) struct Limits {
    pub(crate) cpus: u32,
    pub(crate) max_secs: u64,
}

/// A run that was asked for.
#[derive(Clone, Copy)]
pub(crate) struct Request {
    pub(crate) scenario: &'static Scenario,
    pub(crate) cpu: Option<u64>,
    pub(crate) secs: Option<u64>,
    /// How many stalls, one after the other.
    pub(crate) repeat: Option<u64>,
    /// Seconds to wait before each.
    pub(crate) holdoff: Option<u64>,
    /// The scenario's own keys, in its order.
    own: [Option<u64>; Self::MAX_OWN],
}

impl Request {
    /// No scenario has more keys of its own.
    pub(crate) const MAX_OWN: usize = 4;

    pub(crate) const MAX_REPEAT: u64 = 1000;
    pub(crate) const MAX_HOLDOFF: u64 = 3600;

    /// A request for `scenario` that leaves everything to it.
    pub(crate) fn plain(scenario: &'static Scenario) -> Self {
        Self {
            scenario,
            cpu: None,
            secs: None,
            repeat: None,
            holdoff: None,
            own: [None; Self::MAX_OWN],
        }
    }

    /// Reads a line.
    pub(crate) fn parse_all<'a>(line: &'a str, limits: &Limits) -> Result<KVec<Self>, Problem<'a>> {
        let mut requests: KVec<Self> = KVec::new();
        for part in line.split(" + ") {
            let request = Self::parse(part, limits)?;
            if !requests.is_empty() && (request.repeat.is_some() || request.holdoff.is_some()) {
                return Err(Problem::NotFirst(request.scenario));
            }
            requests
                .push(request, GFP_KERNEL)
                .map_err(|_| Problem::NoMemory)?;
        }
        let mut parts = line.split(" + ").zip(&requests);
        match parts.find(|(_, request)| !(request.scenario.beside)(request)) {
            Some((part, _)) if requests.len() > 1 => Err(Problem::Alone(part.trim())),
            _ => Ok(requests),
        }
    }

    /// Reads one of them.
    fn parse<'a>(line: &'a str, limits: &Limits) -> Result<Self, Problem<'a>> {
        let mut words = line.split_ascii_whitespace();
        let name = words.next().ok_or(Problem::Empty)?;
        let scenario = scenarios::find(name).ok_or(Problem::Scenario(name))?;

        let mut request = Self::plain(scenario);
        for word in words {
            let (key, value) = word.split_once('=').ok_or(Problem::NoPair(word))?;
            let (place, values) = request
                .key(key, limits)
                .ok_or(Problem::Key(scenario, key))?;
            if place.is_some() {
                return Err(Problem::Twice(key));
            }
            *place = Some(read(value, &values).ok_or(Problem::Value(key, value, values))?);
        }
        Ok(request)
    }

    /// Returns where the value of `key` goes, and what it may be.
    fn key(&mut self, key: &str, limits: &Limits) -> Option<(&mut Option<u64>, Values)> {
        match key {
            "cpu" => Some((
                &mut self.cpu,
                Values::Number(0, u64::from(limits.cpus.saturating_sub(1))),
            )),
            "secs" => Some((&mut self.secs, Values::Number(1, limits.max_secs))),
            "repeat" => Some((&mut self.repeat, Values::Number(1, Self::MAX_REPEAT))),
            "holdoff" => Some((&mut self.holdoff, Values::Number(0, Self::MAX_HOLDOFF))),
            _ => {
                let index = self.scenario.index(key)?;
                Some((&mut self.own[index], self.scenario.params[index].values))
            }
        }
    }

    /// Returns what the scenario's own `key` was set to.
    pub(crate) fn own(&self, key: &str) -> Option<u64> {
        self.own[self.scenario.index(key)?]
    }
}

/// The request as one would write it.
impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_fmt(fmt!("{}", self.scenario.name))?;
        for (key, value) in [
            ("cpu", self.cpu),
            ("secs", self.secs),
            ("repeat", self.repeat),
            ("holdoff", self.holdoff),
        ] {
            if let Some(value) = value {
                f.write_fmt(fmt!(" {key}={value}"))?;
            }
        }
        for (param, value) in self.scenario.params.iter().zip(self.own) {
            match (value, param.values) {
                (None, _) => {}
                (Some(number), Values::Number(..)) => {
                    f.write_fmt(fmt!(" {}={number}", param.name))?
                }
                (Some(index), Values::OneOf(words)) => {
                    f.write_fmt(fmt!(" {}={}", param.name, words[index as usize]))?;
                }
            }
        }
        Ok(())
    }
}

fn read(value: &str, values: &Values) -> Option<u64> {
    match values {
        // `parse` would take a sign.
        Values::Number(min, max) if value.bytes().all(|byte| byte.is_ascii_digit()) => {
            let number = value.parse().ok()?;
            (*min..=*max).contains(&number).then_some(number)
        }
        Values::Number(..) => None,
        Values::OneOf(words) => words
            .iter()
            .position(|word| *word == value)
            .map(|i| i as u64),
    }
}

#[kunit_tests(rculab_trigger)]
mod tests {
    use super::*;
    use kernel::str::CString;

    const LIMITS: Limits = Limits {
        cpus: 4,
        max_secs: 60,
    };

    fn parse(line: &str) -> Result<Request, Problem<'_>> {
        Request::parse(line, &LIMITS)
    }

    /// Whether `line` is refused with exactly this text.
    fn refused(line: &str, text: &str) -> bool {
        match parse(line) {
            Ok(_) => false,
            Err(problem) => CString::try_from_fmt(fmt!("{problem}"))
                .is_ok_and(|said| said.to_bytes() == text.as_bytes()),
        }
    }

    #[test]
    fn a_name_alone_is_a_request() {
        let request = parse("reader").ok();
        assert!(request.is_some_and(|r| r.scenario.name == "reader" && r.cpu.is_none()));
        assert!(parse("  irqs-off\t ").is_ok_and(|r| r.scenario.name == "irqs-off"));
    }

    #[test]
    fn keys_are_read_in_any_order() {
        let Ok(request) = parse("hrtimer-storm interval=7 secs=60 mode=converge cpu=3") else {
            assert!(false);
            return;
        };
        assert_eq!((request.cpu, request.secs), (Some(3), Some(60)));
        assert_eq!(request.own("mode"), Some(1));
        assert_eq!(request.own("interval"), Some(7));
        assert_eq!(request.own("backlog"), None);
        assert_eq!(request.own("nonsense"), None);
    }

    #[test]
    fn a_request_is_shown_as_one_would_write_it() {
        let line = "hrtimer-storm cpu=3 secs=60 mode=converge interval=7";
        let shown = parse(line).map(|request| CString::try_from_fmt(fmt!("{request}")));
        assert!(shown.is_ok_and(|s| s.is_ok_and(|s| s.to_bytes() == line.as_bytes())));
    }

    #[test]
    fn ends_of_ranges_are_inside_and_the_next_are_not() {
        for line in [
            "reader secs=1",
            "reader secs=60",
            "reader cpu=0",
            "reader cpu=3",
        ] {
            assert!(parse(line).is_ok());
        }
        for value in [
            "0",
            "61",
            "",
            "-1",
            "+1",
            "1.0",
            "0x1",
            "99999999999999999999",
            "a",
        ] {
            let mut line = KVec::new();
            assert!(line.extend_from_slice(b"reader secs=", GFP_KERNEL).is_ok());
            assert!(line.extend_from_slice(value.as_bytes(), GFP_KERNEL).is_ok());
            let line = core::str::from_utf8(&line).unwrap_or_default();
            assert!(matches!(parse(line), Err(Problem::Value("secs", v, _)) if v == value));
        }
    }

    #[test]
    fn says_what_is_wrong() {
        assert!(refused(
            " ",
            "empty line: expected 'scenario key=value ...'"
        ));
        assert!(refused(
            "raeder",
            "unknown scenario \"raeder\": the file 'scenarios' has them all"
        ));
        assert!(refused("reader 10", "\"10\": expected key=value"));
        assert!(refused(
            "reader mode=never",
            "reader has no key \"mode\": its keys are cpu secs repeat holdoff"
        ));
        assert!(refused(
            "reader secs=1 secs=2",
            "key \"secs\" is there twice"
        ));
        assert!(refused(
            "reader cpu=4",
            "cpu=\"4\" is out of range: expected 0-3"
        ));
        assert!(refused(
            "hrtimer-storm mode=fast",
            "mode=\"fast\" is out of range: expected never|converge|clock-jump|yielding|fixed"
        ));
    }

    #[test]
    fn several_at_once_are_read() {
        let requests = Request::parse_all("reader cpu=1 repeat=2 + irqs-off secs=7", &LIMITS);
        let Ok(requests) = requests else {
            assert!(false);
            return;
        };
        assert_eq!(requests.len(), 2);
        assert_eq!((requests[0].cpu, requests[0].repeat), (Some(1), Some(2)));
        assert_eq!(requests[1].scenario.name, "irqs-off");
        assert_eq!((requests[1].cpu, requests[1].secs), (None, Some(7)));

        let one = |line| Request::parse_all(line, &LIMITS).map(|requests| requests.len());
        assert!(matches!(one("idle"), Ok(1)));
        assert!(matches!(
            one("reader + idle secs=5"),
            Err(Problem::Alone("idle secs=5"))
        ));
        assert!(matches!(
            one("reader + reader holdoff=0"),
            Err(Problem::NotFirst(_))
        ));
        assert!(matches!(one("reader + "), Err(Problem::Empty)));
        assert!(matches!(one(" + reader"), Err(Problem::Empty)));
        assert!(matches!(one("reader +"), Err(Problem::NoPair("+"))));
        assert!(matches!(
            one("reader + reader + raeder"),
            Err(Problem::Scenario("raeder"))
        ));
    }

    #[test]
    fn of_several_the_one_that_reports_itself_is_expected() {
        use crate::{
            observer::Class,
            scenario::expected_among, //
        };
        use wrappers::rcu_state::IS_TINY;
        let last = |line| {
            let requests = Request::parse_all(line, &LIMITS).ok()?;
            requests.last().map(|last| expected_among(&requests, last))
        };
        let any: &[&[Class]] = &[&[Class::SelfDetected, Class::Detected]];
        if IS_TINY {
            return assert!(last("preempt-off + irqs-off") == Some(&[]));
        }
        assert!(last("irqs-off") == Some(&[&[Class::Detected]]));
        assert!(last("hrtimer-storm + irqs-off") == Some(&[&[Class::Detected]]));
        assert!(last("preempt-off + irqs-off") == Some(any));
    }

    #[test]
    fn every_scenario_fits() {
        for (index, scenario) in scenarios::ALL.iter().enumerate() {
            assert!(scenario.params.len() <= Request::MAX_OWN);
            let name = scenario.name;
            assert!(scenarios::find(name).is_some_and(|found| found.name == name));
            assert!(scenarios::ALL[..index]
                .iter()
                .all(|other| other.name != name));
        }
    }
}
