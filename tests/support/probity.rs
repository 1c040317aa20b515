//! The `probity` binary, run with nothing of this machine's AWS configuration.

use std::ffi::{OsStr, OsString};
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::emulator::Emulator;
use super::ministack::Ministack;
use super::{ACCESS_KEY, SECRET_KEY, SESSION_TOKEN};

/// How long a run may take before it counts as hung.
const LIMIT: Duration = Duration::from_secs(180);

/// A run of the binary in the making.
pub(crate) struct Probity {
    command: Command,
    home: TempDir,
    endpoint: Option<String>,
    stdin: Vec<u8>,
    interrupt: Option<Duration>,
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Run {
    /// The exit code; -1 when a signal ended it.
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) took: Duration,
}

impl Run {
    /// The standard output as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error} in {self:#?}"))
    }
}

impl Probity {
    /// Without credentials, configuration or an endpoint: an empty home folder, no `AWS_*` variables, no instance
    /// metadata, no colours.
    pub(crate) fn alone() -> Self {
        let home = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_probity"));
        command.env_clear().current_dir(home.path());
        for kept in ["PATH", "LLVM_PROFILE_FILE", "RUST_BACKTRACE"] {
            if let Some(value) = std::env::var_os(kept) {
                command.env(kept, value);
            }
        }
        command.env("HOME", home.path()).env("AWS_EC2_METADATA_DISABLED", "true").env("NO_COLOR", "1");
        Self { command, home, endpoint: None, stdin: Vec::new(), interrupt: None }
    }

    /// As the caller of an emulator's scenario.
    pub(crate) fn against(emulator: &Emulator) -> Self {
        Self::at(emulator.endpoint())
            .env("AWS_ACCESS_KEY_ID", ACCESS_KEY)
            .env("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
            .env("AWS_SESSION_TOKEN", SESSION_TOKEN)
    }

    /// As the user of a ministack.
    pub(crate) fn against_ministack(ministack: &Ministack) -> Self {
        let (access_key, secret_key) = ministack.credentials();
        Self::at(ministack.endpoint()).env("AWS_ACCESS_KEY_ID", access_key).env("AWS_SECRET_ACCESS_KEY", secret_key)
    }

    /// Against an endpoint, without credentials. The address goes in as `--endpoint-url`, after the arguments.
    pub(crate) fn at(endpoint: &str) -> Self {
        let mut probity = Self::alone().env("AWS_REGION", "us-east-1");
        probity.endpoint = Some(endpoint.to_owned());
        probity
    }

    /// Adds an argument.
    pub(crate) fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    /// Adds arguments.
    pub(crate) fn args(mut self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.command.args(arguments);
        self
    }

    /// Sets an environment variable.
    pub(crate) fn env(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.command.env(name, value.into());
        self
    }

    /// Removes an environment variable.
    pub(crate) fn without_env(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    /// Writes a file below the run's home folder, which is also its working folder.
    pub(crate) fn file(self, name: &str, content: &str) -> Self {
        let path = self.home.path().join(name);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).unwrap();
        }
        std::fs::write(path, content).unwrap();
        self
    }

    /// Feeds standard input, which is empty otherwise.
    pub(crate) fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = bytes.into();
        self
    }

    /// Interrupts the run after so long, as Ctrl-C does.
    #[cfg(unix)]
    pub(crate) fn interrupted_after(mut self, wait: Duration) -> Self {
        self.interrupt = Some(wait);
        self
    }

    /// The run's home and working folder.
    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// Runs it to its end.
    ///
    /// # Panics
    /// When it takes longer than three minutes.
    pub(crate) fn run(mut self) -> Run {
        if let Some(endpoint) = &self.endpoint {
            self.command.args(["--endpoint-url", endpoint]);
        }
        let began = Instant::now();
        let mut child =
            self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (mut input, mut out, mut err) =
            (child.stdin.take().unwrap(), child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let fed = std::mem::take(&mut self.stdin);
        let feeding = thread::spawn(move || {
            // A command that does not read its input closes it.
            let _ = input.write_all(&fed);
        });
        let stdout = thread::spawn(move || read(&mut out));
        let stderr = thread::spawn(move || read(&mut err));
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            if self.interrupt.is_some_and(|wait| began.elapsed() > wait) {
                self.interrupt = None;
                let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
                assert!(sent.success(), "the signal could not be sent");
            }
            if began.elapsed() > LIMIT {
                child.kill().unwrap();
                let shown = stderr.join().unwrap();
                panic!("probity still ran after {} seconds; it had said:\n{shown}", LIMIT.as_secs());
            }
            thread::sleep(Duration::from_millis(5));
        };
        let took = began.elapsed();
        feeding.join().unwrap();
        Run { code: status.code().unwrap_or(-1), stdout: stdout.join().unwrap(), stderr: stderr.join().unwrap(), took }
    }
}

fn read(from: &mut impl Read) -> String {
    let mut bytes = Vec::new();
    from.read_to_end(&mut bytes).unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}
