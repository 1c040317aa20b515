//! No role lets in anyone of any account.
//!
//! # Why
//! A role whose trust policy names everybody can be assumed from any AWS account in the world by whoever learns its
//! ARN. ARNs are no secret: they stand in logs, repositories and error messages.
//!
//! # Pass
//! No statement of the trust policy lets in everybody, or each that does demands an account, an organization or a
//! principal that is written out: `aws:PrincipalOrgID`, `aws:PrincipalOrgPaths`, `aws:PrincipalAccount`,
//! `aws:PrincipalArn` with its account, `aws:userid` with a unique id, or the `aws:Source…` keys. A Deny of everyone
//! else counts as such a demand.
//!
//! # Fail
//! A statement allows `sts:Assume…` to `*`, or by `NotPrincipal` to all but a few, with no condition or only with
//! conditions that a stranger can meet; or it demands an organization that is neither the account's own nor one of
//! `trusted_org_ids`. Rated high instead of critical where an external ID is demanded, or the place of the request.
//!
//! # Not applicable
//! Roles that trust services and identity providers alone; service-linked roles and those of IAM Identity Center.
//!
//! # Notes
//! An operator that also holds where the key is absent (`…IfExists`, `ForAllValues:…`) demands nothing, unless a `Null`
//! condition says that the key must be there. Neither does a value with a wildcard in what it should pin.
//!
//! # Fix
//! Name the role or the account in `Principal`. Where many accounts need the role, keep `*` only together with
//! `aws:PrincipalOrgID`.
//!
//! # Command
//! ```sh
//! aws iam update-assume-role-policy --role-name ROLE_NAME --policy-document file://trust.json
//! ```

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use probity_model::facts::authorization::Role;
use probity_model::facts::{AuthorizationDetails, OrganizationMembership};
use probity_model::parameter::{ListParameter, ParameterSpec, Unit};
use probity_model::{Automation, Family, Findings, Gap, Meta, Parameters, ResourceKind, Rule, Scope, Severity};
use probity_policy::{Context, Truth};

use crate::trust::{self, Opening, Party, Trust};
use crate::trust_demands::Pin;

const TRUSTED_ORG_IDS: ListParameter = ListParameter {
    name: "trusted_org_ids",
    default: &[],
    choices: &[],
    unit: Unit::OrganizationIds,
    source: "the organization's choice; the own organization always counts",
};

/// The check.
pub struct Check;

impl Rule for Check {
    const META: Meta = Meta {
        id: "role-trust-open-principal",
        family: Family::RolesAndTrust,
        title: "No role can be assumed by anyone",
        severity: Severity::Critical,
        scope: Scope::Account,
        resource: ResourceKind::IamRole,
        automation: Automation::Automated,
        since: "0.1.0",
        parameters: &[ParameterSpec::List(TRUSTED_ORG_IDS)],
    };
    type Facts<'s> = (&'s AuthorizationDetails, Result<&'s OrganizationMembership, &'s Gap>);

    fn run((details, membership): Self::Facts<'_>, parameters: &Parameters, out: &mut Findings<'_>) {
        let trusted = Organizations { listed: parameters.list(&TRUSTED_ORG_IDS), membership };
        for role in &details.roles {
            if let Some(trust) = trust::read(role, out) {
                judge(role, &trust, &trusted, out);
            }
        }
    }
}

struct Organizations<'s> {
    listed: Vec<&'s str>,
    membership: Result<&'s OrganizationMembership, &'s Gap>,
}

/// What keeps strangers out of a statement that names everybody.
enum Door<'s> {
    /// A demand.
    Closed(String),
    /// Nothing that is enough.
    Open(String, Severity),
    /// Nobody can say: whether the organization it demands is the account's own was not read.
    Unknown(&'s Gap),
}

