//! What earlier runs say, in words.

use probity_model::history::{FixedFinding, HistoryReport};
use probity_model::{Finding, Outcome, Run};

use crate::words::counted;

/// How long a finding is known; none where no history is kept or it never failed.
pub(crate) fn age(finding: &Finding) -> Option<String> {
    let history = finding.history.as_ref()?;
    let back = match history.reopened {
        0 => String::new(),
        times => format!(", back for the {} time", ordinal(times)),
    };
    let since = history.open_since.strftime("%Y-%m-%d");
    let days = usize::try_from(history.age_days).unwrap_or_default();
    Some(match () {
        () if finding.outcome != Outcome::Fail => format!("failed when it was last judged, {}", history.last_seen),
        () if history.new => format!("new since the last run{back}"),
        () => format!("open for {}, since {since}{back}", counted(days, "day", "days")),
    })
}

fn ordinal(number: u32) -> String {
    let ending = match (number % 10, number % 100) {
        (1, rest) if rest != 11 => "st",
        (2, rest) if rest != 12 => "nd",
        (3, rest) if rest != 13 => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

/// What is new and what was fixed since the last run: "3 new, 1 fixed since 2026-11-01T08:00:00Z (score 59 to 72)".
pub(crate) fn since(run: &Run, history: &HistoryReport) -> String {
    let changed = format!("{} new, {} fixed", history.new, history.fixed.len());
    let number = |score: Option<u8>| score.map_or_else(|| "none".to_owned(), |score| score.to_string());
    match &history.previous {
        Some(previous) => format!(
            "{changed} since {} (score {} to {})",
            previous.started_at,
            number(previous.score),
            number(run.score.value)
        ),
        None => format!("{changed}; no earlier run of the same accounts and checks is kept"),
    }
}

/// Open failures by age: "12 of 0 to 7 days, 3 of 8 to 30 days".
pub(crate) fn aging(history: &HistoryReport) -> String {
    let bands: Vec<String> = history
        .aging
        .iter()
        .filter(|band| band.open > 0)
        .map(|band| format!("{} of {}", band.open, band.in_words()))
        .collect();
    if bands.is_empty() { "nothing is open".to_owned() } else { bands.join(", ") }
}

/// How long failures took to be fixed: "high 12.5 days (of 8)".
pub(crate) fn time_to_fix(history: &HistoryReport) -> String {
    let times: Vec<String> = history
        .time_to_fix
        .iter()
        .map(|time| {
            let tenths = time.mean_hours * 10 / 24;
            format!("{} {}.{} days (of {})", time.severity, tenths / 10, tenths % 10, time.fixed)
        })
        .collect();
    times.join(", ")
}

/// A failure that is not there any more, in words.
pub(crate) fn fixed(fixed: &FixedFinding) -> String {
    let which = if fixed.discriminator.is_empty() { String::new() } else { format!(" ({})", fixed.discriminator) };
    let place = fixed.region.as_ref().map(|region| format!(" in {region}")).unwrap_or_default();
    let how = match fixed.how {
        probity_model::history::Fixed::Passes => "it passes now",
        probity_model::history::Fixed::Gone => "the resource is gone",
    };
    let since = fixed.open_since.strftime("%Y-%m-%d");
    format!("{} {} on {}{which}{place}: {how}; it was open since {since}", fixed.severity, fixed.check, fixed.resource)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinals_are_english() {
        let said = [1, 2, 3, 4, 11, 12, 13, 21, 102].map(ordinal);
        assert_eq!(said, ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "102nd"]);
    }
}
