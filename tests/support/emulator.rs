//! The emulated AWS as a child process of a test.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::environment::python;
use super::fault::Fault;
use super::http::{self, Answer};
use super::request::AwsRequest;

/// How long an emulator may take until it listens, its environment already installed.
pub(super) const START: Duration = Duration::from_secs(60);

/// A call that the emulator received.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) service: String,
    pub(crate) operation: String,
    pub(crate) region: String,
    /// The caller's account; none where the credentials were unknown.
    pub(crate) account: Option<String>,
    /// The caller's ARN.
    pub(crate) principal: Option<String>,
    /// Who answered: `moto` or `emulator`.
    pub(crate) by: String,
    /// HTTP status; 0 for a dropped connection.
    pub(crate) status: u16,
    /// The error code of the answer.
    pub(crate) error: Option<String>,
    /// The kinds of the faults that struck it.
    pub(crate) faults: Vec<String>,
}

impl Call {
    /// The call as `service:Operation`.
    pub(crate) fn name(&self) -> String {
        format!("{}:{}", self.service, self.operation)
    }
}

/// How an emulator is to be started.
pub(crate) struct Builder {
    scenario: String,
    patch: Option<Value>,
    now: String,
    faults: Vec<Value>,
    record: Option<PathBuf>,
}

impl Builder {
    /// Changes the scenario by a JSON Merge Patch (RFC 7396): objects merge, null removes, all else replaces.
    pub(crate) fn patch(mut self, patch: Value) -> Self {
        self.patch = Some(patch);
        self
    }

    /// Counts the scenario's ages from this RFC 3339 time, or from the scenario's own date with `scenario`. Without it
    /// they count from the moment of the test, because `probity audit` does so.
    pub(crate) fn now(mut self, now: &str) -> Self {
        now.clone_into(&mut self.now);
        self
    }

    /// Starts with these faults in force.
    pub(crate) fn faults(mut self, faults: impl IntoIterator<Item = Fault>) -> Self {
        self.faults.extend(faults.into_iter().map(Fault::into_json));
        self
    }

    /// Keeps every call in this file, one JSON object a line.
    pub(crate) fn record(mut self, file: &Path) -> Self {
        self.record = Some(file.to_owned());
        self
    }

    /// Starts it.
    ///
    /// # Panics
    /// When it does not listen within a minute; what it had to say is on stderr.
    pub(crate) fn start(self) -> Emulator {
        let mut command = python("emulator");
        let folder = tempfile::tempdir().unwrap();
        if let Some(patch) = &self.patch {
            let file = folder.path().join("scenario.json");
            std::fs::write(&file, json!({"base": self.scenario, "patch": patch}).to_string()).unwrap();
            command.arg("--scenario").arg(file);
        } else {
            command.args(["--scenario", &self.scenario]);
        }
        command.args(["--now", &self.now, "--faults", &Value::Array(self.faults).to_string()]);
        if let Some(record) = &self.record {
            command.arg("--record").arg(record);
        }
        let (child, line) = start(command, "the emulated AWS");
        let endpoint =
            line.strip_prefix("emulator listening on ").unwrap_or_else(|| panic!("not an address: {line:?}"));
        Emulator { endpoint: endpoint.to_owned(), child, _folder: folder }
    }
}

/// A running emulator. It ends with this value, and with the test process however that ends.
pub(crate) struct Emulator {
    endpoint: String,
    child: Child,
    _folder: TempDir,
}

impl Emulator {
    /// Starts a scenario whose ages count from now.
    ///
    /// # Panics
    /// When Python is missing, its packages cannot be installed, or the emulator does not listen within a minute.
    pub(crate) fn start(scenario: &str) -> Self {
        Self::of(scenario).start()
    }

    /// A scenario with options.
    pub(crate) fn of(scenario: &str) -> Builder {
        Builder { scenario: scenario.to_owned(), patch: None, now: "real".to_owned(), faults: Vec::new(), record: None }
    }

    /// Where it listens, for `--endpoint-url`.
    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Sends an AWS request.
    ///
    /// # Panics
    /// When there is no answer at all; `AwsRequest::send` tells of that.
    pub(crate) fn ask(&self, request: &AwsRequest) -> Answer {
        request.send(&self.endpoint).unwrap()
    }

    /// The calls received so far, oldest first.
    pub(crate) fn calls(&self) -> Vec<Call> {
        serde_json::from_value(self.control("GET", "calls", None).json()).unwrap()
    }

    /// Puts these faults in force in the place of all others; an empty list ends them.
    pub(crate) fn faults(&self, faults: impl IntoIterator<Item = Fault>) {
        let faults = Value::Array(faults.into_iter().map(Fault::into_json).collect());
        let answer = self.control("POST", "faults", Some(&faults));
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    /// Allows these IAM actions and denies all others, as if the caller's only policy named them.
    pub(crate) fn allow<'a>(&self, actions: impl IntoIterator<Item = &'a str>) {
        let actions: Value = actions.into_iter().collect();
        let answer = self.control("POST", "allow", Some(&actions));
        assert_eq!(answer.status, 200, "{}", answer.text());
    }

    /// Clears calls and faults.
    pub(crate) fn forget(&self) {
        self.control("POST", "forget", None);
    }

    fn control(&self, method: &str, what: &str, body: Option<&Value>) -> Answer {
        let body = body.map(Value::to_string).unwrap_or_default();
        http::send(&self.endpoint, method, &format!("/_emulator/{what}"), &[], body.as_bytes()).unwrap()
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

/// Starts a server that says one line when it is ready, and serves until its standard input closes.
pub(super) fn start(command: Command, name: &str) -> (Child, String) {
    let (child, line, _) = spawn(command, name);
    (child, line)
}

/// The same, with what it says after that.
pub(super) fn spawn(mut command: Command, name: &str) -> (Child, String, Receiver<String>) {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{name} does not start: {error}"));
    let stdout = child.stdout.take().unwrap();
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            // Nobody may listen any more.
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    match receiver.recv_timeout(START) {
        Ok(line) if !line.is_empty() => (child, line.trim().to_owned(), receiver),
        other => {
            end(&mut child);
            panic!("{name} did not come up within {} seconds ({other:?}); see stderr above", START.as_secs());
        }
    }
}

/// Ends a server: politely by closing its standard input, surely by killing it.
pub(super) fn end(child: &mut Child) {
    drop(child.stdin.take());
    for _ in 0..500 {
        if matches!(child.try_wait(), Ok(Some(_))) {
            return;
        }
        thread::sleep(Duration::from_millis(10));
    }
    let _ = child.kill();
    let _ = child.wait();
}
