//! Reports that can be checked, and reports that can be shared.

use std::collections::BTreeSet;

use serde_json::Value;

use sha2::{Digest, Sha256};

use crate::history::sample;
use crate::organization;
use crate::support::{Bucket, Probity};

/// A file of every format.
const FILES: [&str; 11] = [
    "a.txt",
    "a.csv",
    "a.json",
    "a.jsonl",
    "a.md",
    "a.html",
    "a.sarif",
    "a.xml",
    "a.ocsf.json",
    "credentials.csv",
    "asff.json",
];

/// The file as `-o` takes it: the format goes before it where the ending does not tell.
fn target(folder: &std::path::Path, file: &str) -> String {
    let path = folder.join(file).display().to_string();
    match file {
        "credentials.csv" => format!("credentials={path}"),
        "asff.json" => format!("asff={path}"),
        _ => path,
    }
}
/// What the names of the hostile account hold.
const MARK: &str = "zq7k";

#[test]
fn a_manifest_tells_a_changed_file() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let run = Probity::alone()
        .args(["demo", "--quiet", "--fail-on", "never"])
        .arg("-o")
        .arg(at("findings.csv"))
        .arg("-o")
        .arg(at("run.json"))
        .arg("--save-snapshot")
        .arg(at("snapshot.json.zst"))
        .arg("--manifest")
        .arg(at("manifest.json"))
        .run();
    assert_eq!(run.code, 0, "{}", run.stderr);
    let manifest: Value = serde_json::from_slice(&std::fs::read(at("manifest.json")).unwrap()).unwrap();
    let files: Vec<&str> = manifest["files"].as_array().unwrap().iter().map(|f| f["file"].as_str().unwrap()).collect();
    assert_eq!(files, ["findings.csv", "run.json", "snapshot.json.zst"]);
    assert!(manifest["accounts"][0]["caller"].as_str().unwrap().starts_with("arn:aws:sts::"));
    let verify = || Probity::alone().arg("verify").arg(at("manifest.json")).run();
    let sound = verify();
    assert_eq!(sound.code, 0, "{}", sound.stdout);
    let mut csv = std::fs::read(at("findings.csv")).unwrap();
    let middle = csv.len() / 2;
    csv[middle] ^= 1;
    std::fs::write(at("findings.csv"), csv).unwrap();
    let changed = verify();
    assert_eq!(changed.code, 1);
    assert!(
        changed.stdout.contains("findings.csv: CHANGED") && changed.stdout.contains("run.json: unchanged"),
        "{}",
        changed.stdout
    );
    std::fs::remove_file(at("run.json")).unwrap();
    assert!(verify().stdout.contains("run.json: MISSING"));
    let foreign = Probity::alone().file("x.json", "{}").args(["verify", "x.json"]).run();
    assert_eq!(foreign.code, 2);
}

#[test]
fn a_manifest_of_several_accounts_lists_the_files_of_each() {
    let aws = organization::organization(4);
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let run = organization::audit(&aws)
        .arg("-o")
        .arg(at("all.csv"))
        .arg("--output-dir")
        .arg(format!("json={}", at("accounts").display()))
        .arg("--manifest")
        .arg(at("manifest.json"))
        .run();
    assert!(run.code <= 1, "{}", run.stderr);
    let manifest: Value = serde_json::from_slice(&std::fs::read(at("manifest.json")).unwrap()).unwrap();
    assert_eq!(manifest["accounts"].as_array().unwrap().len(), 4);
    let files = manifest["files"].as_array().unwrap();
    let of_accounts = files.iter().filter(|file| file["file"].as_str().unwrap().starts_with("accounts/")).count();
    assert_eq!((files.len(), of_accounts), (5, 4), "{files:#?}");
    let verify = || Probity::alone().arg("verify").arg(at("manifest.json")).run();
    assert_eq!(verify().code, 0);
    let one = folder.path().join(files[1]["file"].as_str().unwrap());
    std::fs::write(&one, "{}").unwrap();
    let changed = verify();
    assert_eq!(changed.code, 1);
    assert!(changed.stdout.contains("CHANGED"), "{}", changed.stdout);
}

