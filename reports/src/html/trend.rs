//! The score of the last runs as a line. Every number of it stands in the table below, too.

use std::io::{self, Write};

use probity_model::Timestamp;
use probity_model::history::RunPoint;

/// The size of the chart, in the units of its view box, which are pixels where there is room.
const WIDTH: i64 = 400;
const HEIGHT: i64 = 160;
/// Where the drawing begins and ends: room for the scale on the left, and for the last score on the right.
const LEFT: i64 = 32;
const RIGHT: i64 = WIDTH - 36;
/// Where a score of 100 and one of 0 stand.
const TOP: i64 = 10;
const BOTTOM: i64 = TOP + 120;
/// With more runs than this, their points would hide the line.
const MANY: usize = 30;

/// A score at its place.
struct Point {
    x: i64,
    y: i64,
    score: u8,
    at: Timestamp,
}

/// Writes the chart. A single score makes no line, and has no chart.
pub(super) fn write(trend: &[RunPoint], to: &mut dyn Write) -> io::Result<()> {
    let lines = lines(trend);
    let points = || lines.iter().flatten();
    let (Some(first), Some(last)) = (points().next(), points().last()) else { return Ok(()) };
    if points().count() < 2 {
        return Ok(());
    }
    writeln!(to, "<figure>\n<figcaption>Score from run to run</figcaption>")?;
    writeln!(
        to,
        "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-labelledby=\"trend-title\" aria-describedby=\"trend-desc\">"
    )?;
    writeln!(to, "<title id=\"trend-title\">Score of the last {} runs</title>", trend.len())?;
    writeln!(to, "<desc id=\"trend-desc\">{}</desc>", in_words(trend, first, last, &lines))?;
    for score in [0, 50, 100] {
        let y = height(score);
        writeln!(to, "<path class=\"grid\" d=\"M{LEFT} {y}H{RIGHT}\"/>")?;
        writeln!(to, "<text class=\"end\" x=\"{}\" y=\"{}\">{score}</text>", LEFT - 6, y + 4)?;
    }
    for line in lines.iter().filter(|line| line.len() > 1) {
        let places: Vec<String> = line.iter().map(|point| format!("{} {}", point.x, point.y)).collect();
        writeln!(to, "<path class=\"line\" d=\"M{}\"/>", places.join("L"))?;
    }
    let many = points().count() > MANY;
    for line in &lines {
        // A score between two runs without one lies on no line: it is seen by its point alone.
        for point in line.iter().filter(|point| !many || line.len() == 1 || point.x == last.x) {
            writeln!(
                to,
                "<circle class=\"point\" cx=\"{}\" cy=\"{}\" r=\"3\"><title>{}: {}</title></circle>",
                point.x, point.y, point.at, point.score
            )?;
        }
    }
    writeln!(to, "<text x=\"{}\" y=\"{}\">{}</text>", last.x + 8, last.y + 4, last.score)?;
    let day = |point: Option<&RunPoint>| point.map(|point| point.started_at.strftime("%Y-%m-%d").to_string());
    let (begin, end) = (day(trend.first()).unwrap_or_default(), day(trend.last()).unwrap_or_default());
    writeln!(to, "<text class=\"begin\" x=\"{LEFT}\" y=\"{}\">{begin}</text>", HEIGHT - 8)?;
    if begin != end {
        writeln!(to, "<text class=\"end\" x=\"{RIGHT}\" y=\"{}\">{end}</text>", HEIGHT - 8)?;
    }
    writeln!(to, "</svg>\n</figure>")
}

/// The points in pieces: a run that could judge nothing breaks the line, for nobody knows its score.
fn lines(trend: &[RunPoint]) -> Vec<Vec<Point>> {
    let time = |point: &RunPoint| point.started_at.as_second();
    let from = trend.first().map(time).unwrap_or_default();
    let span = trend.last().map(time).unwrap_or_default().saturating_sub(from);
    let place = |point: &RunPoint, score| {
        let after = time(point).saturating_sub(from).saturating_mul(RIGHT - LEFT);
        // Runs of the same second stand in one place.
        Point { x: LEFT + after.checked_div(span).unwrap_or_default(), y: height(score), score, at: point.started_at }
    };
    let pieces = trend.split(|point| point.score.is_none());
    let piece = |points: &[RunPoint]| -> Vec<Point> {
        points.iter().filter_map(|point| Some(place(point, point.score?))).collect()
    };
    pieces.map(piece).filter(|points| !points.is_empty()).collect()
}

fn height(score: u8) -> i64 {
    TOP + (100 - i64::from(score.min(100))) * (BOTTOM - TOP) / 100
}

/// What the line shows, for those who cannot see it.
fn in_words(trend: &[RunPoint], first: &Point, last: &Point, lines: &[Vec<Point>]) -> String {
    let scores = || lines.iter().flatten().map(|point| point.score);
    let lowest = scores().min().unwrap_or_default();
    let highest = scores().max().unwrap_or_default();
    let without = trend.iter().filter(|point| point.score.is_none()).count();
    let unknown = if without == 0 { String::new() } else { format!(" {without} of the runs could judge nothing.") };
    format!(
        "From {} on {} to {} on {}; lowest {lowest}, highest {highest}.{unknown} The table of runs has every number.",
        first.score, first.at, last.score, last.at
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn trend(scores: &[Option<u8>]) -> Vec<RunPoint> {
        let point = |(day, score): (i64, &Option<u8>)| RunPoint {
            id: String::new(),
            started_at: Timestamp::from_second(day * 86_400).unwrap_or_default(),
            score: *score,
            coverage_percent: 100,
            open: BTreeMap::new(),
            new: 0,
            fixed: 0,
        };
        (0..).zip(scores).map(point).collect()
    }

    fn drawn(scores: &[Option<u8>]) -> String {
        let mut chart = Vec::new();
        let written = write(&trend(scores), &mut chart);
        assert!(written.is_ok());
        String::from_utf8(chart).unwrap_or_default()
    }

    #[test]
    fn runs_stand_where_their_time_is_and_as_high_as_their_score() {
        let chart = drawn(&[Some(0), Some(50), Some(100)]);
        assert!(chart.contains("<path class=\"line\" d=\"M32 130L198 70L364 10\"/>"), "{chart}");
    }

    #[test]
    fn a_run_without_a_score_breaks_the_line_and_is_told() {
        let chart = drawn(&[Some(10), Some(20), None, Some(30), None, Some(40), Some(50)]);
        assert_eq!(chart.matches("class=\"line\"").count(), 2);
        assert_eq!(chart.matches("<circle").count(), 5);
        assert!(chart.contains("2 of the runs could judge nothing"), "{chart}");
    }

    #[test]
    fn one_score_makes_no_chart_and_many_have_no_points_but_the_last() {
        assert_eq!(drawn(&[]), "");
        assert_eq!(drawn(&[None, Some(50), None]), "");
        assert_eq!(drawn(&[Some(50); 90]).matches("<circle").count(), 1);
    }
}
