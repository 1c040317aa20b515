//! Which accounts are audited, and how each is entered.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use probity_collect::{CollectError, Request, RoleToAssume, Session, SessionOptions, Silent};
use probity_model::facts::OrganizationStructure;
use probity_model::facts::organization::{OrganizationAccount, OrganizationTree};
use probity_model::{AccountId, Arn, Partition, Snapshot, Topic};
use serde::{Deserialize, Serialize};

use crate::cli::FleetArgs;
use crate::failure::Failure;

/// How to reach AWS before any role of an account is assumed.
pub(crate) struct Base {
    /// With the first profile.
    pub(crate) options: SessionOptions,
    /// Every profile that was named.
    pub(crate) profiles: Vec<String>,
}

/// An account to audit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Target {
    /// The account.
    pub(crate) account: AccountId,
    /// Its partition.
    pub(crate) partition: Partition,
    /// How it is entered.
    pub(crate) entry: Way,
}

/// How an account is entered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Way {
    /// With the credentials that the run began with.
    Own,
    /// By this role.
    Role(String),
    /// By this profile.
    Profile(String),
    /// Not at all: its state says that nobody can.
    Closed(String),
}

/// The accounts of a run.
pub(crate) struct Plan {
    /// What was read of the organization; none where the accounts were named one by one.
    pub(crate) organization: Option<Snapshot>,
    /// The accounts to audit, by id.
    pub(crate) targets: Vec<Target>,
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PlanError {
    /// The accounts of the organization cannot be listed.
    #[error(
        "the accounts of the organization cannot be listed: {0}. --org needs the management account or a delegated administrator"
    )]
    NoList(String),
    /// The account stands alone.
    #[error("the account {0} is in no organization: name its accounts by --role-arn or --profile instead of --org")]
    NoOrganization(AccountId),
    /// Something that was named and is not in the organization.
    #[error("{option} {given}: the organization has no such {what}")]
    Unknown {
        /// The option.
        option: &'static str,
        /// What was given.
        given: String,
        /// What it should be.
        what: &'static str,
    },
    /// A name that several units have.
    #[error("{option} {given}: several organizational units have this name; give the id of one: {ids}")]
    Ambiguous {
        /// The option.
        option: &'static str,
        /// What was given.
        given: String,
        /// The ids.
        ids: String,
    },
    /// A file with a list that cannot be read.
    #[error("{option} {file}: {error}", file = .file.display())]
    File {
        /// The option.
        option: &'static str,
        /// The file.
        file: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// An account that is named twice.
    #[error("the account {account} is named twice: by {first} and by {second}")]
    Twice {
        /// The account.
        account: AccountId,
        /// How it was named first.
        first: String,
        /// And then.
        second: String,
    },
    /// Nothing is left.
    #[error("no account is left to audit")]
    Nothing,
}

impl PlanError {
    /// Whether this is about who may ask, and not about what was asked.
    pub(crate) fn is_about_access(&self) -> bool {
        matches!(self, Self::NoList(_))
    }
}

/// Reads what there is of the organization, in the account that the run begins in.
pub(crate) async fn organization(hub: &Session) -> Result<Snapshot, CollectError> {
    let topics: BTreeSet<Topic> = Topic::ALL.iter().copied().filter(|topic| topic.is_of_organization()).collect();
    let request = Request { topics, ..Request::default() };
    probity_collect::collect(hub, &request, &Silent, std::future::pending()).await
}

/// The accounts of the organization that were asked for.
pub(crate) fn of_organization(
    snapshot: Snapshot,
    own: &AccountId,
    role: &str,
    args: &FleetArgs,
) -> Result<Plan, PlanError> {
    let tree = match snapshot.facts.organization_structure.get() {
        Ok(OrganizationStructure::Tree(tree)) => tree,
        Ok(OrganizationStructure::NoOrganization) => return Err(PlanError::NoOrganization(own.clone())),
        Err(gap) => return Err(PlanError::NoList(gap.to_string())),
    };
    let accounts = self::accounts("--accounts", &args.accounts)?;
    let unknown = |given: &str| PlanError::Unknown { option: "--accounts", given: given.to_owned(), what: "account" };
    let has = |given: &&String| tree.accounts.iter().any(|entry| entry.id.as_str() == given.as_str());
    if let Some(given) = accounts.iter().find(|given| !has(given)) {
        return Err(unknown(given));
    }
    let units = args.ou.iter().map(|given| unit("--ou", given, tree)).collect::<Result<BTreeSet<_>, _>>()?;
    let mut left_out = BTreeSet::new();
    for given in listed("--exclude", &args.exclude, |given| is_account(given) || !Path::new(given).is_file())? {
        left_out.insert(if is_account(&given) { given } else { unit("--exclude", &given, tree)? });
    }
    let wanted = |entry: &&OrganizationAccount| {
        let path = tree.path_of(&entry.id);
        let within = |ids: &BTreeSet<String>| path.iter().any(|id| ids.contains(*id));
        let named = accounts.is_empty() || accounts.contains(entry.id.as_str());
        named && (units.is_empty() || within(&units)) && !within(&left_out)
    };
    let partition = snapshot.partition.clone();
    let target = |entry: &OrganizationAccount| Target {
        account: entry.id.clone(),
        partition: partition.clone(),
        entry: match entry.state.as_str() {
            _ if entry.id == *own => Way::Own,
            "ACTIVE" => Way::Role(format!("arn:{partition}:iam::{}:role/{role}", entry.id)),
            state => Way::Closed(state.to_owned()),
        },
    };
    let targets: Vec<Target> = tree.accounts.iter().filter(wanted).map(target).collect();
    finish(Some(snapshot), targets)
}

