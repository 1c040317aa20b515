//! Whether a way is open from one place to another.

use probity_policy::{Target, Truth};

use super::Certainty;
use super::ground::Ground;
use super::methods::{End, Method, When};
use super::node::{Extra, Node};
use super::subject::Ready;
use super::verdict::Verdict;
use crate::decide::StatementUsed;
use crate::principal::Principal;
use crate::workloads::Runs;

/// What a way was found open by.
#[derive(Default)]
pub(crate) struct Findings {
    /// The statements; only where they are wanted.
    pub(crate) statements: Option<Vec<StatementUsed>>,
    /// What remains to be found out beside the conditions of statements.
    pub(crate) notes: Vec<String>,
}

/// Kinds of resources that actions of another service's name act on.
pub(super) fn format_of(action: &str) -> String {
    match action {
        "ssm:StartSession" | "ssm:SendCommand" => "arn:*:ec2:*:*:instance/*".to_owned(),
        "ec2-instance-connect:SendSSHPublicKey" => "arn:*:ec2:*:*:instance/*".to_owned(),
        "iam:CreateInstanceProfile" | "iam:AddRoleToInstanceProfile" | "iam:RemoveRoleFromInstanceProfile" => {
            "arn:*:iam::*:instance-profile/*".to_owned()
        }
        "iam:CreateRole" => "arn:*:iam::*:role/*".to_owned(),
        "iam:CreateUser" => "arn:*:iam::*:user/*".to_owned(),
        "s3:GetObject" => "arn:*:s3:::*".to_owned(),
        _ => format!("arn:*:{}:*:*:*", action.split(':').next().unwrap_or_default()),
    }
}

