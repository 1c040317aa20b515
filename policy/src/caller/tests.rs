//! Which principals mean whom.

use super::*;
use crate::context::Known;

const ACCOUNT: &str = "arn:aws:iam::111122223333:root";
const USER: &str = "arn:aws:iam::111122223333:user/team/anna";
const ROLE: &str = "arn:aws:iam::111122223333:role/team/deploy";
const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/deploy/ci";

fn caller(name: &str) -> Caller {
    Caller::parse(name).expect("a caller")
}

fn aws(names: &[&str]) -> Vec<Principal> {
    names.iter().map(|name| Principal::Aws((*name).to_owned())).collect()
}

fn reach(name: &str, principal: &str) -> Reach {
    caller(name).reached_by(&Principals::Only(aws(&[principal])))
}

#[test]
fn an_account_is_its_number_or_its_root() {
    for account in ["111122223333", ACCOUNT] {
        for name in [USER, ROLE, SESSION, ACCOUNT] {
            assert_eq!(reach(name, account), Reach::ACCOUNT, "{name}");
        }
        assert_eq!(reach("arn:aws:iam::444455556666:user/anna", account), Reach::NONE);
    }
}

#[test]
fn a_role_means_all_its_sessions() {
    assert_eq!(reach(ROLE, ROLE), Reach::ROLE);
    assert_eq!(reach(SESSION, ROLE), Reach::ROLE, "a session's ARN does not have the path");
    let session = Caller::session(ROLE, "ci").expect("a session");
    assert_eq!(session.reached_by(&Principals::Only(aws(&[ROLE]))), Reach::ROLE);
    assert_eq!(session.reached_by(&Principals::Only(aws(&[SESSION]))), Reach::DIRECT);
    assert_eq!(reach(SESSION, "arn:aws:iam::111122223333:role/deploy2"), Reach::NONE);
    assert_eq!(reach(SESSION, "arn:aws:iam::444455556666:role/deploy"), Reach::NONE);
}

#[test]
fn a_session_means_perhaps_the_role_that_one_asks_about() {
    assert_eq!(reach(ROLE, SESSION).any(), Truth::Unknown);
    assert_eq!(reach(USER, SESSION).any(), Truth::No);
}

#[test]
fn names_have_no_wildcards_and_regard_case() {
    assert_eq!(reach(USER, "arn:aws:iam::111122223333:user/*"), Reach::NONE);
    assert_eq!(reach(USER, "arn:aws:iam::111122223333:user/team/Anna"), Reach::NONE);
    assert_eq!(reach(USER, "AIDAEXAMPLE"), Reach::NONE, "what a deleted user leaves behind");
    assert_eq!(reach(USER, USER), Reach::DIRECT);
}

#[test]
fn everyone_includes_services_and_the_anonymous() {
    for everyone in [Principal::Everyone, Principal::Aws("*".into())] {
        let named = Principals::Only(vec![everyone]);
        assert_eq!(Caller::anonymous().reached_by(&named), Reach::DIRECT);
        assert_eq!(caller("ec2.amazonaws.com").reached_by(&named), Reach::DIRECT);
        assert_eq!(caller(USER).reached_by(&named), Reach::DIRECT);
    }
}

#[test]
fn services_and_providers_are_compared_as_full_names() {
    let service = Principals::Only(vec![Principal::Service("ec2.amazonaws.com".into())]);
    assert_eq!(caller("ec2.amazonaws.com").reached_by(&service), Reach::DIRECT);
    assert_eq!(caller("lambda.amazonaws.com").reached_by(&service), Reach::NONE);
    assert_eq!(caller(USER).reached_by(&service), Reach::NONE);
    let provider = "arn:aws:iam::111122223333:saml-provider/corp";
    let federated = Principals::Only(vec![Principal::Federated(provider.into())]);
    assert_eq!(caller(provider).reached_by(&federated), Reach::DIRECT);
    assert_eq!(caller(provider).reached_by(&Principals::Only(aws(&[ACCOUNT]))), Reach::NONE);
}

#[test]
fn a_canonical_id_may_be_any_account() {
    let named = Principals::Only(vec![Principal::CanonicalUser("79a5".into())]);
    assert_eq!(caller(USER).reached_by(&named).any(), Truth::Unknown);
    assert_eq!(Caller::anonymous().reached_by(&named).any(), Truth::No);
}

#[test]
fn deny_with_not_principal_spares_whom_it_lists_completely() {
    let denied = |name: &str, listed: &[&str]| caller(name).denied_by(&Principals::AllBut(aws(listed)), false);
    assert_eq!(denied(USER, &[USER, ACCOUNT]), Truth::No);
    assert_eq!(denied(USER, &[USER]), Truth::Yes, "the account is missing");
    assert_eq!(denied(SESSION, &[SESSION, ROLE, ACCOUNT]), Truth::No);
    assert_eq!(denied(SESSION, &[ROLE, ACCOUNT]), Truth::Yes, "the session is missing");
    assert_eq!(denied(ROLE, &[SESSION, ROLE, ACCOUNT]), Truth::Unknown, "only that session is spared");
    assert_eq!(denied(USER, &["*"]), Truth::No);
    assert_eq!(denied(ACCOUNT, &[ACCOUNT]), Truth::No);
}

#[test]
fn deny_with_not_principal_spares_nobody_with_a_boundary() {
    let listed = Principals::AllBut(aws(&[USER, ACCOUNT]));
    assert_eq!(caller(USER).denied_by(&listed, true), Truth::Yes);
}

#[test]
fn allow_with_not_principal_reaches_whom_it_does_not_name() {
    let reached = |name: &str, listed: &[&str]| caller(name).reached_by(&Principals::AllBut(aws(listed))).any();
    assert_eq!(reached(USER, &["arn:aws:iam::111122223333:user/bob"]), Truth::Yes);
    assert_eq!(reached(USER, &[USER, ACCOUNT]), Truth::No);
    assert_eq!(reached(USER, &[USER]), Truth::Unknown);
}

#[test]
fn what_a_caller_is_says_what_the_request_holds() {
    assert_eq!(caller(USER).context.get("aws:username"), Known::Values(&["anna".to_owned()]));
    assert_eq!(caller(ROLE).context.get("aws:PrincipalArn"), Known::Values(&[ROLE.to_owned()]));
    assert_eq!(caller(ROLE).context.get("aws:username"), Known::Absent);
    assert_eq!(caller(SESSION).context.get("aws:PrincipalArn"), Known::Unknown, "the path is not known");
    let session = Caller::session(ROLE, "ci").expect("a session");
    assert_eq!(session.context.get("aws:PrincipalArn"), Known::Values(&[ROLE.to_owned()]), "the role, not the session");
    assert_eq!(
        caller("ec2.amazonaws.com").context.get("aws:PrincipalIsAWSService"),
        Known::Values(&["true".to_owned()])
    );
}

#[test]
fn what_is_no_principal_is_told() {
    for name in ["", "*", "anna", "arn:aws:s3:::bucket", "arn:aws:iam::111122223333:group/x", "arn:aws:iam", "1234"] {
        assert_eq!(Caller::parse(name), None, "{name}");
    }
}