/// The accounts of roles that were named.
pub(crate) fn of_roles(given: &[String]) -> Result<Plan, Failure> {
    let mut named: BTreeMap<AccountId, String> = BTreeMap::new();
    let mut targets = Vec::new();
    for role in listed("--role-arn", given, |given| given.starts_with("arn:") || !Path::new(given).is_file())? {
        let arn = Arn::new(role.as_str());
        let account = AccountId::try_from(arn.account()).ok().filter(|_| arn.resource().starts_with("role/"));
        let account = account.ok_or_else(|| CollectError::RoleArn(role.clone()))?;
        if let Some(first) = named.insert(account.clone(), role.clone()) {
            return Err(PlanError::Twice { account, first, second: role }.into());
        }
        targets.push(Target { account, partition: arn.partition(), entry: Way::Role(role) });
    }
    finish(None, targets).map_err(Failure::from)
}

/// The accounts of profiles that were named: each is asked who it is.
pub(crate) async fn of_profiles(base: &Base) -> Result<Plan, Failure> {
    let mut named: BTreeMap<AccountId, String> = BTreeMap::new();
    let mut targets = Vec::new();
    for profile in &base.profiles {
        let options = SessionOptions { profile: Some(profile.clone()), ..base.options.clone() };
        let session = Session::connect(options).await?;
        let account = session.caller().account.clone();
        let name = |profile: &str| format!("the profile {profile}");
        if let Some(first) = named.insert(account.clone(), profile.clone()) {
            return Err(PlanError::Twice { account, first: name(&first), second: name(profile) }.into());
        }
        targets.push(Target { account, partition: session.partition(), entry: Way::Profile(profile.clone()) });
    }
    finish(None, targets).map_err(Failure::from)
}

/// The role with the external id that is demanded of all.
pub(crate) fn role(arn: &str, external_id: Option<&String>) -> RoleToAssume {
    RoleToAssume { arn: arn.to_owned(), external_id: external_id.cloned() }
}

fn finish(organization: Option<Snapshot>, mut targets: Vec<Target>) -> Result<Plan, PlanError> {
    if targets.is_empty() {
        return Err(PlanError::Nothing);
    }
    targets.sort_by(|a, b| a.account.cmp(&b.account));
    Ok(Plan { organization, targets })
}

/// The ids of accounts that were named.
pub(crate) fn accounts(option: &'static str, given: &[String]) -> Result<BTreeSet<String>, PlanError> {
    listed(option, given, is_account)
}

fn is_account(given: &str) -> bool {
    AccountId::try_from(given).is_ok()
}

/// The items of a list, where those that are none themselves are files with one a line; `#` begins a comment.
fn listed(option: &'static str, given: &[String], is_item: fn(&str) -> bool) -> Result<BTreeSet<String>, PlanError> {
    let mut items = BTreeSet::new();
    for one in given.iter().map(|one| one.trim()).filter(|one| !one.is_empty()) {
        if is_item(one) {
            items.insert(one.to_owned());
            continue;
        }
        let failed = |error| PlanError::File { option, file: PathBuf::from(one), error };
        let text = std::fs::read_to_string(one).map_err(failed)?;
        let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
        items.extend(lines.filter(|line| !line.is_empty()).map(str::to_owned));
    }
    Ok(items)
}

