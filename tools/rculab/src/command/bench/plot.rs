// SPDX-License-Identifier: GPL-2.0

//! The throughput of readers as a picture: for each number of updaters a field, in it a line for
//! each way to share the list.

use plotters::prelude::*;

use super::throughput::{READERS, Runs, SCHEMES, UPDATERS};

const SIZE: (u32, u32) = (1200, 440);

/// They differ for the colour-blind too. In the order of the schemes.
const COLOURS: [RGBColor; 5] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(230, 159, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
];

pub fn draw(runs: &Runs) -> anyhow::Result<String> {
    let rate = |scheme, readers, updaters| {
        let run = runs.median(scheme, readers, updaters);
        run.map_or(0.0, |run| run.walks_a_ms())
    };
    let mut high = 1.0_f64;
    for scheme in SCHEMES {
        for updaters in UPDATERS {
            high = READERS.iter().fold(high, |high, readers| {
                high.max(rate(scheme, *readers, updaters))
            });
        }
    }
    let most = READERS[READERS.len() - 1];

    let mut picture = String::new();
    {
        let root = SVGBackend::with_string(&mut picture, SIZE).into_drawing_area();
        root.fill(&WHITE)?;
        for (field, updaters) in root.split_evenly((1, UPDATERS.len())).iter().zip(UPDATERS) {
            let plural = if updaters == 1 { "" } else { "s" };
            let mut chart = ChartBuilder::on(field)
                .caption(format!("{updaters} updater{plural}"), ("sans-serif", 17))
                .margin(10)
                .x_label_area_size(40)
                .y_label_area_size(60)
                .build_cartesian_2d(
                    (1.0..f64::from(most)).log_scale().base(2.0),
                    0.0..1.05 * high,
                )?;
            chart
                .configure_mesh()
                .disable_x_mesh()
                .light_line_style(WHITE)
                .x_label_formatter(&|readers| format!("{readers:.0}"))
                .y_label_formatter(&|rate| format!("{rate}"))
                .x_desc("readers")
                .y_desc("walks a millisecond")
                .draw()?;
            for (scheme, colour) in SCHEMES.into_iter().zip(COLOURS) {
                let points =
                    READERS.map(|readers| (f64::from(readers), rate(scheme, readers, updaters)));
                chart
                    .draw_series(LineSeries::new(points, colour.stroke_width(2)).point_size(3))?
                    .label(scheme)
                    .legend(move |(x, y)| {
                        PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2))
                    });
            }
            if updaters == UPDATERS[0] {
                chart
                    .configure_series_labels()
                    .position(SeriesLabelPosition::LowerLeft)
                    .background_style(WHITE)
                    .draw()?;
            }
        }
        root.present()?;
    }
    Ok(picture)
}
