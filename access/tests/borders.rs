//! Ways over the border of an account: from another account that was read, and from outside; and ways to a resource.

#![allow(clippy::expect_used, clippy::indexing_slicing, reason = "helpers of tests")]

use probity_access::{Access, Certainty, Escalations, Goal, Outcome, Outsider, Path, Standing, Start};
use probity_model::Snapshot;
use probity_model::builder::{ACCOUNT, Account};
use probity_policy::{Context, Target};

/// The other account: the same builder, under another number.
const OTHER: &str = "210987654321";

fn here(account: Account) -> Access {
    Access::of(&account.build()).expect("the authorization details")
}

/// The account under the other number; `there` in its texts stands for the first one's.
fn there(account: Account) -> Access {
    let text = serde_json::to_string(&account.build()).expect("JSON");
    let text = text.replace(ACCOUNT, OTHER).replace("FIRST-ACCOUNT", ACCOUNT);
    let snapshot: Snapshot = serde_json::from_str(&text).expect("a snapshot");
    Access::of(&snapshot).expect("the authorization details")
}

fn allow(action: &str, resource: &str) -> String {
    format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Action": "{action}", "Resource": "{resource}"}}}}"#
    )
}

fn trust(principal: &str, action: &str, condition: &str) -> String {
    format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Principal": {principal}, "Action": "{action}"{condition}}}}}"#
    )
}

/// Who sets out, how sure it is, and the steps.
fn told(paths: &[Path<'_>]) -> Vec<(String, Certainty, Vec<String>)> {
    let name = |standing: &Standing<'_>| match standing {
        Standing::Outsider(outsider) => outsider.to_string(),
        other => other.principal().map(|principal| principal.name().to_owned()).unwrap_or_default(),
    };
    let told = paths.iter().map(|path| {
        let steps = path.steps.iter().map(|step| format!("{} {}", step.method.id, name(&step.to)));
        (name(&path.from), path.certainty, steps.collect())
    });
    told.collect()
}

/// The ways of everyone to an administrator of the first account.
fn into_first(accounts: &[Access]) -> Vec<(String, Certainty, Vec<String>)> {
    let escalations = Escalations::among(accounts);
    told(&escalations.paths_among(accounts, Start::Everyone, Goal::AdministratorOf(accounts[0].account())))
}

fn with_admin(trust: &str) -> Access {
    here(Account::new().role("admin", |role| role.trust(trust).inline("all", &allow("*", "*"))))
}

fn one(from: &str, certainty: Certainty, steps: &[&str]) -> (String, Certainty, Vec<String>) {
    (from.to_owned(), certainty, steps.iter().map(|step| (*step).to_owned()).collect())
}

const ADMIN: &str = "arn:aws:iam::FIRST-ACCOUNT:role/admin";

