//! Becoming a role: assuming it, having its trust policy rewritten, or passing it to a service.

use probity_policy::{Policy, Target, Truth};

use super::ground::Ground;
use super::methods::Method;
use super::open::Findings;
use super::subject::Ready;
use super::verdict::Verdict;
use crate::principal::Principal;

impl Ground<'_> {
    pub(super) fn assume(
        &self,
        ready: &Ready<'_>,
        number: usize,
        target: &Principal,
        findings: &mut Findings,
    ) -> Verdict {
        let Some(trust) = target.trust() else { return Verdict::NO };
        let context = self.with_tags(ready, number);
        let arn = Target::One(target.arn().as_str());
        ready.ask("sts:AssumeRole", arn, &context, Some(trust.policy()), &mut findings.statements)
    }

    /// Assumes a role whose trust policy one has just written to name oneself.
    pub(super) fn enter(&self, ready: &Ready<'_>, target: &Principal, findings: &mut Findings) -> Verdict {
        let Some(own) = ready.subject.principal else { return Verdict::NO };
        let text = format!(
            r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Principal": {{"AWS": "{}"}}, "Action": "sts:AssumeRole"}}}}"#,
            own.arn()
        );
        let Ok(trust) = Policy::parse("the trust policy as rewritten", &text) else { return Verdict::UNREAD };
        let arn = Target::One(target.arn().as_str());
        let mut record = None;
        let verdict = ready.ask("sts:AssumeRole", arn, &ready.subject.context, Some(&trust), &mut record);
        if verdict.truth == Truth::Unknown {
            findings.notes.push("whether the role can then be assumed".to_owned());
        }
        verdict
    }

    pub(super) fn pass(
        &self,
        ready: &Ready<'_>,
        method: &Method,
        number: usize,
        target: &Principal,
        findings: &mut Findings,
    ) -> Verdict {
        let arn = target.arn().as_str();
        if !ready.touches(self, "iam:PassRole", arn) {
            return Verdict::NO;
        }
        let trusting =
            method.services.iter().filter(|service| self.trusts(number, std::slice::from_ref(*service)).is_possible());
        self.best(findings, trusting, |service, findings| {
            let known = ready.passed.borrow().get(&(number, service.clone())).copied();
            if let (Some(known), None) = (known, &findings.statements) {
                return known;
            }
            let context = self.with_tags(ready, number);
            let context = context.with("iam:PassedToService", service.clone());
            let verdict = ready.ask("iam:PassRole", Target::One(arn), &context, None, &mut findings.statements);
            ready.passed.borrow_mut().insert((number, service.clone()), verdict);
            verdict
        })
    }

    /// Puts a role that is in no instance profile into one: a new one, one that holds another role, or an empty one, of
    /// which the snapshot knows nothing.
    pub(super) fn instance_profile(&self, ready: &Ready<'_>, findings: &mut Findings) -> Verdict {
        // It is the same for every role.
        if let (Some(known), None) = (ready.profile.get(), &findings.statements) {
            return known;
        }
        let ask = |actions: &[&str], findings: &mut Findings| {
            actions.iter().fold(Verdict::YES, |verdict, action| {
                if verdict.is_possible() { verdict.and(self.anywhere(ready, action, findings)) } else { verdict }
            })
        };
        let (create, add, remove) =
            ("iam:CreateInstanceProfile", "iam:AddRoleToInstanceProfile", "iam:RemoveRoleFromInstanceProfile");
        let firsts = [Some(create), Some(remove).filter(|_| self.has_profiles), None];
        let verdict = self.best(findings, firsts, |first, findings| {
            let Some(first) = first else {
                findings.notes.push("whether an instance profile exists that holds no role".to_owned());
                return ask(&[add], findings).and(Verdict::UNREAD);
            };
            ask(&[first, add], findings)
        });
        ready.profile.set(Some(verdict));
        verdict
    }
}
