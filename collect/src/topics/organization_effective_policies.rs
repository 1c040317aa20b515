//! What the policies of each other type amount to for each account: AWS puts them together, since their inheritance has
//! rules of its own.
//!
//! Accounts under the same policies, in the same order from the root down, get the same: one of them is asked about. Where
//! no policy of the type is attached on the way down, there is none, and nobody is asked. Up to [`STANDARD`] calls are made
//! whatever the detail; more of them under `--detail full` only.

use std::collections::BTreeMap;

use aws_sdk_organizations::types::EffectivePolicyType;
use futures_util::future::try_join_all;
use probity_model::facts::organization::{OrganizationPolicy, OrganizationTree};
use probity_model::facts::organization_administration::EffectivePolicy;
use probity_model::facts::{OrganizationEffectivePolicies, OrganizationPolicies, OrganizationStructure};
use probity_model::{AccountId, Gap, Service};

use super::organization_policy_errors::other_types;
use crate::collect::Detail;
use crate::reader::{Reader, document, operation, required};

/// How many calls are made under `--detail standard`.
const STANDARD: usize = 200;
/// No policy of the type reaches the account.
const NOT_FOUND: &str = "EffectivePolicyNotFoundException";

pub(crate) async fn read(
    reader: &Reader<'_>,
    structure: &OrganizationStructure,
    policies: &OrganizationPolicies,
    detail: Detail,
) -> Result<OrganizationEffectivePolicies, Gap> {
    let (OrganizationStructure::Tree(tree), OrganizationPolicies::Policies(policies)) = (structure, policies) else {
        return Ok(OrganizationEffectivePolicies::NoOrganization);
    };
    let groups: Vec<_> = other_types(tree).map(|kind| (kind, grouped(tree, policies, kind))).collect();
    let calls = groups.iter().flat_map(|(_, groups)| groups.keys()).filter(|attached| !attached.is_empty()).count();
    if detail == Detail::Standard && calls > STANDARD {
        return Err(Gap::not_requested(format!(
            "effective policies differ among accounts and types in {calls} ways, and each costs a call; more than {STANDARD} \
             are read only under --detail full"
        )));
    }
    let types = groups.into_iter().map(|(kind, groups)| async move {
        let asked = groups.into_iter().map(|(attached, accounts)| async move {
            let document = match accounts.first().filter(|_| !attached.is_empty()) {
                Some(account) => effective(reader, kind, account).await?,
                None => None,
            };
            Ok::<_, Gap>(EffectivePolicy { accounts, document })
        });
        let mut found = try_join_all(asked).await?;
        found.sort_by(|a, b| a.accounts.cmp(&b.accounts));
        Ok::<_, Gap>((kind.to_owned(), found))
    });
    Ok(OrganizationEffectivePolicies::Types(try_join_all(types).await?.into_iter().collect()))
}

/// The accounts that are in use, by the policies of a type attached to them and above them.
fn grouped<'s>(
    tree: &'s OrganizationTree,
    policies: &'s [OrganizationPolicy],
    kind: &str,
) -> BTreeMap<Vec<&'s str>, Vec<AccountId>> {
    let of_kind: Vec<_> = policies.iter().filter(|policy| policy.kind.api_name() == kind).collect();
    let mut groups: BTreeMap<Vec<&str>, Vec<AccountId>> = BTreeMap::new();
    for account in tree.accounts.iter().filter(|account| account.is_in_use()) {
        let mut attached = Vec::new();
        for level in tree.path_of(&account.id) {
            let here = of_kind.iter().filter(|policy| policy.targets.iter().any(|target| target == level));
            let before = attached.len();
            attached.extend(here.map(|policy| policy.id.as_str()));
            if attached.len() > before {
                // Two policies of one level are put together otherwise than one below the other.
                attached.push("/");
            }
        }
        groups.entry(attached).or_default().push(account.id.clone());
    }
    groups
}

async fn effective(
    reader: &Reader<'_>,
    kind: &str,
    account: &AccountId,
) -> Result<Option<probity_model::facts::authorization::DocumentText>, Gap> {
    let describe = operation(Service::Organizations, "DescribeEffectivePolicy");
    let call = reader.clients.organizations().describe_effective_policy().target_id(account.as_str());
    let call = call.policy_type(EffectivePolicyType::from(kind)).send();
    let Ok(answer) = reader.ask_or(describe, &[NOT_FOUND], call).await? else { return Ok(None) };
    let text = answer.effective_policy.and_then(|policy| policy.policy_content);
    Ok(Some(document(&required(describe, "PolicyContent", text)?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use probity_model::Arn;
    use probity_model::facts::authorization::DocumentText;
    use probity_model::facts::organization::{OrganizationAccount, OrganizationPolicyKind, OrganizationalUnit};

    fn account(id: &str, parent: &str, state: &str) -> OrganizationAccount {
        OrganizationAccount {
            id: AccountId::try_from(id).expect("an id"),
            arn: Arn::new(id),
            name: id.to_owned(),
            state: state.to_owned(),
            parent: parent.to_owned(),
            joined_at: None,
        }
    }

    fn policy(id: &str, targets: &[&str]) -> OrganizationPolicy {
        OrganizationPolicy {
            id: id.to_owned(),
            arn: Arn::new(id),
            name: id.to_owned(),
            kind: OrganizationPolicyKind::Other("TAG_POLICY".to_owned()),
            aws_managed: false,
            document: DocumentText::new("{}"),
            targets: targets.iter().map(|&target| target.to_owned()).collect(),
        }
    }

    #[test]
    fn accounts_under_the_same_policies_are_one_question() {
        let unit = |id: &str| OrganizationalUnit { id: id.into(), name: id.into(), parent: "r-root".into() };
        let tree = OrganizationTree {
            root: "r-root".to_owned(),
            units: [unit("ou-a"), unit("ou-b")].into(),
            accounts: [
                account("111111111111", "r-root", "ACTIVE"),
                account("222222222222", "ou-a", "ACTIVE"),
                account("333333333333", "ou-b", "ACTIVE"),
                account("444444444444", "ou-b", "ACTIVE"),
                account("555555555555", "ou-b", "CLOSED"),
            ]
            .into(),
            ..OrganizationTree::default()
        };
        let grouped_by = |policies: &[OrganizationPolicy]| -> Vec<Vec<String>> {
            let groups = grouped(&tree, policies, "TAG_POLICY");
            groups.values().map(|accounts| accounts.iter().map(|id| id.as_str()[..1].to_owned()).collect()).collect()
        };
        assert_eq!(grouped_by(&[]), [["1", "2", "3", "4"]]);
        assert_eq!(grouped_by(&[policy("p-1", &["ou-b"])]), [vec!["1", "2"], vec!["3", "4"]]);
        let two = [policy("p-1", &["r-root", "444444444444"]), policy("p-2", &["ou-a"])];
        assert_eq!(grouped_by(&two), [vec!["1", "3"], vec!["4"], vec!["2"]]);
        let of_another_type = OrganizationPolicy {
            kind: OrganizationPolicyKind::Other("BACKUP_POLICY".to_owned()),
            ..policy("p-1", &["ou-b"])
        };
        assert_eq!(grouped_by(&[of_another_type]).len(), 1);
        // The same two policies side by side, and one below the other.
        let beside = [policy("p-1", &["ou-a", "ou-b"]), policy("p-2", &["ou-a", "333333333333"])];
        assert_eq!(grouped_by(&beside), [vec!["1"], vec!["4"], vec!["3"], vec!["2"]]);
    }
}