#[test]
fn both_accounts_must_allow_it() {
    let trusting = || with_admin(&trust(&format!(r#"{{"AWS": "arn:aws:iam::{OTHER}:root"}}"#), "sts:AssumeRole", ""));
    let may = there(Account::new().user("dev", |user| user.inline("a", &allow("sts:AssumeRole", ADMIN))));
    assert_eq!(into_first(&[trusting(), may.clone()]), [one("dev", Certainty::Certain, &["assume-role admin"])]);
    let may_not = there(Account::new().user("dev", |user| user.inline("a", &allow("s3:*", "*"))));
    assert_eq!(into_first(&[trusting(), may_not]), []);
    let distrusting = with_admin(&trust(r#"{"AWS": "arn:aws:iam::333344445555:root"}"#, "sts:AssumeRole", ""));
    assert_eq!(into_first(&[distrusting, may]), []);
}

#[test]
fn naming_the_caller_is_not_enough_across_accounts() {
    let trusting =
        || with_admin(&trust(&format!(r#"{{"AWS": "arn:aws:iam::{OTHER}:user/dev"}}"#), "sts:AssumeRole", ""));
    let may_not = there(Account::new().user("dev", |user| user.inline("a", &allow("s3:*", "*"))));
    assert_eq!(into_first(&[trusting(), may_not]), []);
    let may = there(Account::new().user("dev", |user| user.inline("a", &allow("sts:*", "*"))));
    assert_eq!(into_first(&[trusting(), may]), [one("dev", Certainty::Certain, &["assume-role admin"])]);
}

#[test]
fn a_condition_of_the_other_account_makes_the_way_conditional() {
    let external = r#", "Condition": {"StringEquals": {"sts:ExternalId": "x"}}"#;
    let trusting = with_admin(&trust(&format!(r#"{{"AWS": "{OTHER}"}}"#), "sts:AssumeRole", external));
    let may = there(Account::new().user("dev", |user| user.inline("a", &allow("sts:AssumeRole", "*"))));
    assert_eq!(into_first(&[trusting, may]), [one("dev", Certainty::Conditional, &["assume-role admin"])]);
}

#[test]
fn an_administrator_acts_as_whom_the_other_account_trusts() {
    let trusting =
        with_admin(&trust(&format!(r#"{{"AWS": "arn:aws:iam::{OTHER}:role/deploy"}}"#), "sts:AssumeRole", ""));
    let other = there(
        Account::new()
            .role("deploy", |role| {
                let lambda = trust(r#"{"Service": "lambda.amazonaws.com"}"#, "sts:AssumeRole", "");
                role.trust(&lambda).inline("a", &allow("sts:AssumeRole", ADMIN))
            })
            .user("boss", |user| user.inline("all", &allow("*", "*"))),
    );
    let steps = ["act-as-anyone deploy", "assume-role admin"];
    let found = into_first(&[trusting, other]);
    assert!(found.contains(&one("boss", Certainty::Certain, &steps)), "{found:?}");
    assert!(found.contains(&one("deploy", Certainty::Certain, &["assume-role admin"])), "{found:?}");
}

#[test]
fn a_way_may_lead_through_both_accounts() {
    let dev = format!(r#"{{"AWS": "arn:aws:iam::{OTHER}:role/hop"}}"#);
    let trusting = with_admin(&trust(&dev, "sts:AssumeRole", ""));
    let other = there(
        Account::new()
            .role("hop", |role| {
                let own = trust(&format!(r#"{{"AWS": "arn:aws:iam::{ACCOUNT}:user/dev"}}"#), "sts:AssumeRole", "");
                role.trust(&own).inline("a", &allow("sts:AssumeRole", ADMIN))
            })
            .user("dev", |user| user.inline("none", &allow("health:Describe*", "*"))),
    );
    let found = into_first(&[trusting, other]);
    assert!(found.contains(&one("dev", Certainty::Certain, &["assume-role hop", "assume-role admin"])), "{found:?}");
}

#[test]
fn without_the_other_account_it_is_someone_outside() {
    let access = with_admin(&trust(&format!(r#"{{"AWS": "arn:aws:iam::{OTHER}:root"}}"#), "sts:AssumeRole", ""));
    let accounts = [access];
    let escalations = Escalations::among(&accounts);
    let found = told(&escalations.paths_among(&accounts, Start::Outsiders, Goal::Administrator));
    let outsider = Outsider::Account(format!("arn:aws:iam::{OTHER}:root")).to_string();
    assert_eq!(found, [one(&outsider, Certainty::Certain, &["assume-from-outside admin"])]);
    let both = [accounts[0].clone(), there(Account::new())];
    let escalations = Escalations::among(&both);
    assert!(escalations.paths_among(&both, Start::Outsiders, Goal::Administrator).is_empty());
}

fn from_outside(trust: &str) -> Vec<(String, Certainty, Vec<String>)> {
    let accounts = [with_admin(trust)];
    let escalations = Escalations::among(&accounts);
    told(&escalations.paths_among(&accounts, Start::Outsiders, Goal::Administrator))
}

#[test]
fn sign_ins_through_providers_are_ways_from_outside() {
    let provider = |kind: &str, name: &str| {
        (
            format!(r#"{{"Federated": "arn:aws:iam::{ACCOUNT}:{kind}/{name}"}}"#),
            format!("arn:aws:iam::{ACCOUNT}:{kind}/{name}"),
        )
    };
    let (github, name) = provider("oidc-provider", "token.actions.githubusercontent.com");
    let web = "sts:AssumeRoleWithWebIdentity";
    let subject = r#", "Condition": {"StringEquals": {"token.actions.githubusercontent.com:sub": "repo:a/b:ref:refs/heads/main"}}"#;
    let who = Outsider::Provider(name).to_string();
    let step = ["sign-in-web-identity admin"];
    assert_eq!(from_outside(&trust(&github, web, subject)), [one(&who, Certainty::Conditional, &step)]);
    assert_eq!(from_outside(&trust(&github, web, "")), [one(&who, Certainty::Certain, &step)]);
    assert_eq!(from_outside(&trust(&github, "sts:AssumeRoleWithSAML", "")), [], "that is the way of others");
    let (saml, name) = provider("saml-provider", "Corp");
    let who = Outsider::Provider(name).to_string();
    let audience = r#", "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}"#;
    let found = from_outside(&trust(&saml, "sts:AssumeRoleWithSAML", audience));
    assert_eq!(found, [one(&who, Certainty::Conditional, &["sign-in-saml admin"])]);
    let google = from_outside(&trust(r#"{"Federated": "accounts.google.com"}"#, web, ""));
    let who = Outsider::Provider("accounts.google.com".to_owned()).to_string();
    assert_eq!(google, [one(&who, Certainty::Certain, &step)]);
}

#[test]
fn anyone_is_someone_outside_too() {
    let everyone = r#"{"AWS": "*"}"#;
    let found = from_outside(&trust(everyone, "sts:AssumeRole", ""));
    assert_eq!(found, [one(&Outsider::Anyone.to_string(), Certainty::Certain, &["assume-from-outside admin"])]);
    let organization = r#", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-exampleorg1"}}"#;
    let found = from_outside(&trust(everyone, "sts:AssumeRole", organization));
    assert_eq!(found.first().map(|(_, certainty, _)| *certainty), Some(Certainty::Conditional));
    let principal = format!(r#", "Condition": {{"ArnLike": {{"aws:PrincipalArn": "arn:aws:iam::{OTHER}:role/x"}}}}"#);
    let root = format!(r#"{{"AWS": "arn:aws:iam::{OTHER}:root"}}"#);
    let found = from_outside(&trust(&root, "sts:AssumeRole", &principal));
    assert_eq!(found.first().map(|(_, certainty, _)| *certainty), Some(Certainty::Conditional), "some role of it may");
}

#[test]
fn a_way_from_outside_goes_on_inside() {
    let access = here(
        Account::new()
            .role("ci", |role| {
                let provider = format!(r#"{{"Federated": "arn:aws:iam::{ACCOUNT}:oidc-provider/gitlab.com"}}"#);
                role.trust(&trust(&provider, "sts:AssumeRoleWithWebIdentity", ""))
                    .inline("a", &allow("iam:PutRolePolicy", "*"))
            })
            .user("anna", |user| user.inline("none", &allow("health:Describe*", "*"))),
    );
    let accounts = [access];
    let escalations = Escalations::among(&accounts);
    let found = escalations.paths_among(&accounts, Start::Outsiders, Goal::Administrator);
    let path = found.first().expect("a path");
    let methods: Vec<&str> = path.steps.iter().map(|step| step.method.id.as_str()).collect();
    assert_eq!(methods, ["sign-in-web-identity", "put-own-role-policy"]);
    assert!(path.steps.iter().all(|step| !step.statements.is_empty()));
    assert!(
        escalations
            .paths(&accounts[0], None, Goal::Administrator)
            .iter()
            .all(|path| { path.from.principal().is_some() })
    );
}

const OBJECTS: &str = "arn:aws:s3:::secrets/*";

/// The ways to the objects of a bucket.
fn to_bucket(accounts: &[Access]) -> Vec<(String, Certainty, Vec<String>)> {
    let escalations = Escalations::among(accounts);
    let goal = Goal::Access { action: "s3:GetObject", resource: Target::Matching(OBJECTS) };
    let paths = escalations.paths_among(accounts, Start::Everyone, goal);
    assert!(paths.iter().all(|path| path.reached.is_some()));
    told(&paths)
}

fn reader_and_helper() -> Account {
    Account::new()
        .user("reader", |user| user.inline("reads", &allow("s3:GetObject", OBJECTS)))
        .user("helper", |user| user.inline("keys", &allow("iam:CreateAccessKey", "*")))
        .user("other", |user| user.inline("reads", &allow("s3:GetObject", "arn:aws:s3:::public/*")))
}

#[test]
fn a_way_to_the_data_of_a_bucket_ends_at_who_may_read_it() {
    let found = to_bucket(&[here(reader_and_helper())]);
    assert_eq!(
        found,
        [one("helper", Certainty::Certain, &["create-access-key reader"])],
        "the reader is there already"
    );
}

#[test]
fn the_policy_of_the_bucket_decides_with() {
    let denies = format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "{OBJECTS}"}}}}"#
    );
    let closed = here(reader_and_helper()).with_resource_policy("arn:aws:s3:::secrets", &denies);
    assert_eq!(to_bucket(&[closed]), []);
    let names = format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Principal": {{"AWS": "arn:aws:iam::{ACCOUNT}:user/other"}}, "Action": "s3:GetObject", "Resource": "{OBJECTS}"}}}}"#
    );
    let open = here(reader_and_helper()).with_resource_policy("arn:aws:s3:::secrets", &names);
    let escalations = Escalations::among(std::slice::from_ref(&open));
    let goal = Goal::Access { action: "s3:GetObject", resource: Target::Matching(OBJECTS) };
    let other = open.named("other").next().expect("a user");
    assert!(escalations.paths(&open, Some(other), goal).is_empty(), "it may read at once");
    let broken = here(reader_and_helper()).with_resource_policy("arn:aws:s3:::secrets", "{");
    assert_eq!(
        to_bucket(std::slice::from_ref(&broken)),
        [],
        "who knows whom it lets in: everyone is there already, perhaps"
    );
    let helper = broken.named("helper").next().expect("a user");
    let at_once = broken.can(helper, "s3:GetObject", Target::Matching(OBJECTS), &Context::partial());
    assert_eq!(at_once.outcome, Outcome::AllowedIf);
}

#[test]
fn other_ways_that_are_as_good_are_told() {
    let access = here(
        Account::new()
            .user("helper", |user| {
                user.inline("keys", &allow("iam:*AccessKey", "*")).inline("b", &allow("iam:PutUserPolicy", "*"))
            })
            .user("boss", |user| user.inline("all", &allow("*", "*"))),
    );
    let helper = access.named("helper").next().expect("a user");
    let paths = access.escalations().paths(&access, Some(helper), Goal::Administrator);
    let step = &paths.first().expect("a path").steps[0];
    let mut all: Vec<&str> =
        step.also.iter().map(|method| method.id.as_str()).chain([step.method.id.as_str()]).collect();
    all.sort_unstable();
    assert!(all.contains(&"create-access-key") && all.contains(&"put-own-user-policy"), "{all:?}");
    all.dedup();
    assert_eq!(all.len(), step.also.len() + 1, "each once");
}
