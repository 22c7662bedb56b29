// SPDX-License-Identifier: GPL-2.0

//! Two reports of one moment: a CPU reports itself, and another reports it.

use crate::model::Kind;
use crate::report::Report;

/// Reports of one moment, which two CPUs made, differ by no more jiffies.
pub(super) const MOMENT: i64 = 50;

/// Whether two reports were made at the same time.
pub(super) fn moment(one: Option<i64>, other: Option<i64>) -> bool {
    one.zip(other)
        .is_some_and(|(one, other)| (one - other).abs() <= MOMENT)
}

/// Tells each report what another of the same moment knows of the same CPU.
///
/// A CPU reports itself while another reports it: their stacks come once, after either.
pub(super) fn share(reports: &mut [Report], numbers: &[(u64, bool)]) {
    for at in 0..reports.len() {
        let report = &reports[at];
        let beside = |other: usize| {
            let sibling = &reports[other];
            other != at
                && numbers[other].0 == numbers[at].0
                && sibling.header.kind != report.header.kind
                && sibling.cpus == report.cpus
                && moment(sibling.elapsed(), report.elapsed())
        };
        // They stand next to each other.
        let near = at.saturating_sub(1)..reports.len().min(at + 2);
        let Some(other) = near.into_iter().find(|&other| beside(other)) else {
            continue;
        };
        let reports_itself = reports[other].header.kind == Kind::SelfDetected;
        let dumps = reports[at]
            .dumps
            .is_empty()
            .then(|| reports[other].dumps.clone());
        let report = &mut reports[at];
        report.reported_itself = reports_itself;
        report.dumps.extend(dumps.into_iter().flatten());
    }
}
