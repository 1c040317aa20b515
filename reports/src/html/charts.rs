//! Two charts as SVG: open failures by severity, findings by family. Every number is also a text.

use std::io::{self, Write};

use probity_model::{Family, Outcome, Run, Severity};

/// The width of a chart, in the units of its view box, which are pixels where there is room.
const WIDTH: usize = 400;
/// What is drawn of a family, in this order. What does not apply has no part in it.
const DRAWN: [Outcome; 4] = [Outcome::Fail, Outcome::NotEvaluated, Outcome::Manual, Outcome::Pass];

/// Writes the charts.
pub(super) fn write(run: &Run, to: &mut dyn Write) -> io::Result<()> {
    writeln!(to, "<section id=\"charts\" aria-labelledby=\"charts-heading\">")?;
    writeln!(to, "<h2 id=\"charts-heading\">At a glance</h2>\n<div class=\"charts\">")?;
    severities(run, to)?;
    families(run, to)?;
    writeln!(to, "</div>\n</section>")
}

fn severities(run: &Run, to: &mut dyn Write) -> io::Result<()> {
    let counts = Severity::WORST_FIRST.map(|severity| (severity, run.open(severity)));
    let most = counts.iter().map(|(_, count)| *count).max().unwrap_or_default();
    let words = counts.map(|(severity, count)| format!("{count} {severity}")).join(", ");
    begin("severities", "Open failures by severity", &words, counts.len() * 28, to)?;
    for (index, (severity, count)) in counts.into_iter().enumerate() {
        let y = index * 28;
        let width = share(count, most, WIDTH - 140);
        writeln!(to, "<text x=\"0\" y=\"{}\">{severity}</text>", y + 17)?;
        writeln!(to, "<rect class=\"s-{severity}\" x=\"76\" y=\"{}\" width=\"{width}\" height=\"18\"/>", y + 4)?;
        writeln!(to, "<text x=\"{}\" y=\"{}\">{count}</text>", 76 + width + 8, y + 17)?;
    }
    writeln!(to, "</svg>\n</figure>")
}

fn families(run: &Run, to: &mut dyn Write) -> io::Result<()> {
    let rows: Vec<(Family, [usize; 4])> = Family::ALL
        .iter()
        .map(|family| {
            // A run of very many accounts lists the worst findings only; the checks have counted all.
            let counts = |outcome| {
                let of_family = run.checks.iter().filter(|check| check.family == *family);
                of_family.filter_map(|check| check.outcomes.get(&outcome)).sum::<u64>()
            };
            (*family, DRAWN.map(|outcome| usize::try_from(counts(outcome)).unwrap_or(usize::MAX)))
        })
        .filter(|(_, counts)| counts.iter().sum::<usize>() > 0)
        .collect();
    let words: Vec<String> = rows.iter().map(|(family, counts)| format!("{family}: {}", in_words(counts))).collect();
    let words = if words.is_empty() { "no finding".to_owned() } else { words.join("; ") };
    begin("families", "Findings by family", &words, (rows.len() * 38).max(20), to)?;
    if rows.is_empty() {
        writeln!(to, "<text x=\"0\" y=\"14\">No finding.</text>")?;
    }
    for (index, (family, counts)) in rows.iter().enumerate() {
        let y = index * 38;
        let all: usize = counts.iter().sum();
        writeln!(to, "<text x=\"0\" y=\"{}\">{family}</text>", y + 13)?;
        writeln!(to, "<text class=\"end\" x=\"{WIDTH}\" y=\"{}\">{}</text>", y + 13, in_words(counts))?;
        let mut before = 0;
        for (outcome, count) in DRAWN.into_iter().zip(counts) {
            let x = (before * WIDTH).checked_div(all).unwrap_or_default();
            before += count;
            let end = (before * WIDTH).checked_div(all).unwrap_or_default();
            if *count > 0 {
                let width = end.saturating_sub(x).max(1);
                writeln!(
                    to,
                    "<rect class=\"o-{outcome}\" x=\"{x}\" y=\"{}\" width=\"{width}\" height=\"12\"/>",
                    y + 19
                )?;
            }
        }
    }
    writeln!(to, "</svg>\n<ul class=\"legend\">")?;
    for outcome in DRAWN {
        writeln!(to, "<li><span class=\"swatch o-{outcome}\"></span>{outcome}</li>")?;
    }
    writeln!(to, "</ul>\n</figure>")
}

/// Begins a figure. What the chart says is its title for those who cannot see it.
fn begin(id: &str, caption: &str, words: &str, height: usize, to: &mut dyn Write) -> io::Result<()> {
    writeln!(to, "<figure>\n<figcaption>{caption}</figcaption>")?;
    writeln!(to, "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-labelledby=\"{id}-title\">")?;
    writeln!(to, "<title id=\"{id}-title\">{caption}: {words}</title>")
}

/// How long a bar is; a count that is not zero can be seen.
fn share(count: usize, most: usize, room: usize) -> usize {
    let width = count.saturating_mul(room).checked_div(most).unwrap_or_default();
    if count > 0 { width.max(2) } else { 0 }
}

fn in_words(counts: &[usize; 4]) -> String {
    let named = DRAWN.into_iter().zip(counts).filter(|(_, count)| **count > 0);
    named.map(|(outcome, count)| format!("{count} {outcome}")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_long_as_its_share_and_never_vanishes() {
        assert_eq!(share(5, 10, 200), 100);
        assert_eq!(share(10, 10, 200), 200);
        assert_eq!(share(1, 100_000, 200), 2);
        assert_eq!(share(0, 10, 200), 0);
        assert_eq!(share(0, 0, 200), 0);
    }
}
