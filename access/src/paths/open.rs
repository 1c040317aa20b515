//! Whether a way is open from one place to another.

use probity_model::Arn;
use probity_policy::{Context, Policy, Target, Truth};

use super::ground::{Ground, INSTANCE_PROFILE};
use super::methods::{End, Gains, Method, When};
use super::subject::{Extra, Node, Ready, Removal};
use super::verdict::Verdict;
use crate::decide::StatementUsed;
use crate::principal::Principal;

/// What a way was found open by.
#[derive(Default)]
pub(crate) struct Findings {
    /// The statements; only where they are wanted.
    pub(crate) statements: Option<Vec<StatementUsed>>,
    /// What remains to be found out beside the conditions of statements.
    pub(crate) notes: Vec<String>,
}

/// Kinds of resources that actions of another service's name act on.
fn format_of(action: &str) -> String {
    match action {
        "ssm:StartSession" | "ssm:SendCommand" => "arn:*:ec2:*:*:instance/*".to_owned(),
        "ec2-instance-connect:SendSSHPublicKey" => "arn:*:ec2:*:*:instance/*".to_owned(),
        "iam:CreateInstanceProfile" | "iam:AddRoleToInstanceProfile" => "arn:*:iam::*:instance-profile/*".to_owned(),
        "iam:CreateRole" => "arn:*:iam::*:role/*".to_owned(),
        "iam:CreateUser" => "arn:*:iam::*:user/*".to_owned(),
        "s3:GetObject" => "arn:*:s3:::*".to_owned(),
        _ => format!("arn:*:{}:*:*:*", action.split(':').next().unwrap_or_default()),
    }
}

impl<'a> Ground<'a> {
    fn principal(&self, number: usize) -> Option<&'a Principal> {
        self.access.principals.get(number)
    }

    fn own_arn(&self, resource: &str) -> String {
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
            "iam:CreateInstanceProfile" | "iam:AddRoleToInstanceProfile" => {
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

    /// Whether a way is open from a subject to a place. Works out the same whether statements are kept or not.
    pub(crate) fn opens(&self, ready: &Ready<'_>, method: &Method, to: &Node, findings: &mut Findings) -> Verdict {
        let mut verdict = self.holds(ready, method, to, findings);
        if let (Node::Principal(number, _), false) = (to, method.services.is_empty()) {
            let trust = self.trusts(*number, &method.services);
            if trust.truth == Truth::Unknown {
                findings.notes.push("whom the trust policy of the role lets in".to_owned());
            }
            verdict = verdict.and(trust);
        }
        for need in &method.needs {
            if !verdict.is_possible() {
                return Verdict::NO;
            }
            verdict = verdict.and(self.need(ready, method, need, to, findings));
        }
        if let (true, Some(unread)) = (verdict.is_possible(), &method.unread) {
            findings.notes.push(unread.clone());
            verdict = verdict.and(Verdict::UNREAD);
        }
        verdict
    }

    /// What must be so of the target.
    fn holds(&self, ready: &Ready<'_>, method: &Method, to: &Node, findings: &mut Findings) -> Verdict {
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
            Some(When::InstanceProfile) => INSTANCE_PROFILE.iter().fold(Verdict::YES, |verdict, action| {
                if verdict.is_possible() { verdict.and(self.anywhere(ready, action, findings)) } else { verdict }
            }),
        }
    }

    fn need(&self, ready: &Ready<'_>, method: &Method, action: &str, to: &Node, findings: &mut Findings) -> Verdict {
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

    /// An action on one resource, with nothing further known.
    fn on(&self, ready: &Ready<'_>, action: &str, arn: &str, findings: &mut Findings) -> Verdict {
        if !ready.touches(self, action, arn) {
            return Verdict::NO;
        }
        self.asked(ready, action, Target::One(arn), &ready.subject.context, findings)
    }

    /// Asks; where a managed policy is attached, for each policy that is worth it.
    fn asked(
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
    fn on_principal(
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
        let mut context = self.with_tags(ready.subject.context.clone(), number);
        let boundary = match action {
            "iam:PutUserPermissionsBoundary" | "iam:PutRolePermissionsBoundary" => {
                self.powerful.first().map(String::as_str)
            }
            _ => target.boundary().map(crate::source::Source::name),
        };
        context.set("iam:PermissionsBoundary", boundary);
        self.asked(ready, action, Target::One(arn), &context, findings)
    }

    fn on_group(&self, ready: &Ready<'_>, action: &str, name: &str, findings: &mut Findings) -> Verdict {
        match self.access.groups.get(name) {
            Some(group) => self.on(ready, action, group.arn.as_str(), findings),
            None => Verdict::NO,
        }
    }

    /// An action on a group of one's own; on all that deny, where denials are to go.
    fn on_groups(&self, ready: &Ready<'_>, method: &Method, action: &str, findings: &mut Findings) -> Verdict {
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
    fn best<T>(
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
    fn on_policies(
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

    fn assume(&self, ready: &Ready<'_>, number: usize, target: &Principal, findings: &mut Findings) -> Verdict {
        let Some(trust) = target.trust() else { return Verdict::NO };
        let context = self.with_tags(ready.subject.context.clone(), number);
        let arn = Target::One(target.arn().as_str());
        ready.ask("sts:AssumeRole", arn, &context, Some(trust.policy()), &mut findings.statements)
    }

    /// Assumes a role whose trust policy one has just written to name oneself.
    fn enter(&self, ready: &Ready<'_>, target: &Principal, findings: &mut Findings) -> Verdict {
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

    fn pass(
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
            let context = self.with_tags(ready.subject.context.clone(), number);
            let context = context.with("iam:PassedToService", service.clone());
            let verdict = ready.ask("iam:PassRole", Target::One(arn), &context, None, &mut findings.statements);
            ready.passed.borrow_mut().insert((number, service.clone()), verdict);
            verdict
        })
    }

    /// An action on a principal that is yet to be made, or on nothing of the account's IAM.
    fn new_principal(&self, ready: &Ready<'_>, action: &str, findings: &mut Findings) -> Verdict {
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