fn judge(role: &Role, trust: &Trust<'_>, organizations: &Organizations<'_>, out: &mut Findings<'_>) {
    let subject = trust::subject(role, out);
    let openings = trust.openings();
    let open = openings.iter().filter(|opening| opening.names_everybody());
    let doors: Vec<_> = open.map(|opening| (opening.name(), organizations.door(opening))).collect();

    let worst = doors.iter().filter_map(|(name, door)| match door {
        Door::Open(reason, severity) => Some((*severity, name, reason)),
        Door::Closed(_) | Door::Unknown(_) => None,
    });
    if let Some((severity, name, reason)) = worst.reduce(|worst, next| if next.0 > worst.0 { next } else { worst }) {
        return subject.severity(severity).fail(format!("{name} lets in any account: {reason}"));
    }
    for (name, door) in &doors {
        if let Door::Unknown(gap) = door {
            let message =
                format!("whether {name} demands the account's own organization is not known: {}", gap.message);
            return subject.not_evaluated(&Gap { message, ..(*gap).clone() });
        }
    }
    if let Some(reason) = trust.unclear_name() {
        return subject.unclear(reason);
    }
    let mut closed = doors.iter().filter_map(|(name, door)| match door {
        Door::Closed(reason) => Some(format!("{name} names everybody and demands {reason}")),
        Door::Open(..) | Door::Unknown(_) => None,
    });
    let mut parties = openings.iter().flat_map(Opening::parties);
    match closed.next() {
        Some(message) => subject.pass(message),
        None if parties.any(|party| !matches!(party, Party::Service(_) | Party::Provider(_))) => {
            subject.pass("the trust policy names whom it lets in")
        }
        None => subject.not_applicable("the trust policy lets in no users, roles or accounts"),
    }
}