/// What was sent to a bucket is listed with the digest of what was sent, and never said to be as it was written.
#[test]
fn a_manifest_lists_what_went_to_a_bucket_and_verify_does_not_vouch_for_it() {
    let bucket = Bucket::start();
    let folder = tempfile::tempdir().unwrap();
    let manifest = folder.path().join("manifest.json");
    let audit = |outputs: &[&str]| {
        let run = Probity::alone()
            .env("AWS_ENDPOINT_URL_S3", bucket.endpoint())
            .env("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
            .env("AWS_SECRET_ACCESS_KEY", "secret")
            .env("AWS_REGION", "eu-central-1")
            .args(["demo", "--quiet", "--fail-on", "never"])
            .args(outputs.iter().flat_map(|output| ["-o", output]))
            .arg("--manifest")
            .arg(&manifest)
            .run();
        assert_eq!(run.code, 0, "{}", run.stderr);
        let manifest: Value = serde_json::from_slice(&std::fs::read(&manifest).unwrap()).unwrap();
        manifest["files"].as_array().unwrap().clone()
    };
    let verify = || Probity::alone().arg("verify").arg(&manifest).run();
    let here = folder.path().join("run.json").display().to_string();
    let address = "s3://audit-results/2026/findings.csv";
    let files = audit(&[&here, address]);
    let listed = files.iter().find(|file| file["file"] == address).expect("the object");
    let object = &bucket.objects()["/audit-results/2026/findings.csv"];
    let sha256: String = Sha256::digest(object).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(listed["holds"], "csv");
    assert_eq!(listed["bytes"], object.len());
    assert_eq!(listed["sha256"], sha256.as_str());
    let sound = verify();
    assert_eq!(sound.code, 0, "{}", sound.stdout);
    for words in ["run.json: unchanged", "1 file here as they were written, 1 file in buckets not looked at"] {
        assert!(sound.stdout.contains(words), "{}", sound.stdout);
    }
    let of_object = sound.stdout.lines().find(|line| line.starts_with(address)).expect("a line");
    assert!(of_object.contains("NOT LOOKED AT") && !of_object.contains("unchanged"), "{of_object}");
    std::fs::write(folder.path().join("run.json"), "{}").unwrap();
    let changed = verify();
    assert_eq!(changed.code, 1, "{}", changed.stdout);
    assert!(changed.stdout.contains("1 file here NOT as they were written"), "{}", changed.stdout);
    // Where nothing was looked at, nothing is proven.
    assert_eq!(audit(&[address]).len(), 1);
    let unseen = verify();
    assert_eq!(unseen.code, 1, "{}", unseen.stdout);
    assert!(unseen.stdout.contains("none was looked at"), "{}", unseen.stdout);
    assert!(!unseen.stdout.contains("as they were written"), "{}", unseen.stdout);
    let puts = bucket.asked().iter().filter(|(method, ..)| method == "PUT").count();
    assert_eq!(puts, bucket.asked().len(), "nothing is read there, not even to verify");
}

/// Every name that somebody could have given in the account.
fn names(value: &Value, field: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| names(item, field, found)),
        Value::Object(fields) => {
            if fields.get("arn").and_then(Value::as_str).is_some_and(|arn| arn.contains("::aws:")) {
                return;
            }
            // Services and events bear names of AWS's own.
            let public =
                |name: &str| name == "name" && ["namespace", "source_address"].iter().any(|f| fields.contains_key(*f));
            fields.iter().filter(|(name, _)| !public(name)).for_each(|(name, value)| names(value, name, found));
        }
        Value::String(text)
            if ["name", "user", "alias", "email", "groups", "bucket"].contains(&field)
                && text.len() > 3
                && text != "<root_account>"
                // An analyzer bears this name, and so do topics and fields.
                && text != "organization"
                && !text.starts_with("AWSServiceRole") =>
        {
            found.insert(text.clone());
        }
        _ => {}
    }
}

/// Every key of an object: a name that is also one cannot be changed in the text.
fn keys(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| keys(item, found)),
        Value::Object(fields) => fields.iter().for_each(|(name, value)| {
            found.insert(name.clone());
            keys(value, found);
        }),
        _ => {}
    }
}

/// Replaces a name where it is not part of a longer word.
fn rename(text: &str, name: &str, new: &str) -> String {
    let joins = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '-');
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(name) {
        let (before, tail) = (&rest[..at], &rest[at + name.len()..]);
        let alone = !joins(before.chars().next_back().or(out.chars().next_back())) && !joins(tail.chars().next());
        out.push_str(before);
        out.push_str(if alone { new } else { name });
        rest = tail;
    }
    out + rest
}