/// The id of the root or of an organizational unit.
fn unit(option: &'static str, given: &str, tree: &OrganizationTree) -> Result<String, PlanError> {
    if tree.root == given || tree.units.iter().any(|unit| unit.id == given) {
        return Ok(given.to_owned());
    }
    let matching: Vec<&str> =
        tree.units.iter().filter(|unit| unit.name == given).map(|unit| unit.id.as_str()).collect();
    match matching.as_slice() {
        [one] => Ok((*one).to_owned()),
        [] => Err(PlanError::Unknown { option, given: given.to_owned(), what: "organizational unit" }),
        several => Err(PlanError::Ambiguous { option, given: given.to_owned(), ids: several.join(", ") }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use probity_model::Seen;
    use probity_model::builder::Account;
    use probity_model::facts::organization::OrganizationalUnit;

    fn id(text: &str) -> AccountId {
        AccountId::try_from(text).expect("an id")
    }

    fn organization() -> Snapshot {
        let account = |number: &str, parent: &str, state: &str| OrganizationAccount {
            id: id(number),
            arn: Arn::new(format!("arn:aws:organizations::123456789012:account/o-1/{number}")),
            name: format!("account {number}"),
            state: state.to_owned(),
            parent: parent.to_owned(),
            joined_at: None,
        };
        let unit = |id: &str, name: &str, parent: &str| OrganizationalUnit {
            id: id.to_owned(),
            name: name.to_owned(),
            parent: parent.to_owned(),
        };
        let tree = OrganizationTree {
            root: "r-1".to_owned(),
            units: vec![
                unit("ou-1", "Workloads", "r-1"),
                unit("ou-2", "Production", "ou-1"),
                unit("ou-3", "Sandbox", "r-1"),
                unit("ou-4", "Sandbox", "ou-1"),
            ],
            accounts: vec![
                account("123456789012", "r-1", "ACTIVE"),
                account("222222222222", "ou-2", "ACTIVE"),
                account("333333333333", "ou-1", "ACTIVE"),
                account("444444444444", "ou-3", "SUSPENDED"),
            ],
            ..OrganizationTree::default()
        };
        let edit = |snapshot: &mut Snapshot| {
            snapshot.facts.organization_structure = Seen::Known(OrganizationStructure::Tree(tree));
        };
        Account::new().edit(edit).build()
    }

    fn planned(change: impl FnOnce(&mut FleetArgs)) -> Result<Vec<String>, PlanError> {
        let mut args = FleetArgs::default();
        change(&mut args);
        let plan = of_organization(organization(), &id("123456789012"), "audit", &args)?;
        Ok(plan.targets.iter().map(|target| target.account.to_string()).collect())
    }

    fn words(list: &[&str]) -> Vec<String> {
        list.iter().map(|&word| word.to_owned()).collect()
    }

    #[test]
    fn every_account_is_entered_as_it_can_be() {
        let plan = of_organization(organization(), &id("123456789012"), "audit", &FleetArgs::default());
        let ways: Vec<Way> = plan.expect("a plan").targets.into_iter().map(|target| target.entry).collect();
        assert_eq!(
            ways,
            [
                Way::Own,
                Way::Role("arn:aws:iam::222222222222:role/audit".to_owned()),
                Way::Role("arn:aws:iam::333333333333:role/audit".to_owned()),
                Way::Closed("SUSPENDED".to_owned()),
            ]
        );
    }

    #[test]
    fn units_hold_what_is_below_them() {
        assert_eq!(planned(|args| args.ou = words(&["Workloads"])).expect("a plan"), ["222222222222", "333333333333"]);
        assert_eq!(planned(|args| args.ou = words(&["ou-2"])).expect("a plan"), ["222222222222"]);
        let without = planned(|args| args.exclude = words(&["ou-1", "444444444444"]));
        assert_eq!(without.expect("a plan"), ["123456789012"]);
    }

    #[test]
    fn accounts_come_from_the_command_line_or_a_file() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), "# members\n222222222222\n\n444444444444 # closed\n").expect("written");
        let file = file.path().display().to_string();
        let found = planned(|args| args.accounts = vec![file, "123456789012".to_owned()]).expect("a plan");
        assert_eq!(found, ["123456789012", "222222222222", "444444444444"]);
    }

    #[test]
    fn what_the_organization_does_not_have_is_an_error() {
        let said = |change: fn(&mut FleetArgs)| planned(change).expect_err("an error").to_string();
        assert!(said(|args| args.accounts = words(&["999999999999"])).contains("no such account"));
        assert!(said(|args| args.accounts = words(&["no-such-file"])).contains("no-such-file"));
        assert!(said(|args| args.ou = words(&["Nowhere"])).contains("no such organizational unit"));
        assert!(said(|args| args.ou = words(&["Sandbox"])).contains("ou-3, ou-4"));
        assert!(said(|args| args.exclude = words(&["r-1"])).contains("no account is left"));
    }

    #[test]
    fn a_role_names_its_account_and_no_account_comes_twice() {
        let roles = words(&["arn:aws:iam::222222222222:role/a", "arn:aws-cn:iam::333333333333:role/b"]);
        let plan = of_roles(&roles).map_err(|error| error.to_string()).expect("a plan");
        assert_eq!(plan.targets.iter().map(|one| one.partition.as_str()).collect::<Vec<_>>(), ["aws", "aws-cn"]);
        let twice = words(&["arn:aws:iam::222222222222:role/a", "arn:aws:iam::222222222222:role/b"]);
        let error = of_roles(&twice).map(|_| ()).expect_err("twice").to_string();
        assert!(error.contains("role/a") && error.contains("role/b"), "{error}");
        assert!(of_roles(&words(&["arn:aws:iam::222222222222:user/a"])).is_err());
    }
}