impl<'s> Organizations<'s> {
    fn door(&self, opening: &Opening<'_>) -> Door<'s> {
        let demands = opening.demands();
        let pins: Vec<_> = demands.iter().filter_map(|demand| Some((demand, demand.pin()?))).collect();
        let enough = pins.iter().find(|(_, pin)| !matches!(pin, Pin::Organizations(ids) if !self.trusts(ids)));
        if let Some((demand, _)) = enough {
            return Door::Closed(demand.to_string());
        }
        if let Some((demand, _)) = pins.first() {
            return match self.membership {
                Err(gap) => Door::Unknown(gap),
                Ok(_) => Door::Open(format!("the organization in {demand} is not trusted"), Severity::Critical),
            };
        }
        let (reason, severity) = if demands.on("sts:ExternalId").any(|demand| demand.literals().is_some()) {
            ("an external ID is the only demand, and that is a shared secret", Severity::High)
        } else if keeps_out_elsewhere(opening) {
            ("only the place of the request is demanded", Severity::High)
        } else {
            ("no condition demands who the caller is", Severity::Critical)
        };
        Door::Open(reason.into(), severity)
    }

    fn trusts(&self, ids: &BTreeSet<String>) -> bool {
        let own = self.membership.ok().and_then(OrganizationMembership::organization);
        ids.iter().all(|id| self.listed.contains(&id.as_str()) || own.is_some_and(|own| own.id == *id))
    }
}

/// Whether a request from somewhere on the internet is kept out.
fn keeps_out_elsewhere(opening: &Opening<'_>) -> bool {
    let elsewhere = ["aws:SourceVpc", "aws:SourceVpce", "aws:VpcSourceIp"]
        .iter()
        .fold(Context::partial(), |context, key| context.without(key));
    opening.lets_in(&Party::Anyone, &elsewhere.with("aws:SourceIp", "198.51.100.7")) == Truth::No
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::string::String;

    use probity_model::Outcome::{Fail, NotApplicable, NotEvaluated, Pass};
    use probity_model::builder::Account;
    use probity_model::{Finding, Outcome, Severity, Topic};

    use crate::testing::{allowing, findings, outcomes, outcomes_with, trusting};

    const ID: &str = "role-trust-open-principal";

    /// A role that trusts everybody under a condition.
    fn everybody(condition: &str) -> Account {
        trusting(&allowing(r#"{"AWS":"*"}"#, condition))
    }

    fn finding(account: Account) -> Finding {
        let [finding] = findings(ID, account).try_into().expect("one finding");
        finding
    }

    fn judged(condition: &str) -> Outcome {
        finding(everybody(condition).organization()).outcome
    }

    #[test]
    fn pass() {
        assert_eq!(outcomes(ID, trusting(&allowing(r#"{"AWS":"123456789012"}"#, ""))), [Pass]);
        let found = finding(everybody(r#""StringEquals":{"aws:PrincipalOrgID":"o-exampleorg1"}"#).organization());
        assert_eq!(found.outcome, Pass);
        assert_eq!(found.message, "statement 1 names everybody and demands aws:principalorgid of o-exampleorg1");
    }

    #[test]
    fn fail() {
        let found = finding(everybody(""));
        assert_eq!((found.outcome, found.severity), (Fail, Severity::Critical));
        assert_eq!(found.message, "statement 1 lets in any account: no condition demands who the caller is");
        assert_eq!(outcomes(ID, trusting(&allowing(r#""*""#, ""))), [Fail]);
    }

    #[test]
    fn a_second_statement_is_looked_at_too() {
        let closed = allowing(r#"{"Service":"ec2.amazonaws.com"}"#, "");
        assert_eq!(
            outcomes(ID, trusting(&format!("{closed},{}", allowing(r#"{"AWS":["123456789012","*"]}"#, "")))),
            [Fail]
        );
    }

    #[test]
    fn not_applicable() {
        assert_eq!(outcomes(ID, trusting(&allowing(r#"{"Service":"ec2.amazonaws.com"}"#, ""))), [NotApplicable]);
        assert_eq!(outcomes(ID, Account::new()), [NotApplicable]);
    }

    #[test]
    fn not_evaluated() {
        assert_eq!(outcomes(ID, everybody("").deny(Topic::AuthorizationDetails)), [NotEvaluated]);
        let broken = Account::new().role("deploy", |role| role.trust("not a policy"));
        assert_eq!(outcomes(ID, broken), [NotEvaluated]);
        assert_eq!(outcomes(ID, trusting(&allowing(r#"{"AWS":"arn:aws:iam::*:root"}"#, ""))), [NotEvaluated]);
    }

    #[test]
    fn an_organization_counts_where_it_is_the_own_or_trusted() {
        let condition = r#""StringEquals":{"aws:PrincipalOrgID":"o-partner"}"#;
        assert_eq!(judged(condition), Fail);
        assert_eq!(outcomes_with(ID, &[("trusted_org_ids", "o-partner")], everybody(condition)), [Pass]);
        assert_eq!(
            outcomes(ID, everybody(condition)),
            [Fail],
            "an account without an organization has none of its own"
        );
        let unread = everybody(condition).organization().deny(Topic::OrganizationMembership);
        assert_eq!(outcomes(ID, unread.clone()), [NotEvaluated]);
        assert_eq!(outcomes_with(ID, &[("trusted_org_ids", "o-partner")], unread), [Pass]);
    }

    #[test]
    fn trap_only_keys_of_the_caller_pin_it() {
        for condition in [
            r#""ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-exampleorg1/r-ab12/ou-ab12-11111111/*"}"#,
            r#""StringEquals":{"aws:PrincipalAccount":["111122223333","444455556666"]}"#,
            r#""ArnLike":{"AWS:principalarn":"arn:aws:iam::111122223333:role/*"}"#,
            r#""StringLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/ci-*"}"#,
            r#""StringEquals":{"aws:SourceAccount":"111122223333"}"#,
            r#""StringLike":{"aws:userid":"AROAEXAMPLEEXAMPLE001:*"}"#,
        ] {
            assert_eq!(judged(condition), Pass, "{condition}");
        }
        for condition in [
            r#""StringEquals":{"aws:PrincipalTag/team":"red"}"#,
            r#""StringEquals":{"sts:RoleSessionName":"deploy"}"#,
            r#""Bool":{"aws:MultiFactorAuthPresent":"true"}"#,
            r#""StringNotEquals":{"aws:PrincipalAccount":"111122223333"}"#,
            r#""StringEquals":{"aws:PrincipalAccount":"${aws:PrincipalAccount}"}"#,
        ] {
            assert_eq!(judged(condition), Fail, "{condition}");
        }
    }

    #[test]
    fn trap_an_external_id_alone_is_a_shared_secret() {
        let severity = |condition: &str| {
            let found = finding(everybody(condition));
            assert_eq!(found.outcome, Fail);
            found.severity
        };
        assert_eq!(severity(r#""StringEquals":{"sts:ExternalId":"a-long-unique-value"}"#), Severity::High);
        assert_eq!(severity(r#""StringLike":{"sts:ExternalId":"*"}"#), Severity::Critical);
        assert_eq!(severity(r#""IpAddress":{"aws:SourceIp":"192.0.2.0/24"}"#), Severity::High);
        assert_eq!(severity(r#""IpAddress":{"aws:SourceIp":"0.0.0.0/0"}"#), Severity::Critical);
    }

    #[test]
    fn trap_operators_that_let_absent_keys_pass_and_wildcards_pin_nothing() {
        for condition in [
            r#""StringEqualsIfExists":{"aws:PrincipalOrgID":"o-exampleorg1"}"#,
            r#""ForAllValues:StringLike":{"aws:PrincipalOrgPaths":"o-exampleorg1/*"}"#,
            r#""StringLike":{"aws:PrincipalOrgID":"o-*"}"#,
            r#""StringLike":{"aws:PrincipalOrgID":["o-exampleorg1","*"]}"#,
            r#""StringLike":{"aws:PrincipalAccount":"1111*"}"#,
            r#""ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/deploy"}"#,
            r#""StringLike":{"aws:PrincipalArn":"arn:*:iam::111122223333:role/deploy"}"#,
            r#""StringEquals":{"aws:PrincipalOrgID":[]}"#,
        ] {
            assert_eq!(judged(condition), Fail, "{condition}");
        }
        let there =
            r#""StringEqualsIfExists":{"aws:PrincipalOrgID":"o-exampleorg1"},"Null":{"aws:PrincipalOrgID":"false"}"#;
        assert_eq!(judged(there), Pass);
    }

    #[test]
    fn trap_not_principal_means_everybody_else() {
        let statement = allowing(r#"{"AWS":"123456789012"}"#, "").replace("Principal", "NotPrincipal");
        assert_eq!(outcomes(ID, trusting(&statement)), [Fail]);
    }

    #[test]
    fn trap_federated_principals_are_judged_elsewhere() {
        let provider = r#"{"Federated":"arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"}"#;
        let statement = allowing(provider, "").replace("AssumeRole", "AssumeRoleWithWebIdentity");
        assert_eq!(outcomes(ID, trusting(&statement)), [NotApplicable]);
    }

    #[test]
    fn trap_roles_that_aws_keeps_are_left_alone() {
        for path in ["/aws-service-role/ecs.amazonaws.com/", "/aws-reserved/sso.amazonaws.com/"] {
            let account = everybody("").edit(|snapshot| crate::testing::role_mut(snapshot).path = path.into());
            assert_eq!(outcomes(ID, account), [NotApplicable], "{path}");
        }
    }

    #[test]
    fn a_deny_of_everyone_else_closes_the_door() {
        let with =
            |deny: &str| -> String { format!("{},{}", allowing(r#"{"AWS":"*"}"#, ""), deny.replace("Allow", "Deny")) };
        let judged =
            |condition: &str| finding(trusting(&with(&allowing(r#"{"AWS":"*"}"#, condition))).organization()).outcome;
        assert_eq!(judged(r#""StringNotEquals":{"aws:PrincipalOrgID":"o-exampleorg1"}"#), Pass);
        let but_services = r#""StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-exampleorg1"},"BoolIfExists":{"aws:PrincipalIsAWSService":"false"}"#;
        assert_eq!(judged(but_services), Pass);
        assert_eq!(judged(r#""StringEquals":{"aws:PrincipalOrgID":"o-other"}"#), Fail);
        assert_eq!(
            judged(
                r#""StringNotEquals":{"aws:PrincipalOrgID":"o-exampleorg1"},"Bool":{"aws:SecureTransport":"false"}"#
            ),
            Fail
        );
        assert_eq!(judged(""), NotApplicable, "nobody gets in");
    }
}
