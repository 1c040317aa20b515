//! Organizations for the tests of the checks that judge one: a root, a unit, the management account, a member.

use std::borrow::ToOwned;
use std::format;
use std::string::String;
use std::vec::Vec;

use probity_model::builder::{ACCOUNT, Account};
use probity_model::facts::authorization::DocumentText;
use probity_model::facts::organization::{
    OrganizationAccount, OrganizationPolicy, OrganizationPolicyKind, OrganizationTree, OrganizationalUnit,
};
use probity_model::facts::{OrganizationPolicies, OrganizationStructure};
use probity_model::{AccountId, Arn, Gap, GapKind, Seen};

/// The member account that every such organization has, in the unit `ou-work`.
pub(crate) const MEMBER: &str = "222222222222";

/// A document of these statements.
pub(crate) fn statements(list: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{list}]}}"#)
}

/// A document that allows an action.
pub(crate) fn allow(action: &str) -> String {
    statements(&format!(r#"{{"Effect":"Allow","Action":"{action}","Resource":"*"}}"#))
}

/// A statement that denies an action under a condition; empty for none.
pub(crate) fn deny_statement(action: &str, condition: &str) -> String {
    format!(r#"{{"Effect":"Deny","Action":"{action}","Resource":"*","Condition":{{{condition}}}}}"#)
}

/// A document that denies an action under a condition; empty for none.
pub(crate) fn deny(action: &str, condition: &str) -> String {
    statements(&deny_statement(action, condition))
}

/// An account of an organization, under a parent.
pub(crate) fn account(id: &str, name: &str, parent: &str, state: &str) -> OrganizationAccount {
    OrganizationAccount {
        id: AccountId::try_from(id).expect("an account id"),
        arn: Arn::new(format!("arn:aws:organizations::{ACCOUNT}:account/o-exampleorg1/{id}")),
        name: name.to_owned(),
        state: state.to_owned(),
        parent: parent.to_owned(),
        joined_at: None,
    }
}

/// A unit under a parent.
pub(crate) fn unit(id: &str, parent: &str) -> OrganizationalUnit {
    OrganizationalUnit { id: id.to_owned(), name: id.trim_start_matches("ou-").to_owned(), parent: parent.to_owned() }
}

/// A policy.
pub(crate) fn policy(kind: OrganizationPolicyKind, name: &str, document: &str, targets: &[&str]) -> OrganizationPolicy {
    OrganizationPolicy {
        id: format!("p-{name}"),
        arn: Arn::new(format!(
            "arn:aws:organizations::{ACCOUNT}:policy/o-exampleorg1/{}/p-{name}",
            kind.api_name().to_ascii_lowercase()
        )),
        name: name.to_owned(),
        aws_managed: false,
        kind,
        document: DocumentText::new(document),
        targets: targets.iter().map(|&target| target.to_owned()).collect(),
    }
}

/// An organization under construction: `FullAWSAccess` is attached everywhere.
pub(crate) struct Policies {
    tree: OrganizationTree,
    policies: Vec<OrganizationPolicy>,
}

impl Policies {
    pub(crate) fn new() -> Self {
        let everywhere = ["r-root", "ou-work", ACCOUNT, MEMBER];
        let service = OrganizationPolicyKind::ServiceControl;
        let full =
            OrganizationPolicy { aws_managed: true, ..policy(service, "FullAWSAccess", &allow("*"), &everywhere) };
        let tree = OrganizationTree {
            root: "r-root".to_owned(),
            enabled_policy_types: ["SERVICE_CONTROL_POLICY".to_owned(), "RESOURCE_CONTROL_POLICY".to_owned()].into(),
            units: [unit("ou-work", "r-root")].into(),
            accounts: [account(ACCOUNT, "main", "r-root", "ACTIVE"), account(MEMBER, "work", "ou-work", "ACTIVE")]
                .into(),
        };
        Self { tree, policies: [full].into() }
    }

    /// A service control policy beside the others.
    pub(crate) fn scp(self, name: &str, document: &str, targets: &[&str]) -> Self {
        self.with(policy(OrganizationPolicyKind::ServiceControl, name, document, targets))
    }

    /// A service control policy in place of `FullAWSAccess` at a level.
    pub(crate) fn scp_instead(mut self, name: &str, document: &str, target: &str) -> Self {
        self.policies[0].targets.retain(|one| one != target);
        self.scp(name, document, &[target])
    }

    /// A resource control policy.
    pub(crate) fn rcp(self, name: &str, document: &str, targets: &[&str]) -> Self {
        self.with(policy(OrganizationPolicyKind::ResourceControl, name, document, targets))
    }

    /// Any policy.
    pub(crate) fn with(mut self, policy: OrganizationPolicy) -> Self {
        self.policies.push(policy);
        self
    }

    /// Changes the tree.
    pub(crate) fn tree(mut self, change: impl FnOnce(&mut OrganizationTree)) -> Self {
        change(&mut self.tree);
        self
    }

    /// No type of policy is enabled.
    pub(crate) fn without_type(self) -> Self {
        self.tree(|tree| tree.enabled_policy_types.clear())
    }

    /// The management account of the organization.
    pub(crate) fn account(self) -> Account {
        let Self { tree, policies } = self;
        Account::new().management_account().facts(|facts| {
            facts.organization_structure = Seen::Known(OrganizationStructure::Tree(tree));
            facts.organization_policies = Seen::Known(OrganizationPolicies::Policies(policies));
        })
    }
}

/// What AWS answers to a plain member account.
pub(crate) fn wrong_vantage_point() -> Gap {
    Gap {
        kind: GapKind::WrongVantagePoint,
        operation: Some("organizations:ListRoots".to_owned()),
        region: None,
        code: Some("AccessDeniedException".to_owned()),
        message: "You don't have permissions to access this resource.".to_owned(),
    }
}

/// A plain member account, which is told of its organization no more than that it is in one.
pub(crate) fn member_that_may_not_read() -> Account {
    Account::new().organization().facts(|facts| {
        let gap = wrong_vantage_point;
        facts.organization_structure = Seen::Missing(gap());
        facts.organization_policies = Seen::Missing(gap());
        facts.organization_effective_policies = Seen::Missing(gap());
        facts.organization_policy_errors = Seen::Missing(gap());
        facts.organization_resource_policy = Seen::Missing(gap());
        facts.organization_services = Seen::Missing(gap());
        facts.organization_access = Seen::Missing(gap());
        facts.organization_handshakes = Seen::Missing(gap());
        facts.permission_sets = Seen::Missing(gap());
        facts.account_assignments = Seen::Missing(gap());
    })
}
