//! ministack, an emulator by others that enforces IAM: it proves that a policy allows what an audit needs, and no more.

use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command};
use std::sync::mpsc::Receiver;

use serde::Deserialize;
use serde_json::Value;

use super::emulator::{START, end, spawn};
use super::environment::python;

#[derive(Deserialize)]
struct Ready {
    endpoint: String,
    account: String,
    access_key: String,
    secret_key: String,
}

/// A running ministack with IAM enforced and one user who has exactly one policy.
pub(crate) struct Ministack {
    child: Child,
    said: Receiver<String>,
    ready: Ready,
}

impl Ministack {
    /// Starts it with a user whose only policy is this document. The account is the management account of a small
    /// organization and has users, groups, roles, a trail and a password policy.
    ///
    /// # Panics
    /// When Python is missing, its packages cannot be installed, or ministack does not listen within a minute.
    pub(crate) fn start(policy: &Value) -> Self {
        Self::run(policy, |_| {})
    }

    /// The same, and a stack that was made of a CloudFormation template.
    ///
    /// # Panics
    /// As [`Self::start`], and when the stack cannot be made.
    pub(crate) fn with_stack(policy: &Value, template: &Path, parameters: &Value) -> Self {
        Self::run(policy, |command| {
            command.arg("--stack").arg(template).args(["--parameters", &parameters.to_string()]);
        })
    }

    fn run(policy: &Value, more: impl FnOnce(&mut Command)) -> Self {
        let mut command = python("emulator.enforcing");
        command.args(["--policy", &policy.to_string()]);
        more(&mut command);
        let (child, line, said) = spawn(command, "ministack");
        Self { child, said, ready: serde_json::from_str(&line).unwrap() }
    }

    /// Puts this document in the place of the user's only policy.
    ///
    /// # Panics
    /// When ministack does not take it.
    pub(crate) fn allow(&mut self, policy: &Value) {
        let input = self.child.stdin.as_mut().unwrap();
        writeln!(input, "{policy}").and_then(|()| input.flush()).unwrap();
        self.said.recv_timeout(START).unwrap();
    }

    /// Where it listens, for `--endpoint-url`.
    pub(crate) fn endpoint(&self) -> &str {
        &self.ready.endpoint
    }

    /// The account that the user is in.
    pub(crate) fn account(&self) -> &str {
        &self.ready.account
    }

    /// Access key id and secret key of the user.
    pub(crate) fn credentials(&self) -> (&str, &str) {
        (&self.ready.access_key, &self.ready.secret_key)
    }
}

impl Drop for Ministack {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}