impl<'a> Ground<'a> {
    pub(super) fn principal(&self, number: usize) -> Option<&'a Principal> {
        self.access.principals.get(number)
    }

    pub(super) fn own_arn(&self, resource: &str) -> String {
        format!("arn:{}:iam::{}:{resource}", self.access.partition, self.access.account)
    }

    /// An action on some resource that the caller may choose.
    pub(crate) fn anywhere(&self, ready: &Ready<'_>, action: &str, findings: &mut Findings) -> Verdict {
        if !ready.subject.covers(self, action) {
            return Verdict::NO;
        }
        let known = self.number(action).and_then(|number| ready.anywhere.borrow().get(&number).copied());
        if let (Some(known), None) = (known, &findings.statements) {
            return known;
        }
        let format = format_of(action);
        let service = format.split(':').nth(2).unwrap_or_default();
        let fresh = match action {
            "iam:CreateInstanceProfile" | "iam:AddRoleToInstanceProfile" | "iam:RemoveRoleFromInstanceProfile" => {
                self.own_arn("instance-profile/probity/any-profile")
            }
            _ => format!("arn:{}:{service}:us-east-1:{}:probity/any-name", self.access.partition, self.access.account),
        };
        let context = ready.subject.context.clone();
        let mut best = (Verdict::NO, None);
        let mut consider = |resource: Target<'_>| {
            let mut record = findings.statements.is_some().then(Vec::new);
            let verdict = ready.ask(action, resource, &context, None, &mut record);
            if verdict.or(best.0) != best.0 {
                best = (verdict, record);
            }
            best.0 == Verdict::YES
        };
        let _ = consider(Target::One(&fresh))
            || ready.named(self, action, &format).iter().any(|pattern| consider(Target::Matching(pattern)))
            || (ready.reaches_more(self, action) && consider(Target::Matching("*")));
        if let (Some(all), Some(found)) = (&mut findings.statements, best.1) {
            all.extend(found);
        }
        if let Some(number) = self.number(action) {
            ready.anywhere.borrow_mut().insert(number, best.0);
        }
        best.0
    }

    /// Whether a way is open from a subject to a place. Works out the same whether statements are kept or not. A way that
    /// is no surer than `surer_than` counts as closed.
    pub(crate) fn opens(
        &self,
        ready: &Ready<'_>,
        method: &Method,
        to: &Node,
        surer_than: Option<Certainty>,
        findings: &mut Findings,
    ) -> Verdict {
        let counts = |verdict: Verdict| {
            verdict.certainty().is_some_and(|certainty| surer_than.is_none_or(|limit| certainty < limit))
        };
        let mut verdict = self.holds(ready, method, to, findings);
        if let (Node::Principal(number, _), false) = (to, method.services.is_empty()) {
            let trust = self.trusts(*number, &method.services);
            if trust.truth == Truth::Unknown {
                findings.notes.push("whom the trust policy of the role lets in".to_owned());
            }
            verdict = verdict.and(trust);
        }
        if let (Some(runs), Node::Principal(number, _)) = (method.runs, to) {
            let verdict = if counts(verdict) { self.through(ready, method, runs, *number, findings) } else { verdict }
                .and(verdict);
            return if counts(verdict) { verdict } else { Verdict::NO };
        }
        for need in &method.needs {
            if !counts(verdict) {
                return Verdict::NO;
            }
            verdict = verdict.and(self.need(ready, method, need, to, findings));
        }
        if let (true, Some(unread)) = (verdict.is_possible(), &method.unread) {
            findings.notes.push(unread.clone());
            verdict = verdict.and(Verdict::UNREAD);
        }
        if counts(verdict) { verdict } else { Verdict::NO }
    }

    /// A way through something that runs with a role: what is known to, and where that may not be all, something else.
    fn through(
        &self,
        ready: &Ready<'_>,
        method: &Method,
        runs: Runs,
        number: usize,
        findings: &mut Findings,
    ) -> Verdict {
        let Some(target) = self.principal(number) else { return Verdict::NO };
        let running = self.access.workloads.of_kind(runs);
        let elsewhere = [None].into_iter().filter(|_| !running.is_complete);
        let places = running.with_role(target.arn()).map(Some).chain(elsewhere);
        self.best(findings, places, |place, findings| {
            let ask = |need: &String, findings: &mut Findings| match place {
                Some(arn) => self.on(ready, need, arn.as_str(), findings),
                None => self.anywhere(ready, need, findings),
            };
            let mut verdict = Verdict::YES;
            for need in &method.needs {
                if verdict.is_possible() {
                    verdict = verdict.and(ask(need, findings));
                }
            }
            let open = if place.is_some() { &method.reach } else { &method.unread };
            if let (true, Some(open)) = (verdict.is_possible(), open) {
                findings.notes.push(open.clone());
                verdict = verdict.and(Verdict::UNREAD);
            }
            verdict
        })
    }

    /// What must be so of the target.
    pub(super) fn holds(&self, ready: &Ready<'_>, method: &Method, to: &Node, findings: &mut Findings) -> Verdict {
        let Node::Principal(number, _) = to else { return Verdict::YES };
        let Some(target) = self.principal(*number) else { return Verdict::NO };
        let credentials = self.access.credentials.get(target.name()).copied();
        let keys = credentials.and_then(|credentials| credentials.keys);
        let mut told = |fact: Option<bool>, otherwise: &str| match fact {
            Some(true) => Verdict::YES,
            Some(false) => Verdict::NO,
            None => {
                findings.notes.push(otherwise.to_owned());
                Verdict::UNREAD
            }
        };
        match method.when {
            None | Some(When::FewerVersions | When::FiveVersions) => Verdict::YES,
            Some(When::FewerThanTwoKeys) => told(keys.map(|keys| keys < 2), "whether the user has fewer than two keys"),
            Some(When::TwoKeys) => told(keys.map(|keys| keys >= 2), "whether the user has two keys"),
            Some(When::NoPassword) => {
                let password = credentials.and_then(|credentials| credentials.password);
                told(password.map(|has| !has), "whether the user has no password")
            }
            Some(When::Password) => {
                let password = told(credentials.and_then(|it| it.password), "whether the user has a password");
                if password.is_possible() && credentials.and_then(|it| it.mfa) == Some(true) {
                    findings.notes.push("the second factor of the user is needed as well".to_owned());
                    return password.and(Verdict::MAYBE);
                }
                password
            }
            Some(When::InstanceProfile) if target.instance_profiles > 0 => Verdict::YES,
            Some(When::InstanceProfile) => self.instance_profile(ready, findings),
        }
    }

    pub(super) fn need(
        &self,
        ready: &Ready<'_>,
        method: &Method,
        action: &str,
        to: &Node,
        findings: &mut Findings,
    ) -> Verdict {
        if method.target == End::Account {
            return self.new_principal(ready, action, findings);
        }
        let Node::Principal(number, change) = to else { return Verdict::NO };
        let Some(target) = self.principal(*number) else { return Verdict::NO };
        match action {
            "sts:AssumeRole" => self.assume(ready, *number, target, findings),
            "iam:PassRole" => self.pass(ready, method, *number, target, findings),
            "iam:UpdateAssumeRolePolicy" => {
                let rewritten = self.on_principal(ready, action, *number, target, findings);
                if rewritten.is_possible() { rewritten.and(self.enter(ready, target, findings)) } else { rewritten }
            }
            "iam:CreatePolicyVersion" | "iam:DeletePolicyVersion" => {
                self.on_policies(ready, method, action, *number, target, findings)
            }
            "iam:SetDefaultPolicyVersion" => match &change.extra {
                Some(Extra::Version(arn, _)) => self.on(ready, action, arn.as_str(), findings),
                _ => Verdict::NO,
            },
            "iam:AddUserToGroup" => match &change.extra {
                Some(Extra::Group(name)) => self.on_group(ready, action, name, findings),
                _ => Verdict::NO,
            },
            _ if action.starts_with("iam:") && action.contains("Group") => {
                self.on_groups(ready, method, action, findings)
            }
            _ if action.starts_with("iam:") => self.on_principal(ready, action, *number, target, findings),
            _ => self.anywhere(ready, action, findings),
        }
    }
}
