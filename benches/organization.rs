//! A whole organization over HTTP, against the emulated AWS: memory, throughput, kills, and accounts that fail.
//!
//! ```sh
//! cargo bench --bench organization                      # 50 accounts; the ceiling, memory, ten kills
//! ACCOUNTS=1000 KILLS=0 FAILING=0 cargo bench --bench organization
//! ```
//!
//! The ceiling is what a bare client gets out of the same emulator, in the same run, with the calls of one account: it keeps
//! its connections, signs nothing and reads no answer.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, missing_docs)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use support::{ACCESS_KEY, Emulator, Fault, SECRET_KEY, SESSION_TOKEN};

const NOW: &str = "2026-11-02T09:00:00Z";
/// Accounts at once, and connections of the bare client.
const AT_ONCE: usize = 8;
/// How much slower than the bare client an audit of many accounts may be; in few, its beginning and its end weigh more.
const RATIO: f64 = 1.5;
/// How many are many.
const MANY: usize = 1_000;
/// The most memory that an audit may take, in KiB.
const MEMORY: u64 = 300 * 1024;

fn number(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn probity(aws: &Emulator, arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_probity"))
        .args(["audit", "--org", "--now", NOW, "--last-accessed", "none", "--regions", "us-east-1", "--quiet"])
        .args(["--concurrency", &AT_ONCE.to_string(), "--endpoint-url", aws.endpoint()])
        .args(arguments)
        .env_clear()
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", ACCESS_KEY)
        .env("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
        .env("AWS_SESSION_TOKEN", SESSION_TOKEN)
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap()
}

/// What a run took.
struct Taken {
    time: Duration,
    /// Of all cores together, in seconds.
    computing: f64,
    /// The most memory it held, in KiB.
    memory: u64,
}

/// Runs it to its end.
fn measured(mut child: Child) -> Taken {
    // Clock ticks a second, which Linux has fixed for user space.
    const TICKS: f64 = 100.0;
    let began = Instant::now();
    let (mut most, mut computing) = (0, 0.0);
    while child.try_wait().unwrap().is_none() {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let held = line.and_then(|line| line.trim().split(' ').next()?.parse().ok());
        most = most.max(held.unwrap_or_default());
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap_or_default();
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        // User and system time are the 14th and 15th field; the first two stand before the bracket.
        let ticks = [11, 12].into_iter().filter_map(|field| fields.get(field)?.parse::<f64>().ok()).sum::<f64>();
        computing = f64::max(computing, ticks / TICKS);
        std::thread::sleep(Duration::from_millis(20));
    }
    Taken { time: began.elapsed(), computing, memory: most }
}

fn main() {
    let (accounts, kills) = (number("ACCOUNTS", 50), number("KILLS", 10));
    let calls = calls_of_an_account();
    let aws = Emulator::of(&format!("fleet-{accounts}")).now("scenario").start();
    let before = ceiling(&aws, &calls);
    aws.forget();
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().join("whole.jsonl");
    let state = folder.path().join("whole");
    let Taken { time: took, computing, memory } =
        measured(probity(&aws, &["--state", path(&state), "-o", path(&whole)]));
    let made = aws.calls().len();
    let after = ceiling(&aws, &calls);
    let (ceiling, pace) = (f64::midpoint(before, after), made as f64 / took.as_secs_f64());
    println!("{accounts} accounts, {made} calls, {:.1} s, of which computing {computing:.1} s", took.as_secs_f64());
    println!("memory      {:.0} MB; the bound is {} MB", memory as f64 / 1024.0, MEMORY / 1024);
    println!("bare client {before:.0} calls a second before, {after:.0} after");
    let ratio = ceiling / pace;
    println!(
        "audit       {pace:.0} calls a second: {ratio:.2} times slower; the bound is {RATIO} from {MANY} accounts on"
    );
    println!("findings    {}", BufReader::new(std::fs::File::open(&whole).unwrap()).lines().count());
    if kills > 0 {
        killed(&aws, folder.path(), &lines(&whole), took, kills);
    }
    if number("FAILING", 1) == 1 {
        failing(accounts);
    }
    assert!(memory < MEMORY, "too much memory");
    assert!(accounts < MANY || ratio < RATIO, "too slow");
}

fn path(file: &Path) -> &str {
    file.to_str().unwrap()
}

fn lines(file: &Path) -> Vec<String> {
    std::fs::read_to_string(file).unwrap().lines().map(str::to_owned).collect()
}

/// What probity asks of one account, as it went over the wire.
fn calls_of_an_account() -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("calls.jsonl");
    let aws = Emulator::of("fleet-4").now("scenario").record(&file).start();
    measured(probity(&aws, &["--accounts", "111122223333"]));
    drop(aws);
    let said = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let of = |line: &str| -> Option<String> {
        let call: Value = serde_json::from_str(line).ok()?;
        let (request, service) = (&call["request"], said(&call["service"]));
        let (body, region) = (said(&request["body"]), said(&call["region"]));
        let mut head =
            format!("{} {} HTTP/1.1\r\nHost: emulator\r\n", said(&request["method"]), said(&request["path"]));
        head += &format!(
            "Authorization: AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/20260101/{region}/{service}/aws4_request, SignedHeaders=host, Signature=unsigned\r\n"
        );
        head +=
            &format!("X-Amz-Security-Token: {SESSION_TOKEN}\r\nContent-Type: {}\r\n", said(&request["content_type"]));
        if let Some(target) = request["target"].as_str().filter(|target| !target.is_empty()) {
            head += &format!("X-Amz-Target: {target}\r\n");
        }
        Some(format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()))
    };
    lines(&file).iter().filter_map(|line| of(line)).collect()
}