/// The sample account, with every name made hostile: each holds the mark, signs of HTML, and those that formats quote.
fn hostile() -> Value {
    let first = sample();
    let (mut known, mut taken) = (BTreeSet::new(), BTreeSet::new());
    names(&first["facts"], "", &mut known);
    // Users are keys of some topics, and renamed there, too; the words of the format are not.
    keys(&serde_json::to_value(probity_model::snapshot::Facts::default()).unwrap(), &mut taken);
    let by_user = ["last_accessed", "user_mfa_devices", "access_keys", "ssh_keys", "service_credentials"];
    for (topic, fact) in first["facts"].as_object().unwrap() {
        if !by_user.contains(&topic.as_str()) {
            keys(fact, &mut taken);
        }
    }
    // A permission set may bear the name of a policy of AWS's own.
    let whole = first.to_string();
    known.retain(|name| !taken.contains(name) && !whole.contains(&format!("::aws:policy/{name}")));
    assert!(known.len() > 30, "{known:?}");
    let mut longest: Vec<&String> = known.iter().collect();
    longest.sort_by_key(|name| std::cmp::Reverse(name.len()));
    // In two steps, so that a name within another name is not changed twice.
    let mut text = first.to_string();
    for (number, name) in longest.iter().enumerate() {
        text = rename(&text, name, &format!("\u{e000}{number}\u{e001}"));
    }
    for number in 0..longest.len() {
        text = text.replace(&format!("\u{e000}{number}\u{e001}"), &format!("{MARK}-{number}<b>|=é'"));
    }
    serde_json::from_str(&text).unwrap()
}

#[test]
fn a_redacted_report_holds_no_original_name_in_any_format() {
    let snapshot = hostile();
    let text = snapshot.to_string();
    let account = snapshot["account"].as_str().unwrap().to_owned();
    let exceptions = format!(
        "[[exception]]\ncheck = \"user-mfa-console\"\nresource = \"user/{MARK}*\"\nreason = \"{MARK} said so\"\n\
         owner = \"{MARK}@corp.example\"\nticket = \"{MARK}-1\"\n"
    );
    let written = |arguments: &[&str]| -> Vec<(&str, String)> {
        let folder = tempfile::tempdir().unwrap();
        let mut probity = Probity::alone()
            .file("snapshot.json", &text)
            .file("exceptions.toml", &exceptions)
            .args(["check", "snapshot.json", "--quiet", "--fail-on", "never"])
            .args(["--status", "fail,not-evaluated,manual,pass,not-applicable"])
            .args(arguments);
        for file in FILES {
            probity = probity.arg("-o").arg(target(folder.path(), file));
        }
        let manifest = folder.path().join("manifest.json");
        let run = probity.arg("--manifest").arg(&manifest).run();
        assert_eq!(run.code, 0, "{}", run.stderr);
        let read = |file: &str| std::fs::read_to_string(folder.path().join(file)).unwrap();
        FILES.into_iter().chain(["manifest.json"]).map(|file| (file, read(file))).collect()
    };
    for (file, text) in written(&[]) {
        let named = text.contains(MARK) || file == "manifest.json";
        assert!(named && text.contains(&account), "{file} must hold what it is tested with");
    }
    let redacted = written(&["--redact"]);
    for (file, text) in &redacted {
        let place = text.find(MARK).map(|at| text[..at + 40].chars().rev().take(200).collect::<String>());
        let place = place.map(|reversed| reversed.chars().rev().collect::<String>());
        assert_eq!(place, None, "{file}");
        assert!(!text.contains(&account), "{file} holds the account id");
    }
    // The same name is the same everywhere, and without a salt another in the next run.
    let run: Value = serde_json::from_str(&redacted[2].1).unwrap();
    assert!(run["findings"].as_array().unwrap().iter().all(|f| f["account"] == run["accounts"][0]["account"]));
    assert_ne!(written(&["--redact"])[2].1, redacted[2].1);
    let salted = || written(&["--redact", "--redact-salt", "a secret of our own"]).swap_remove(2).1;
    assert_eq!(salted(), salted());
}

/// What vouches for the files lies beside whoever ran the program, as does the snapshot; both say so before anything is read.
#[test]
fn a_manifest_in_a_bucket_is_refused() {
    for flag in ["--manifest", "--save-snapshot"] {
        let run = Probity::alone().args(["demo", "--quiet", flag, "s3://audit-results/file.json"]).run();
        assert_eq!(run.code, 2, "{run:#?}");
        assert!(run.stderr.contains(&format!("{flag} s3://audit-results/file.json")), "{}", run.stderr);
    }
}
