//! What actions of IAM are asked on: users and roles, their policies, their groups, and those yet to be made.

use probity_model::Arn;
use probity_policy::{Context, Target};

use super::ground::Ground;
use super::methods::{Gains, Method, When};
use super::node::Removal;
use super::open::{Findings, format_of};
use super::subject::Ready;
use super::verdict::Verdict;
use crate::principal::Principal;

impl Ground<'_> {
    /// An action on one resource, with nothing further known.
    pub(super) fn on(&self, ready: &Ready<'_>, action: &str, arn: &str, findings: &mut Findings) -> Verdict {
        if !ready.touches(self, action, arn) {
            return Verdict::NO;
        }
        self.asked(ready, action, Target::One(arn), &ready.subject.context, findings)
    }

    /// Asks; where a managed policy is attached, for each policy that is worth it.
    pub(super) fn asked(
        &self,
        ready: &Ready<'_>,
        action: &str,
        resource: Target<'_>,
        context: &Context,
        findings: &mut Findings,
    ) -> Verdict {
        if !action.starts_with("iam:Attach") {
            return ready.ask(action, resource, context, None, &mut findings.statements);
        }
        let mut best = (Verdict::NO, None);
        for powerful in &self.powerful {
            let mut record = findings.statements.is_some().then(Vec::new);
            let context = context.clone().with("iam:PolicyARN", powerful.clone());
            let verdict = ready.ask(action, resource, &context, None, &mut record);
            if verdict.or(best.0) != best.0 {
                best = (verdict, record);
            }
            if best.0 == Verdict::YES {
                break;
            }
        }
        if let (Some(all), Some(found)) = (&mut findings.statements, best.1) {
            all.extend(found);
        }
        best.0
    }

    /// An action of IAM on a user or a role.
    pub(super) fn on_principal(
        &self,
        ready: &Ready<'_>,
        action: &str,
        number: usize,
        target: &Principal,
        findings: &mut Findings,
    ) -> Verdict {
        let arn = target.arn().as_str();
        // AWS does not let the roles of Identity Center be changed from within the account.
        if arn.contains(":role/aws-reserved/") || !ready.touches(self, action, arn) {
            return Verdict::NO;
        }
        let mut context = self.with_tags(ready, number);
        let boundary = match action {
            "iam:PutUserPermissionsBoundary" | "iam:PutRolePermissionsBoundary" => {
                self.powerful.first().map(String::as_str)
            }
            _ => target.boundary().map(crate::source::Source::name),
        };
        context.set("iam:PermissionsBoundary", boundary);
        self.asked(ready, action, Target::One(arn), &context, findings)
    }

    pub(super) fn on_group(&self, ready: &Ready<'_>, action: &str, name: &str, findings: &mut Findings) -> Verdict {
        match self.access.groups.get(name) {
            Some(group) => self.on(ready, action, group.arn.as_str(), findings),
            None => Verdict::NO,
        }
    }

    /// An action on a group of one's own; on all that deny, where denials are to go.
    pub(super) fn on_groups(
        &self,
        ready: &Ready<'_>,
        method: &Method,
        action: &str,
        findings: &mut Findings,
    ) -> Verdict {
        let groups: Vec<&str> = ready.subject.groups().collect();
        if method.gains == Gains::NoDenials {
            let Some(removal) = Removal::of(action) else { return Verdict::NO };
            let denying = groups.into_iter().filter(|name| {
                ready.subject.held.iter().any(|held| held.via.group() == Some(*name) && removal.takes(held))
            });
            let verdicts: Vec<Verdict> = denying.map(|name| self.on_group(ready, action, name, findings)).collect();
            return if verdicts.is_empty() {
                Verdict::NO
            } else {
                verdicts.into_iter().fold(Verdict::YES, Verdict::and)
            };
        }
        self.best(findings, groups, |name, findings| self.on_group(ready, action, name, findings))
    }

    /// The best of several; keeps only the statements of that one.
    pub(super) fn best<T>(
        &self,
        findings: &mut Findings,
        over: impl IntoIterator<Item = T>,
        ask: impl Fn(T, &mut Findings) -> Verdict,
    ) -> Verdict {
        let mut best = (Verdict::NO, Findings::default());
        for item in over {
            let mut own = Findings { statements: findings.statements.is_some().then(Vec::new), notes: Vec::new() };
            let verdict = ask(item, &mut own);
            if verdict.or(best.0) != best.0 {
                best = (verdict, own);
            }
            if best.0 == Verdict::YES {
                break;
            }
        }
        if let (Some(all), Some(found)) = (&mut findings.statements, best.1.statements) {
            all.extend(found);
        }
        findings.notes.extend(best.1.notes);
        best.0
    }

    /// Writes a version of a policy of the target.
    pub(super) fn on_policies(
        &self,
        ready: &Ready<'_>,
        method: &Method,
        action: &str,
        number: usize,
        target: &Principal,
        findings: &mut Findings,
    ) -> Verdict {
        let own = ready.subject.number == Some(number);
        let held = if own { &ready.subject.held } else { &target.identity };
        let arns = held.iter().filter(|held| held.via.is_managed()).map(|held| Arn::new(held.source.name()));
        let fitting: Vec<Arn> = arns
            .filter(|arn| match self.access.managed.get(arn) {
                Some(managed) => {
                    let full = managed.versions >= 5;
                    !managed.is_aws_managed && full == (method.when == Some(When::FiveVersions))
                }
                // Not in the snapshot: how many versions it has nobody knows.
                None => arn.account() == self.access.account.as_str(),
            })
            .collect();
        self.best(findings, &fitting, |arn, findings| self.on(ready, action, arn.as_str(), findings))
    }

    /// An action on a principal that is yet to be made, or on nothing of the account's IAM.
    pub(super) fn new_principal(&self, ready: &Ready<'_>, action: &str, findings: &mut Findings) -> Verdict {
        if !action.starts_with("iam:") {
            return self.anywhere(ready, action, findings);
        }
        if !ready.subject.covers(self, action) {
            return Verdict::NO;
        }
        let (kind, create) =
            if action.contains("Role") { ("role", "iam:CreateRole") } else { ("user", "iam:CreateUser") };
        let fresh = self.own_arn(&format!("{kind}/probity/any-{kind}"));
        // Who may not choose the boundary of what is made has not made an administrator.
        let context = ready.subject.context.clone().without("iam:PermissionsBoundary");
        let named = ready.named(self, create, &format_of(create));
        let targets = std::iter::once(Target::One(&fresh)).chain(named.iter().map(|text| Target::Matching(text)));
        self.best(findings, targets, |resource, findings| self.asked(ready, action, resource, &context, findings))
    }
}
