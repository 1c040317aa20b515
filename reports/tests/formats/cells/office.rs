//! LibreOffice, where it is installed; where it is not, a test that wants it says so and passes.

use std::io::Write as _;
use std::path::Path;
use std::process::Command;

/// How CSV is written: commas, double quotes, UTF-8, as cells show it, no formulas, and the second sheet of a workbook.
const WRITTEN: &str = "csv:Text - txt - csv (StarCalc):44,34,UTF8,1,,0,false,true,false,false,false,";
/// How CSV is read: the same signs, and the second column as text, since account ids have leading zeros.
const READ: &str = "--infilter=Text - txt - csv (StarCalc):44,34,UTF8,1,2/2";

/// What the cells of a CSV file and those of the sheet Findings of a workbook show, as CSV.
pub(super) fn shown(csv: &[u8], workbook: &[u8]) -> Option<(String, String)> {
    if Command::new("soffice").arg("--version").output().is_err() {
        let why = "skipped: what LibreOffice shows of CSV and XLSX, since there is no soffice on the PATH";
        writeln!(std::io::stderr(), "{why}").expect("standard error");
        return None;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let (from, to) = (folder.path().join("from"), folder.path().join("to"));
    std::fs::create_dir(&from).expect("a folder");
    std::fs::write(from.join("report.csv"), csv).expect("written");
    std::fs::write(from.join("workbook.xlsx"), workbook).expect("written");
    convert(folder.path(), &[READ, "--convert-to", &format!("{WRITTEN}0")], &from.join("report.csv"), &to);
    convert(folder.path(), &["--convert-to", &format!("{WRITTEN}2")], &from.join("workbook.xlsx"), &to);
    let read = |name: &str| std::fs::read_to_string(to.join(name)).expect("what LibreOffice wrote");
    Some((read("report.csv"), read("workbook-Findings.csv")))
}

/// Converts with a profile of its own, so that nothing of the user's is read or changed.
fn convert(folder: &Path, arguments: &[&str], from: &Path, to: &Path) {
    let done = Command::new("soffice")
        .arg(format!("-env:UserInstallation=file://{}", folder.join("profile").display()))
        .args(["--headless", "--norestore"])
        .args(arguments)
        .arg("--outdir")
        .arg(to)
        .arg(from)
        .output()
        .expect("soffice");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}
