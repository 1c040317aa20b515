//! Ways to become administrator, drawn: who sets out above, whom a step leads to below. What is drawn is also a text.

use std::io::{self, Write};

use probity_model::Run;

use super::escape::text;
use crate::paths::{Ways, ways};
use crate::text::one_line;
use crate::words::counted;

/// The width of a graph, in the units of its view box.
const WIDTH: usize = 400;
/// The height of a box and the distance to the next one.
const BOX: usize = 26;
const STRIDE: usize = 32;
/// The height of an arrow with what stands beside it.
const ARROW: usize = 40;
/// How many characters of a name a box has room for.
const ROOM: usize = 52;
/// How many of those who set out are drawn, and how many graphs: the others are counted, and stand among the findings.
const MOST_FROM: usize = 12;
const MOST_GRAPHS: usize = 60;

/// Writes the graphs, where any finding carries a way.
pub(super) fn write(run: &Run, to: &mut dyn Write) -> io::Result<()> {
    let ways = ways(run);
    if ways.is_empty() {
        return Ok(());
    }
    writeln!(to, "<section id=\"paths\" aria-labelledby=\"paths-heading\">")?;
    writeln!(to, "<h2 id=\"paths-heading\">Ways to become somebody stronger ({})</h2>", ways.len())?;
    writeln!(
        to,
        "<p>Each graph is one way; whoever stands above the first arrow can go it. A broken line is a way that could \
         neither be proven nor ruled out.</p>\n<div class=\"charts paths\">"
    )?;
    ways.iter().take(MOST_GRAPHS).enumerate().try_for_each(|(number, ways)| graph(run, number, ways, to))?;
    writeln!(to, "</div>")?;
    let more = ways.len().saturating_sub(MOST_GRAPHS);
    if more > 0 {
        writeln!(to, "<p>And {}: see the findings.</p>", counted(more, "more way", "more ways"))?;
    }
    writeln!(to, "</section>")
}

fn graph(run: &Run, number: usize, ways: &Ways<'_>, to: &mut dyn Write) -> io::Result<()> {
    let sure = if ways.is_certain { "open" } else { "neither proven nor ruled out" };
    let account = if run.accounts.len() > 1 { format!(" in {}", ways.account) } else { String::new() };
    let who = counted(ways.from.len(), "principal", "principals");
    let drawn = ways.from.len().min(MOST_FROM);
    let more = ways.from.len() - drawn;
    let top = (drawn + usize::from(more > 0)) * STRIDE;
    let height = top + ways.steps.len() * (ARROW + BOX) + 2;
    writeln!(to, "<figure>\n<figcaption>{who}{}, {sure}</figcaption>", text(&account))?;
    writeln!(to, "<svg viewBox=\"0 -1 {WIDTH} {height}\" role=\"img\" aria-labelledby=\"path-{number}\">")?;
    writeln!(to, "<title id=\"path-{number}\">{}</title>", text(&in_words(ways)))?;
    let broken = if ways.is_certain { "" } else { " broken" };
    for (index, name) in ways.from.iter().take(drawn).enumerate() {
        node(index * STRIDE, name, "node", to)?;
    }
    if more > 0 {
        writeln!(to, "<text x=\"24\" y=\"{}\">and {more} more</text>", drawn * STRIDE + 17)?;
    }
    // One line at the left gathers all who set out.
    let mut y = top;
    for (index, step) in ways.steps.iter().enumerate() {
        let last = index + 1 == ways.steps.len();
        let from = if index == 0 { BOX / 2 } else { y };
        if index == 0 {
            for row in 0..drawn {
                let middle = row * STRIDE + BOX / 2;
                writeln!(to, "<path class=\"edge{broken}\" d=\"M16 {middle}H8\"/>")?;
            }
        }
        let x = if index == 0 { 8 } else { 28 };
        let end = y + ARROW;
        writeln!(to, "<path class=\"edge{broken}\" d=\"M{x} {from}V{}H28V{}\"/>", end - 14, end - 6)?;
        writeln!(to, "<path class=\"head\" d=\"M24 {}h8l-4 7z\"/>", end - 7)?;
        writeln!(to, "<text class=\"method\" x=\"40\" y=\"{}\">{}</text>", end - 14, text(&short(step.method, 54)))?;
        node(end, step.target, if last { "node goal" } else { "node" }, to)?;
        y = end + BOX;
    }
    writeln!(to, "</svg>\n</figure>")
}

fn node(y: usize, name: &str, class: &str, to: &mut dyn Write) -> io::Result<()> {
    let width = WIDTH - 17;
    writeln!(to, "<rect class=\"{class}\" x=\"16\" y=\"{y}\" width=\"{width}\" height=\"{BOX}\" rx=\"3\"/>")?;
    writeln!(to, "<text x=\"24\" y=\"{}\">{}</text>", y + 17, text(&short(name, ROOM)))
}

/// A name in its room: the end tells more than the beginning.
fn short(name: &str, room: usize) -> String {
    let name = one_line(name);
    let length = name.chars().count();
    if length <= room {
        return name;
    }
    std::iter::once('…').chain(name.chars().skip(length - room + 1)).collect()
}

fn in_words(ways: &Ways<'_>) -> String {
    let steps: Vec<String> = ways.steps.iter().map(|step| format!("by {} to {}", step.method, step.target)).collect();
    let sure = if ways.is_certain { "" } else { " perhaps" };
    format!("{}:{sure} {}", ways.from.join(", "), steps.join(", then "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_keeps_its_end() {
        assert_eq!(short("role/a", 10), "role/a");
        assert_eq!(short("role/path/to/deployer", 10), "…/deployer");
    }
}
