//! JUnit XML: one suite a check, one case a finding, for build servers. `docs/formats/junit.md` is its page.
//!
//! There is no standard; elements and attributes are those that Jenkins, GitLab and the others read.

use std::io::{self, Write};

use probity_model::{Finding, Outcome, Run};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use crate::history::age;
use crate::text::plain;
use crate::words::accepted;
use crate::{Options, ReportError};

/// Writes every finding that the options do not leave out.
pub(crate) fn write(run: &Run, options: &Options, to: &mut dyn Write) -> Result<(), ReportError> {
    let shown = options.select(run, &Outcome::ALL);
    let mut suites: Vec<(&str, Vec<&Finding>)> = Vec::new();
    for finding in &shown {
        match suites.iter_mut().find(|(check, _)| *check == finding.check) {
            Some((_, findings)) => findings.push(finding),
            None => suites.push((&finding.check, vec![finding])),
        }
    }
    let mut writer = Writer::new_with_indent(to, b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let counts = Counts::of(&shown);
    writer
        .create_element("testsuites")
        .with_attributes([("name", "probity"), ("id", clean(&run.id).as_str())])
        .with_attributes(counts.attributes().iter().map(pair))
        .write_inner_content(|writer| suites.iter().try_for_each(|(_, findings)| suite(run, findings, writer)))?;
    writer.get_mut().write_all(b"\n")?;
    Ok(())
}

/// What a build server makes of a finding.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Passed,
    /// Breaks the build.
    Failure,
    /// Nobody knows: no build server may take it for a pass.
    Error,
    Skipped,
}

impl Verdict {
    const fn of(finding: &Finding) -> Self {
        match (finding.outcome, &finding.exception) {
            (Outcome::Fail, None) => Self::Failure,
            (Outcome::NotEvaluated, _) => Self::Error,
            (Outcome::Fail, Some(_)) | (Outcome::Manual | Outcome::NotApplicable, _) => Self::Skipped,
            (Outcome::Pass, _) => Self::Passed,
        }
    }
}

/// The numbers in the head of a suite.
struct Counts {
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
}

impl Counts {
    fn of(findings: &[&Finding]) -> Self {
        let count = |verdict| findings.iter().filter(|finding| Verdict::of(finding) == verdict).count();
        Self {
            tests: findings.len(),
            failures: count(Verdict::Failure),
            errors: count(Verdict::Error),
            skipped: count(Verdict::Skipped),
        }
    }

    fn attributes(&self) -> [(&'static str, String); 4] {
        [("tests", self.tests), ("failures", self.failures), ("errors", self.errors), ("skipped", self.skipped)]
            .map(|(name, count)| (name, count.to_string()))
    }
}

fn pair<'a>((name, value): &'a (&'static str, String)) -> (&'a str, &'a str) {
    (name, value)
}

/// The text without what XML 1.0 forbids and without what is obeyed instead of shown; it stays on one line.
fn clean(text: &str) -> String {
    plain(text)
}

/// [`clean`] of every line.
fn clean_lines(text: &str) -> String {
    text.lines().map(clean).collect::<Vec<_>>().join("\n")
}

fn suite<W: Write>(run: &Run, findings: &[&Finding], writer: &mut Writer<W>) -> io::Result<()> {
    let Some(first) = findings.first() else { return Ok(()) };
    let name = clean(&first.check);
    let counts = Counts::of(findings);
    let fix = run.check(&first.check).map(|check| clean_lines(check.fix.trim())).unwrap_or_default();
    writer
        .create_element("testsuite")
        .with_attributes([("name", name.as_str()), ("package", &first.family.to_string())])
        .with_attributes(counts.attributes().iter().map(pair))
        .with_attributes([("time", "0"), ("timestamp", &run.started_at.strftime("%Y-%m-%dT%H:%M:%S").to_string())])
        .write_inner_content(|writer| findings.iter().try_for_each(|finding| case(finding, &fix, writer)))?;
    Ok(())
}

/// The resource, what tells it apart and where it is: the name of the case.
fn name(finding: &Finding) -> String {
    let which = Some(&finding.discriminator).filter(|text| !text.is_empty()).map(|text| format!(" ({text})"));
    let region = finding.region.as_ref().map(|region| format!(" in {region}"));
    let parts = [Some(finding.resource.to_string()), which, region];
    clean(&parts.into_iter().flatten().collect::<String>())
}

fn case<W: Write>(finding: &Finding, fix: &str, writer: &mut Writer<W>) -> io::Result<()> {
    let class = clean(&format!("{}.{}", finding.account, finding.check));
    writer
        .create_element("testcase")
        .with_attributes([("classname", class.as_str()), ("name", &name(finding)), ("time", "0")])
        .write_inner_content(|writer| {
            verdict(finding, fix, writer)?;
            let said = clean_lines(&output(finding));
            writer.create_element("system-out").write_text_content(BytesText::new(&said))?;
            Ok(())
        })?;
    Ok(())
}

fn verdict<W: Write>(finding: &Finding, fix: &str, writer: &mut Writer<W>) -> io::Result<()> {
    let message = clean(&finding.message);
    let element = match Verdict::of(finding) {
        Verdict::Passed => return Ok(()),
        Verdict::Skipped => {
            let why = finding.exception.iter().map(|exception| clean(&format!(" [{}]", accepted(exception))));
            let message = format!("{}: {message}{}", finding.outcome, why.collect::<String>());
            writer.create_element("skipped").with_attribute(("message", message.as_str())).write_empty()?;
            return Ok(());
        }
        Verdict::Failure => "failure",
        Verdict::Error => "error",
    };
    // What to do about a failure does not help where nobody knows whether there is one.
    let body = if element == "failure" && !fix.is_empty() { format!("{message}\n\n{fix}") } else { message.clone() };
    let kind = if element == "failure" { finding.severity.as_str() } else { finding.outcome.as_str() };
    writer
        .create_element(element)
        .with_attributes([("message", message.as_str()), ("type", kind)])
        .write_text_content(BytesText::new(&body))?;
    Ok(())
}

/// The verdict, and a line for every value that it was judged on.
fn output(finding: &Finding) -> String {
    let head = [
        format!("status: {}", finding.outcome),
        format!("severity: {}", finding.severity),
        format!("message: {}", clean(&finding.message)),
        format!("fingerprint: {}", finding.fingerprint),
    ];
    let age = age(finding).map(|age| format!("age: {}", clean(&age)));
    let evidence = finding.evidence.iter().map(|item| clean(&format!("{}: {}", item.key, item.value)));
    head.into_iter().chain(age).chain(evidence).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_forbids_is_removed() {
        assert_eq!(clean("a\u{0}\u{8}\u{b}\u{1f}\u{fffe}\u{ffff}b\n名"), "ab 名");
        assert_eq!(clean_lines("a\u{1}\nb"), "a\nb");
    }
}
