//! A published laboratory of escalation as a snapshot, and what the crate finds in it.

use probity_access::{Access, Certainty, Goal};
use probity_model::builder::Account;
use probity_model::facts::CredentialReport;
use probity_model::facts::authorization::{
    AttachedPolicy, DocumentText, Group, InlinePolicy, ManagedPolicy, PolicyVersion, Role, User,
};
use probity_model::facts::credential_report::Cell;
use probity_model::{AccountId, Arn, Seen, Snapshot, Topic};
use serde_json::{Map, Value};

/// Documents of AWS's own policies that decide in the laboratories; others are taken to grant nothing there.
const OF_AWS: &[(&str, &str, &str)] = &[
    ("AdministratorAccess", "*", "*"),
    ("IAMFullAccess", "iam:*", "*"),
    ("AmazonSSMManagedInstanceCore", "ssmmessages:*", "*"),
];

fn entries<'v>(value: &'v Value, field: &str) -> impl Iterator<Item = (&'v String, &'v Value)> {
    value[field].as_object().into_iter().flat_map(Map::iter)
}

fn texts<'v>(value: &'v Value, field: &str) -> impl Iterator<Item = &'v str> {
    value[field].as_array().into_iter().flatten().filter_map(Value::as_str)
}

fn inline(value: &Value) -> Vec<InlinePolicy> {
    let documents = value["inline"].as_array().into_iter().flatten().enumerate();
    documents
        .map(|(number, document)| InlinePolicy {
            name: format!("inline-{number}"),
            document: DocumentText(document.to_string()),
        })
        .collect()
}

fn attached(value: &Value) -> Vec<AttachedPolicy> {
    let of = |arn: &str| AttachedPolicy { name: arn.to_owned(), arn: Arn::new(arn) };
    texts(value, "managed").map(of).collect()
}

fn managed(arn: &str, versions: impl IntoIterator<Item = (bool, String)>) -> ManagedPolicy {
    let version = |(number, (is_default, text))| PolicyVersion {
        id: format!("v{}", number + 1),
        is_default,
        created_at: None,
        document: DocumentText(text),
    };
    ManagedPolicy {
        name: arn.rsplit('/').next().unwrap_or_default().to_owned(),
        path: "/".to_owned(),
        id: String::new(),
        arn: Arn::new(arn),
        created_at: None,
        updated_at: None,
        default_version_id: None,
        attachment_count: None,
        boundary_usage_count: None,
        versions: versions.into_iter().enumerate().map(version).collect(),
    }
}

fn document(action: &str, resource: &str) -> String {
    format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Action": "{action}", "Resource": "{resource}"}}}}"#
    )
}

