//! A published laboratory of escalation as a snapshot, and what the crate finds in it.

use probity_access::{Access, Certainty, Escalations, Goal, Grounds, Path, Standing, Start};
use probity_model::builder::Account;
use probity_model::facts::CredentialReport;
use probity_model::facts::authorization::{
    AttachedPolicy, DocumentText, Group, InlinePolicy, ManagedPolicy, PolicyVersion, Role, User,
};
use probity_model::facts::credential_report::Cell;
use probity_model::{AccountId, Arn, Seen, Snapshot, Topic};
use probity_policy::{Context, Target};
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
            document: DocumentText::new(document.to_string()),
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
        document: DocumentText::new(text),
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
fn snapshot(laboratory: &Value) -> Snapshot {
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
        trust_policy: DocumentText::new(value["trust"].to_string()),
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

/// The accounts of a laboratory: as many as it gives, and where it gives one in which principals of several stand side by
/// side, as many as its path names them in.
fn accounts(case: &Value) -> Vec<Value> {
    let given = match &case["input"]["account"] {
        Value::Array(several) => several.clone(),
        one => vec![one.clone()],
    };
    let further = case["input"]["accounts"].as_array().cloned().unwrap_or_default();
    let mut all: Vec<Value> = given.into_iter().filter(Value::is_object).chain(further).collect();
    if let [one] = all.as_slice() {
        all = apart(one, &case["expected"]);
    }
    all
}

/// Principals of several accounts, each in its own.
fn apart(laboratory: &Value, expected: &Value) -> Vec<Value> {
    let default = laboratory["account"].as_str().unwrap_or("111122223333");
    let account_of = |kind: &str, name: &str| {
        let is_it = |arn: &&str| arn.ends_with(&format!(":{kind}/{name}"));
        let found = texts(expected, "path").find(is_it).and_then(|arn| arn.split(':').nth(4));
        found.filter(|account| account.len() == 12).unwrap_or(default).to_owned()
    };
    let mut parts: std::collections::BTreeMap<String, Value> = std::collections::BTreeMap::new();
    for (kind, field) in [("user", "users"), ("role", "roles")] {
        for (name, value) in entries(laboratory, field) {
            let account = account_of(kind, name);
            let part = parts.entry(account.clone()).or_insert_with(|| {
                let mut part = laboratory.clone();
                part["account"] = account.clone().into();
                part["users"] = serde_json::json!({});
                part["roles"] = serde_json::json!({});
                part
            });
            let mut value = value.clone();
            if let Some(arn) = value["arn"].as_str() {
                value["arn"] = arn.replacen(&format!("::{default}:"), &format!("::{account}:"), 1).into();
            }
            part[field][name] = value;
        }
    }
    if parts.is_empty() { vec![laboratory.clone()] } else { parts.into_values().collect() }
}

/// The index of each account, with the policies of the resources that the laboratory gives.
fn index(laboratories: &[Value]) -> Vec<Access> {
    let one = |laboratory: &Value| {
        let access = Access::of(&snapshot(laboratory)).expect("authorization details");
        let resources = laboratory["resources"].as_array().cloned().unwrap_or_default();
        resources.iter().filter(|resource| resource["type"] == "aws_s3_bucket_policy").fold(
            access,
            |access, resource| {
                let name = resource["name"].as_str().unwrap_or_default();
                access.with_resource_policy(&format!("arn:aws:s3:::{name}"), &resource["policy"].to_string())
            },
        )
    };
    laboratories.iter().map(one).collect()
}

/// A way that was found: who sets out, how sure it is, its methods with those that are as good, and the whole in words.
pub(crate) struct Way {
    pub(crate) from: String,
    pub(crate) certainty: Certainty,
    methods: Vec<&'static probity_access::Method>,
    pub(crate) words: String,
}

impl Way {
    fn of(path: &Path<'_>) -> Way {
        let steps: Vec<String> = path
            .steps
            .iter()
            .map(|step| {
                let to = step.to.principal().map_or("a new role", |principal| principal.name());
                let open = step.open.iter().map(|text| format!(" [{text}]")).collect::<String>();
                format!("{} -> {to}{open}", step.method.id)
            })
            .collect();
        let from = match &path.from {
            Standing::Outsider(outsider) => outsider.to_string(),
            other => other.principal().map(|principal| principal.arn().to_string()).unwrap_or_default(),
        };
        let methods = path.steps.iter().flat_map(|step| std::iter::once(step.method).chain(step.also.iter().copied()));
        Way { from, certainty: path.certainty, methods: methods.collect(), words: steps.join(", ") }
    }
}

/// Every way to an administrator of each account, those of people outside included.
fn ways(accounts: &[Access], goals: &[Goal<'_>]) -> Vec<Way> {
    let escalations = Escalations::among(accounts);
    let starts = [Start::Everyone, Start::Outsiders];
    let paths = goals.iter().flat_map(|goal| {
        starts.iter().flat_map(|start| escalations.paths_among(accounts, *start, *goal).into_iter()).collect::<Vec<_>>()
    });
    paths.map(|path| Way::of(&path)).collect()
}

/// The ways of a scenario that has no verdict.
pub(crate) fn explained(case: &Value) -> Vec<Way> {
    let accounts = index(&accounts(case));
    ways(&accounts, &[Goal::Administrator])
}

/// With something to escalate to. Those cases hold the one who escalates, and of the role or user that it would become
/// only a name or nothing: a role that services may use and a user with a password stand in for it.
fn with_stand_ins(laboratory: &Value) -> Value {
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

/// Whom the way starts at: the first user or role on the path that the case has. Where credentials lie in a bucket, the
/// way of permissions begins at whose they are. Someone outside where the path begins with one and then names a role.
enum From {
    Principal(String),
    Outside,
    Anyone,
}

fn start(case: &Value, accounts: &[Access]) -> From {
    let path: Vec<&str> = texts(&case["expected"], "path").collect();
    let is_known = |arn: &str| accounts.iter().any(|access| access.principal(&Arn::new(arn)).is_some());
    let after_bucket = path.get(1).is_some_and(|arn| arn.starts_with("arn:aws:s3:")) && path.len() > 2;
    let rest = if after_bucket { path.get(2..).unwrap_or_default() } else { &path };
    match rest.first() {
        Some(first) if is_known(first) => From::Principal((*first).to_owned()),
        Some(first) if first.contains("(OIDC") || first.starts_with("GitHub") || first.contains("SAML") => {
            From::Outside
        }
        Some(_) => rest.iter().find(|arn| is_known(arn)).map_or(From::Anyone, |arn| From::Principal((*arn).to_owned())),
        None => From::Anyone,
    }
}

/// The bucket whose data the way should end at: the one that the path names, or the one that somebody needs to read.
fn bucket(case: &Value) -> Option<String> {
    let named = texts(&case["expected"], "path").filter(|arn| arn.starts_with("arn:aws:s3:::")).last();
    let needed = case["expected"]["required"].as_array().into_iter().flatten();
    let needed = needed.flat_map(|one| one["permissions"].as_array().into_iter().flatten());
    let mut needed =
        needed.filter(|one| one["permission"] == "s3:GetObject").filter_map(|one| one["resource"].as_str());
    let wanted = named.or(needed.next_back())?.trim_start_matches("arn:aws:s3:::");
    let wanted = wanted.split('/').next().unwrap_or_default().trim_end_matches('*');
    // The buckets that the case speaks of: there the name has an ending that differs from installation to installation.
    let text = case["input"].to_string();
    let names = text.split("arn:aws:s3:::").skip(1).map(|rest| rest.split(['"', '/', '*']).next().unwrap_or_default());
    let policies = case["input"]["account"]["resources"].as_array().into_iter().flatten();
    let mut policies =
        policies.filter(|one| one["type"] == "aws_s3_bucket_policy").filter_map(|one| one["name"].as_str());
    let names: Vec<&str> = names.chain(policies.clone()).filter(|name| !name.is_empty()).collect();
    let exact = names.iter().find(|name| **name == wanted);
    let longer = || names.iter().find(|name| name.starts_with(wanted));
    // Where nothing speaks of it, the bucket whose policy the case gives is meant.
    let given = policies.next_back();
    let name = exact.or_else(longer).copied().or(given).unwrap_or(wanted);
    Some(format!("arn:aws:s3:::{name}/*"))
}

/// Whether the ways name what the laboratory was built to exploit: a method that it is known by, or one that needs nothing
/// beyond what the laboratory says is required.
fn names_the_method(case: &Value, ways: &[&Way]) -> bool {
    let expected = &case["expected"];
    let required: Vec<&str> = expected["required"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|one| one["permissions"].as_array().into_iter().flatten())
        .filter_map(|one| one["permission"].as_str())
        .collect();
    let id = expected["path_id"].as_str().or(expected["method"].as_str());
    let plain = |text: &str| text.replace("Existing", "").to_lowercase();
    let is_known = |known: &String| id.is_some_and(|id| plain(id) == plain(known));
    let fits = |method: &&&probity_access::Method| {
        method.known_as.iter().any(is_known)
            || (!required.is_empty()
                && method
                    .needs
                    .iter()
                    .all(|need| required.iter().any(|one| probity_policy::Pattern::new(*one).matches_action(need))))
    };
    // Whoever has no list of what is required and no name that the list of methods knows is not asked.
    let nothing_told =
        required.is_empty() && !probity_access::Method::all().iter().any(|method| method.known_as.iter().any(is_known));
    nothing_told || ways.iter().any(|way| way.methods.iter().any(|method| fits(&method)))
}

/// How a laboratory was judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Judged {
    /// As it was built.
    Agreed,
    /// As it was built, once there is something to escalate to.
    WithStandIns,
    /// Not a question for the accounts as the case gives them.
    LeftOut(&'static str),
    /// A way is found, by other methods than the one it was built for.
    OtherMethod,
    /// Otherwise.
    Disagreed,
}

/// Judges a laboratory; `None` where it has no verdict. `tell` hears of every way that is found.
pub(crate) fn judge(case: &Value, tell: &dyn Fn(&str)) -> Option<Judged> {
    let expected = &case["expected"];
    let to_bucket = expected["target"] == "to-bucket";
    let wanted = expected["escalates"].as_bool().or_else(|| expected["target"].is_string().then_some(true))?;
    let laboratories = accounts(case);
    let accounts = index(&laboratories);
    let bucket = if to_bucket { bucket(case) } else { None };
    if to_bucket && bucket.is_none() {
        return Some(Judged::LeftOut("names no bucket"));
    }
    let look = |accounts: &[Access]| -> (bool, bool) {
        let goals: Vec<Goal<'_>> = match &bucket {
            Some(objects) => {
                vec![Goal::Access { action: "s3:GetObject", resource: Target::Matching(objects) }]
            }
            None => accounts.iter().map(|access| Goal::AdministratorOf(access.account())).collect(),
        };
        let found = ways(accounts, &goals);
        for way in &found {
            tell(&format!("{} {:?}: {}", way.from, way.certainty, way.words));
        }
        let from = start(case, accounts);
        let is_start = |way: &&Way| match &from {
            From::Principal(arn) => way.from == *arn,
            From::Outside => !way.from.starts_with("arn:"),
            From::Anyone => true,
        };
        let of_start: Vec<&Way> = found.iter().filter(is_start).collect();
        // Who is there already needs no method.
        let is_there = is_there(accounts, &from, bucket.as_deref());
        (!of_start.is_empty() || is_there, is_there || names_the_method(case, &of_start))
    };
    // Something to escalate to is no way to it.
    let with_more: Vec<Value> = laboratories.iter().map(with_stand_ins).collect();
    if !wanted {
        let found = look(&accounts).0 || look(&index(&with_more)).0;
        return Some(if found { Judged::Disagreed } else { Judged::Agreed });
    }
    match look(&accounts) {
        (true, true) => return Some(Judged::Agreed),
        (true, false) => return Some(Judged::OtherMethod),
        (false, _) => {}
    }
    if expected["escalates"] != true {
        return Some(Judged::Disagreed);
    }
    // Where all are administrators already, those whom the laboratory has escalate are told as such: by control of IAM.
    let administrators = || accounts.iter().flat_map(Access::administrators);
    let everyone: usize = accounts.iter().map(|access| access.principals().len()).sum();
    if administrators().count() == everyone {
        if administrators().any(|one| one.grounds == Grounds::IamControl) {
            tell("whoever escalates has control of IAM, and so is an administrator already");
            return Some(Judged::Agreed);
        }
        return Some(Judged::LeftOut("has no one but administrators"));
    }
    Some(match look(&index(&with_more)) {
        (true, true) => Judged::WithStandIns,
        (true, false) => Judged::OtherMethod,
        (false, _) => Judged::Disagreed,
    })
}

/// Whether whom the way starts at may read the bucket already.
fn is_there(accounts: &[Access], from: &From, bucket: Option<&str>) -> bool {
    let (Some(objects), From::Principal(arn)) = (bucket, from) else { return false };
    accounts.iter().filter_map(|access| Some((access, access.principal(&Arn::new(arn.as_str()))?))).any(
        |(access, principal)| {
            !access.can(principal, "s3:GetObject", Target::Matching(objects), &Context::partial()).is_denied()
        },
    )
}