/// Calls a second that a bare client gets answered.
fn ceiling(aws: &Emulator, calls: &[String]) -> f64 {
    const ROUNDS: usize = 24;
    let next = AtomicUsize::new(0);
    let began = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                let stream = TcpStream::connect(aws.endpoint().trim_start_matches("http://")).unwrap();
                let mut to = stream.try_clone().unwrap();
                let mut from = BufReader::new(stream);
                loop {
                    let turn = next.fetch_add(1, Ordering::SeqCst);
                    let Some(call) = calls.get(turn % calls.len()).filter(|_| turn < calls.len() * ROUNDS) else {
                        break;
                    };
                    to.write_all(call.as_bytes()).unwrap();
                    answer(&mut from);
                }
            });
        }
    });
    (calls.len() * ROUNDS) as f64 / began.elapsed().as_secs_f64()
}

/// Takes one answer off a connection that is kept.
fn answer(from: &mut BufReader<TcpStream>) {
    let mut length = 0;
    loop {
        let mut line = String::new();
        from.read_line(&mut line).unwrap();
        if line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    from.read_exact(&mut body).unwrap();
}

/// Kills runs at moments drawn from a seeded generator, resumes each, and compares the findings.
fn killed(aws: &Emulator, folder: &Path, whole: &[String], took: Duration, kills: usize) {
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    for kill in 0..kills {
        // xorshift64: the moments are the same in every run.
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        let share = 2 + seed % 90;
        let state = folder.join(format!("killed-{kill}"));
        let mut child = probity(aws, &["--state", path(&state)]);
        std::thread::sleep(took * u32::try_from(share).unwrap() / 100);
        child.kill().unwrap();
        child.wait().unwrap();
        let done = std::fs::read_dir(state.join("accounts")).map_or(0, |folder| {
            folder.filter(|entry| entry.as_ref().is_ok_and(|one| one.path().join("record.json").exists())).count()
        });
        let file = folder.join(format!("resumed-{kill}.jsonl"));
        let option = if state.join("state.json").exists() { "--resume" } else { "--state" };
        if option == "--state" && state.exists() {
            std::fs::remove_dir_all(&state).unwrap();
        }
        measured(probity(aws, &[option, path(&state), "-o", path(&file)]));
        let same = lines(&file) == whole;
        println!(
            "killed at {share:2} %, {done} accounts done: resumed, the findings are {}",
            if same { "equal" } else { "different" }
        );
        assert!(same);
        std::fs::remove_dir_all(&state).unwrap();
    }
}

/// One account in twenty fails, each way in turn; all others are complete.
fn failing(accounts: usize) {
    let id = |number: usize| format!("{}", 200_000_000_000_usize + number);
    let ways = ["no such role", "denied", "throttled", "timeout"];
    let chosen: Vec<usize> = (1..accounts).step_by(20).collect();
    let mut patch = serde_json::Map::new();
    let mut faults = Vec::new();
    for (way, number) in chosen.iter().enumerate() {
        match ways[way % ways.len()] {
            "no such role" => {
                patch.insert(id(*number), json!({"roles": {"probity-audit": null}}));
            }
            "denied" => {
                let trust = json!({"account": "111122223333", "external_id": "another-one-that-is-long"});
                patch.insert(id(*number), json!({"roles": {"probity-audit": {"trust": trust}}}));
            }
            "throttled" => faults.push(Fault::throttle("*").account(&id(*number))),
            _ => faults.push(Fault::latency("iam:*", 8_000).account(&id(*number))),
        }
    }
    let scenario = format!("fleet-{accounts}");
    let aws = Emulator::of(&scenario).now("scenario").patch(json!({"accounts": patch})).faults(faults).start();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("run.json");
    measured(probity(&aws, &["--account-timeout", "20", "-o", path(&file)]));
    let report: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let coverage = &report["organization"]["coverage"];
    println!("{} accounts failing in {} ways: {coverage}", chosen.len(), ways.len());
    let complete = coverage["complete"].as_u64().unwrap();
    assert_eq!(complete as usize, accounts - chosen.len());
}