/// The account of a laboratory.
pub(crate) fn snapshot(laboratory: &Value) -> Snapshot {
    let number = laboratory["account"].as_str().unwrap_or("111122223333");
    let boundary = |value: &Value| value["boundary"].as_str().map(Arn::new);
    let users: Vec<User> = entries(laboratory, "users")
        .map(|(name, value)| User {
            name: name.clone(),
            path: "/".to_owned(),
            id: name.clone(),
            arn: Arn::new(value["arn"].as_str().expect("an ARN")),
            created_at: None,
            groups: texts(value, "groups").map(str::to_owned).collect(),
            inline_policies: inline(value),
            attached_policies: attached(value),
            permissions_boundary: boundary(value),
            tags: Default::default(),
        })
        .collect();
    let groups = entries(laboratory, "groups").map(|(name, value)| Group {
        name: name.clone(),
        path: "/".to_owned(),
        id: name.clone(),
        arn: Arn::new(format!("arn:aws:iam::{number}:group/{name}")),
        created_at: None,
        inline_policies: inline(value),
        attached_policies: attached(value),
    });
    let in_profile = |name: &str| entries(laboratory, "instance_profiles").any(|(_, role)| role == name);
    let roles = entries(laboratory, "roles").map(|(name, value)| Role {
        name: name.clone(),
        path: "/".to_owned(),
        id: name.clone(),
        arn: Arn::new(value["arn"].as_str().expect("an ARN")),
        created_at: None,
        trust_policy: DocumentText(value["trust"].to_string()),
        inline_policies: inline(value),
        attached_policies: attached(value),
        permissions_boundary: boundary(value),
        last_used: None,
        instance_profiles: in_profile(name)
            .then(|| Arn::new("arn:aws:iam::1:instance-profile/x"))
            .into_iter()
            .collect(),
        tags: Default::default(),
    });
    let own = entries(laboratory, "policies").map(|(arn, value)| {
        // The case does not hold other versions; the one about bringing an older one back gets a stand-in.
        let is_older_broader = arn.contains("SetExistingDefaultPolicyVersion");
        let older = is_older_broader.then(|| (false, document("*", "*")));
        managed(arn, [(true, value.to_string())].into_iter().chain(older))
    });
    let mut of_aws: Vec<&str> = ["users", "groups", "roles"]
        .iter()
        .flat_map(|kind| entries(laboratory, kind))
        .flat_map(|(_, value)| texts(value, "managed"))
        .filter(|arn| arn.starts_with("arn:aws:iam::aws:"))
        .collect();
    of_aws.sort_unstable();
    of_aws.dedup();
    let of_aws = of_aws.into_iter().map(|arn| {
        let known = OF_AWS.iter().find(|(name, ..)| arn.ends_with(&format!("/{name}")));
        let (_, action, resource) = known.copied().unwrap_or(("", "none:None", "*"));
        managed(arn, [(true, document(action, resource))])
    });
    let mut snapshot = Account::new()
        // A laboratory tells nothing of what runs in it.
        .deny(Topic::Compute)
        .facts(|facts| {
            if let Seen::Known(details) = &mut facts.authorization_details {
                details.users = users.clone();
                details.groups = groups.collect();
                details.roles = roles.collect();
                details.policies = own.chain(of_aws).collect();
            }
        })
        .build();
    snapshot.account = AccountId::try_from(number).expect("an account");
    let report: &mut CredentialReport = match &mut snapshot.facts.credential_report {
        Seen::Known(report) => report,
        Seen::Missing(_) => return snapshot,
    };
    let template = report.root.clone().expect("a row");
    report.users = entries(laboratory, "users")
        .map(|(name, value)| {
            let mut row = template.clone();
            row.user.clone_from(name);
            row.password_enabled = Cell::Value(value["login_profile"] == true);
            for key in row.access_keys.iter_mut().take(value["access_keys"].as_u64().unwrap_or(0) as usize) {
                key.active = Cell::Value(true);
            }
            row
        })
        .collect();
    snapshot
}

/// The names of methods that the way to an administrator takes, for each who has one.
pub(crate) fn explained(laboratory: &Value) -> Vec<(String, Certainty, String)> {
    let access = Access::of(&snapshot(laboratory)).expect("authorization details");
    let paths = access.escalations().paths(&access, None, Goal::Administrator);
    let explain = paths.iter().map(|path| {
        let steps: Vec<String> = path
            .steps
            .iter()
            .map(|step| {
                let to = step.to.principal().map_or("a new role", |principal| principal.name());
                let open = step.open.iter().map(|text| format!(" [{text}]")).collect::<String>();
                format!("{} -> {to}{open}", step.method.id)
            })
            .collect();
        (path.from.arn().as_str().to_owned(), path.certainty, steps.join(", "))
    });
    explain.collect()
}

/// Whether a laboratory was built with a way that ends at an administrator.
pub(crate) fn is_meant_to_escalate(case: &Value) -> Option<bool> {
    let expected = &case["expected"];
    expected["escalates"].as_bool().or_else(|| (expected["target"] == "to-admin").then_some(true))
}

