//! Wrong input gets a message that says what to do, and the exit code that belongs to it.

use std::io::Write;
use std::net::TcpListener;

use crate::findings::{NOW, audit, scenario};
use crate::support::{Probity, Run};

fn refused(run: &Run, code: i32, words: &[&str]) {
    assert_eq!(run.code, code, "{run:#?}");
    assert!(run.stdout.is_empty(), "{run:#?}");
    for word in words {
        assert!(run.stderr.contains(word), "no `{word}` in: {}", run.stderr);
    }
}

#[test]
fn no_credentials() {
    let run = Probity::alone().env("AWS_REGION", "eu-central-1").args(["audit", "--quiet"]).run();
    refused(&run, 3, &["credentials", "aws configure"]);
}

#[test]
fn a_wrong_profile() {
    let run = Probity::alone()
        .env("AWS_REGION", "eu-central-1")
        .file(".aws/config", "[profile audit]\nregion = eu-central-1\n")
        .args(["audit", "--quiet", "--profile", "audti"])
        .run();
    refused(&run, 2, &["audti"]);
}

#[test]
fn an_invented_region() {
    let aws = scenario("empty");
    refused(&audit(&aws).args(["--region", "mars-north-1"]).run(), 2, &["mars-north-1"]);
    refused(&audit(&aws).args(["--regions", "eu-west-1,mars-north-1"]).run(), 2, &["mars-north-1"]);
    refused(&audit(&aws).args(["--regions", "eu west"]).run(), 2, &["eu west"]);
}

#[test]
fn an_unreachable_endpoint() {
    // A port that was free a moment ago, and that nobody listens on.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let address = format!("http://127.0.0.1:{port}");
    let run = Probity::at(&address)
        .env("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "example")
        .args(["audit", "--quiet"])
        .run();
    refused(&run, 2, &[&address]);
}

#[test]
fn an_endpoint_that_is_not_aws() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = [0; 4096];
            let _ = std::io::Read::read(&mut stream, &mut request);
            let body = "<html><body>It works</body></html>";
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(format!("{head}{body}").as_bytes());
        }
    });
    let run = Probity::at(&address)
        .env("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "example")
        .args(["audit", "--quiet"])
        .run();
    refused(&run, 2, &[&address, "AWS"]);
}

#[test]
fn a_snapshot_that_is_cut_or_foreign() {
    let cut =
        Probity::alone().file("cut.json", "{\"format\": \"probity-snapshot\", \"ver").args(["check", "cut.json"]).run();
    refused(&cut, 2, &["cut.json", "line 1"]);
    let foreign = Probity::alone().file("foreign.json", "{\"findings\": []}").args(["check", "foreign.json"]).run();
    refused(&foreign, 2, &["foreign.json", "not a probity snapshot"]);
    refused(&Probity::alone().args(["check", "nowhere.json"]).run(), 2, &["nowhere.json"]);
}

#[test]
fn an_unknown_check_names_the_nearest() {
    refused(&Probity::alone().args(["explain", "root-mfa-enabeld"]).run(), 2, &["did you mean `root-mfa-enabled`"]);
    refused(&Probity::alone().args(["checks", "--only", "family:roots"]).run(), 2, &["family:root`"]);
    let run = Probity::alone().file("a.json", "{}").args(["check", "a.json", "--only", "user-mfa-consol"]).run();
    refused(&run, 2, &["did you mean `user-mfa-console`"]);
}

#[test]
fn a_parameter_out_of_range() {
    let set = |text: &str| Probity::alone().args(["checks", "--set", text]).run();
    refused(&set("user-access-key-rotation.max_age_days=0"), 2, &["max_age_days", "between"]);
    refused(&set("user-access-key-rotation.max_age_days=soon"), 2, &["max_age_days", "whole number"]);
    refused(&set("user-access-key-rotation.max_days=9"), 2, &["max_age_days"]);
    refused(&set("max_age_days=9"), 2, &["CHECK.PARAMETER=VALUE"]);
}

#[test]
fn a_configuration_names_file_line_and_field() {
    let file = "[audit]\nskip = []\n\n[checks.user-access-key-rotation]\nmax_age_days = \"many\"\n";
    let run = Probity::alone().file("probity.toml", file).args(["checks"]).run();
    refused(&run, 2, &["probity.toml:5:", "max_age_days"]);
}

#[test]
fn a_file_that_cannot_be_written_is_found_out_before_the_first_call() {
    let aws = scenario("empty");
    let run = audit(&aws).args(["-o", "no/such/folder/findings.csv"]).run();
    refused(&run, 2, &["no/such/folder/findings.csv"]);
    assert_eq!(aws.calls().len(), 0);
    let run = Probity::against(&aws).args(["collect", "--quiet", "--now", NOW, "-o", "no/such/folder/a.json"]).run();
    refused(&run, 2, &["no/such/folder/a.json"]);
    assert_eq!(aws.calls().len(), 0);
}
