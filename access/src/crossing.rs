//! Who may enter a role of another account: the caller's policies of this account, the trust policy of that role, and the
//! resource control policies of the account it is in. Across accounts, both sides must allow.

use std::sync::Arc;

use probity_model::facts::organization::{OrganizationPolicy, OrganizationTree};
use probity_model::{AccountId, Arn};
use probity_policy::{Context, Policies, Principal as Named, Principals, Request, Target, Truth};

use crate::administrators::truth;
use crate::decide::{Decision, refer};
use crate::index::Access;
use crate::organization::Levels;
use crate::principal::{Principal, PrincipalKind};
use crate::source::Source;

/// A role of another account, as whoever wants to enter it meets it.
#[derive(Clone, Debug)]
pub struct ForeignRole {
    arn: Arn,
    trust: Arc<Source>,
    resource_control: Vec<Vec<Arc<Source>>>,
}

impl ForeignRole {
    /// A role with its trust policy. `above` is the organization around its account, where there is one that was read.
    #[must_use]
    pub fn new(arn: Arn, trust: &str, above: Option<(&OrganizationTree, &[OrganizationPolicy])>) -> Self {
        let account = AccountId::try_from(arn.account()).ok();
        let levels = above.zip(account).map(|((tree, policies), account)| Levels::resource(tree, policies, &account));
        let name = format!("{arn} (trust policy)");
        Self { trust: Source::parse(name, trust), resource_control: levels.unwrap_or_default(), arn }
    }

    /// The ARN.
    #[must_use]
    pub fn arn(&self) -> &Arn {
        &self.arn
    }

    /// Whether the trust policy can let in a principal of this account at all: it names the account, one of its principals,
    /// or everybody. Saves asking for every principal.
    #[must_use]
    pub fn may_let_in(&self, account: &AccountId) -> bool {
        let Some(document) = self.trust.document() else { return true };
        let of_account = |text: &str| {
            text == account.as_str() || Arn::new(text).account() == account.as_str() || text.contains(['*', '?'])
        };
        document.statements.iter().any(|statement| match &statement.principals {
            Some(Principals::Only(named)) => named.iter().any(|one| match one {
                Named::Everyone => true,
                Named::Aws(name) => of_account(name),
                _ => false,
            }),
            Some(Principals::AllBut(_)) => true,
            None => false,
        })
    }
}

impl Access {
    /// Everyone of this account whose own policies may let them enter some role, in the order of [`Access::principals`]:
    /// nobody else needs to be asked about a foreign one.
    #[must_use]
    pub fn who_enters_roles(&self) -> Vec<&Principal> {
        let able = self.principals.iter().filter(|one| one.kind != PrincipalKind::ServiceLinkedRole);
        let may = |principal: &&Principal| {
            let policies = Policies { resource_control: Vec::new(), ..self.policies(principal, None) };
            let answer = policies.evaluate(&Request {
                caller: &principal.caller,
                action: "sts:AssumeRole",
                // Anything at all: what matches is more than roles, and whether a role lets them in is not asked here.
                resource: Target::Matching("*"),
                resource_account: None,
                context: &principal.context(&Context::partial()),
            });
            truth(answer.decision) != Truth::No
        };
        able.filter(may).collect()
    }

    /// Whether a principal of this account may enter a role of another account.
    #[must_use]
    pub fn enters(&self, principal: &Principal, role: &ForeignRole) -> Decision {
        let policies = Policies {
            resource_control: refer(&role.resource_control),
            ..self.policies(principal, Some(role.trust.policy()))
        };
        let answer = policies.evaluate(&Request {
            caller: &principal.caller,
            action: "sts:AssumeRole",
            resource: Target::One(role.arn.as_str()),
            resource_account: Some(role.arn.account()),
            context: &principal.context(&Context::partial()),
        });
        Decision::of(answer, false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::Outcome;
    use probity_model::builder::Account;

    const ASSUMES: &str = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole",
        "Resource": "arn:aws:iam::444455556666:role/*"}}"#;

    fn trusting(principal: &str, condition: &str) -> ForeignRole {
        let trust = format!(
            r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Principal": {{"AWS": "{principal}"}},
                "Action": "sts:AssumeRole"{condition}}}}}"#
        );
        ForeignRole::new(Arn::new("arn:aws:iam::444455556666:role/deployer"), &trust, None)
    }

    fn who(role: &ForeignRole) -> Vec<(String, Outcome)> {
        let account = Account::new().user("anna", |user| user.inline("assumes", ASSUMES)).user("bert", |user| user);
        let access = Access::of(&account.build()).expect("an index");
        let decided =
            access.who_enters_roles().into_iter().map(|one| (one.name().to_owned(), access.enters(one, role)));
        decided.filter(|(_, decision)| !decision.is_denied()).map(|(name, decision)| (name, decision.outcome)).collect()
    }

    /// Across accounts the trust policy alone is not enough, nor are the caller's policies.
    #[test]
    fn both_sides_must_allow() {
        let anna = [("anna".to_owned(), Outcome::Allowed)];
        assert_eq!(who(&trusting("arn:aws:iam::123456789012:root", "")), anna);
        assert_eq!(who(&trusting("arn:aws:iam::123456789012:user/anna", "")), anna);
        assert_eq!(who(&trusting("arn:aws:iam::123456789012:user/bert", "")), []);
        assert_eq!(who(&trusting("arn:aws:iam::999900001111:root", "")), []);
    }

    /// The trust policy of a role elsewhere does not give anybody the right to enter it.
    #[test]
    fn whose_policies_let_them_enter_nothing_is_not_asked() {
        let account = Account::new().user("anna", |user| user.inline("assumes", ASSUMES)).user("bert", |user| user);
        let access = Access::of(&account.build()).expect("an index");
        assert_eq!(access.who_enters_roles().iter().map(|one| one.name()).collect::<Vec<_>>(), ["anna"]);
    }

    #[test]
    fn what_the_trust_policy_demands_stays_open() {
        let condition = r#", "Condition": {"StringEquals": {"sts:ExternalId": "secret"}}"#;
        let found = who(&trusting("arn:aws:iam::123456789012:root", condition));
        assert_eq!(found, [("anna".to_owned(), Outcome::AllowedIf)]);
    }

    #[test]
    fn who_cannot_be_meant_is_seen_from_the_names() {
        let here = AccountId::try_from("123456789012").expect("an id");
        assert!(trusting("arn:aws:iam::123456789012:user/x", "").may_let_in(&here));
        assert!(trusting("123456789012", "").may_let_in(&here));
        assert!(trusting("*", "").may_let_in(&here));
        assert!(!trusting("arn:aws:iam::999900001111:root", "").may_let_in(&here));
    }
}