/// Laboratories that are no question for the account as the case gives it, and why.
pub(crate) fn left_out(case: &Value, access: &Access) -> Option<&'static str> {
    let own = |arn: &str| arn.split(':').nth(4) == Some(access.account().as_str());
    let crosses = texts(&case["expected"], "path").any(|arn| arn.contains(":iam:") && !own(arn));
    let steals = texts(&case["expected"], "path").nth(1).is_some_and(|arn| arn.starts_with("arn:aws:s3:"));
    let ordinary = access.principals().iter().any(|principal| access.administrator(principal).is_none());
    if crosses {
        Some("crosses accounts")
    } else if steals {
        Some("starts from credentials that lie in a bucket")
    } else if !ordinary && case["expected"]["escalates"] == true {
        Some("has no one but administrators")
    } else {
        None
    }
}

/// With something to escalate to. Those cases hold the one who escalates, and of the role or user that it would become
/// only a name or nothing: a role that services may use and a user with a password stand in for it.
pub(crate) fn with_stand_ins(laboratory: &Value) -> Value {
    let mut laboratory = laboratory.clone();
    let number = laboratory["account"].as_str().unwrap_or_default().to_owned();
    let all: Value = serde_json::from_str(&document("*", "*")).expect("JSON");
    let services = ["ec2", "lambda", "glue", "cloudformation", "sagemaker", "datapipeline", "codestar"];
    let services: Vec<String> = services.iter().map(|service| format!("{service}.amazonaws.com")).collect();
    let trust = serde_json::json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": services}, "Action": "sts:AssumeRole"}]});
    laboratory["roles"]["stand-in-role"] = serde_json::json!({
        "arn": format!("arn:aws:iam::{number}:role/stand-in-role"), "inline": [all], "trust": trust});
    laboratory["instance_profiles"]["stand-in"] = "stand-in-role".into();
    laboratory["users"]["stand-in-user"] = serde_json::json!({
        "arn": format!("arn:aws:iam::{number}:user/stand-in-user"), "inline": [all], "login_profile": true});
    laboratory
}

/// Whom the way starts at, where the case says so: the first user or role of its path, or those named after it.
pub(crate) fn starts(case: &Value) -> Option<String> {
    let first = case["expected"]["path"].get(0)?.as_str()?;
    (first.contains(":user/") || first.contains(":role/")).then(|| first.to_owned())
}

/// How a laboratory was judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Judged {
    /// As it was built.
    Agreed,
    /// As it was built, once there is something to escalate to.
    WithStandIns,
    /// Not a question for the account as the case gives it.
    LeftOut(&'static str),
    /// Otherwise.
    Disagreed,
}

/// Judges a laboratory; `None` where it has no verdict about administrators. `tell` hears of every way that is found.
pub(crate) fn judge(case: &Value, tell: &dyn Fn(&str)) -> Option<Judged> {
    let wanted = is_meant_to_escalate(case)?;
    let laboratory = &case["input"]["account"];
    let found = |laboratory: &Value| {
        let paths = explained(laboratory);
        for (from, certainty, steps) in &paths {
            tell(&format!("{from} {certainty:?}: {steps}"));
        }
        match starts(case) {
            Some(start) => paths.iter().any(|(from, ..)| *from == start),
            None => !paths.is_empty(),
        }
    };
    let access = Access::of(&snapshot(laboratory)).expect("authorization details");
    if let Some(reason) = left_out(case, &access) {
        return Some(Judged::LeftOut(reason));
    }
    // Something to escalate to is no way to it.
    if !wanted && found(&with_stand_ins(laboratory)) {
        return Some(Judged::Disagreed);
    }
    if found(laboratory) == wanted {
        return Some(Judged::Agreed);
    }
    let lacks_a_target = wanted && case["expected"]["escalates"] == true;
    Some(if lacks_a_target && found(&with_stand_ins(laboratory)) { Judged::WithStandIns } else { Judged::Disagreed })
}
