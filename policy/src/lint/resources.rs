//! Whether resources are ARNs of a form that exists.

use super::view::{View, Word};
use super::{DocumentKind, Findings};
use crate::caller::is_account;
use crate::catalogue::{Catalogue, Service};
use crate::managed::PARTITIONS;
use crate::pattern::Pattern;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// Services with resources of AWS itself, which have no account.
const OWNED_BY_AWS: [&str; 2] = ["resource-explorer-2", "ssm"];

/// The end of the form of a kind of resource.
struct Form {
    region: Pattern,
    account: Pattern,
    resource: Pattern,
}

pub(super) fn look(view: &View, findings: &mut Findings) {
    // A trust policy has no resources; that is told elsewhere.
    if findings.kind == DocumentKind::Trust {
        return;
    }
    let resources = view.clauses.iter().filter_map(|clause| clause.resources.as_ref());
    for word in resources.flat_map(|resources| &resources.words) {
        look_at(word, findings);
    }
}

fn look_at(word: &Word, findings: &mut Findings) {
    let text = without_variables(&word.text);
    let mut tell = |code, message: String| findings.add(code, &word.place, message);
    // What begins with a variable may be anything.
    if Pattern::new(text.as_str()).is_everything() || word.text.starts_with("${") {
        return;
    }
    if !text.starts_with("arn:") {
        return tell(
            "INVALID_ARN_PREFIX",
            format!("`{}` is neither `*` nor an ARN, which begins with `arn:`.", word.text),
        );
    }
    let fields: Vec<&str> = text.splitn(6, ':').collect();
    let [_, partition, service, region, account, resource] = fields.as_slice() else {
        return tell(
            "MISSING_ARN_FIELD",
            format!("`{}` lacks fields. An ARN is arn:partition:service:region:account:resource.", word.text),
        );
    };
    let partition = Pattern::new(*partition);
    if !PARTITIONS.iter().any(|known| partition.matches(known)) {
        tell("INVALID_PARTITION", format!("There is no partition `{}`. Most are `aws`.", partition.text()));
    }
    if is_open(service) {
        return;
    }
    let lower = service.to_ascii_lowercase();
    let Some(known) = forms().get(&lower) else {
        return tell("INVALID_SERVICE", format!("There is no service `{service}`."));
    };
    if lower != *service {
        return tell("INVALID_ARN_SERVICE_CASE", format!("`{service}` must be written `{lower}` in an ARN."));
    }
    if !is_open(region) && !region.is_empty() && !is_region(region) {
        tell("INVALID_ARN_REGION", format!("`{region}` is no Region."));
    }
    let is_name = known.iter().any(|form| form.account.text() == *account);
    if !is_open(account) && !account.is_empty() && !is_account(account) && !is_name && *account != "aws" {
        tell("INVALID_ARN_ACCOUNT", format!("`{account}` is no account. An account has 12 digits."));
    }
    form(known, [service, region, account, resource], findings, word);
}

/// Tells what a resource has and must not have, or lacks, for its kind.
fn form(known: &[Form], [service, region, account, resource]: [&str; 4], findings: &mut Findings, word: &Word) {
    let mut tell = |code, message: &str| findings.add(code, &word.place, format!("`{}` {message}", word.text));
    let own = Pattern::new(resource);
    let alike: Vec<&Form> = known.iter().filter(|form| form.resource.overlaps(&own)).collect();
    if alike.is_empty() {
        // Elsewhere a pattern may reach kinds that were never published; in IAM there are no others.
        let is_exact = ![region, account, resource].into_iter().any(is_open);
        if !known.is_empty() && (is_exact || service == "iam") {
            tell("INVALID_ARN_RESOURCE", "is of no kind of resource that the service has.");
        }
        return;
    }
    if alike.iter().any(|form| fits(&form.region, region) && fits(&form.account, account)) {
        return;
    }
    if alike.iter().all(|form| !fits(&form.region, region)) {
        if region.is_empty() {
            tell("MISSING_ARN_REGION", "lacks the Region, without which it matches nothing.");
        } else if alike.iter().all(|form| form.region.text().is_empty()) {
            tell("ARN_REGION_NOT_ALLOWED", "names a Region, which such a resource does not have.");
        }
    }
    if alike.iter().all(|form| !fits(&form.account, account)) {
        if account.is_empty() && !OWNED_BY_AWS.contains(&service) {
            tell("MISSING_ARN_ACCOUNT", "lacks the account, without which it matches nothing.");
        } else if !account.is_empty() && alike.iter().all(|form| form.account.text().is_empty()) {
            tell("ARN_ACCOUNT_NOT_ALLOWED", "names an account, which such a resource does not have.");
        }
    }
}

/// Whether a field can be what the form wants. Nothing but asterisks can also be nothing.
fn fits(form: &Pattern, own: &str) -> bool {
    let own = Pattern::new(own);
    own.is_everything() || (form.text().is_empty() == own.text().is_empty() && form.overlaps(&own))
}

fn is_open(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// The text with `*` in place of each variable, so that a colon in a variable's name separates nothing.
pub(super) fn without_variables(text: &str) -> String {
    let mut parts = text.split("${");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| match part.split_once('}') {
        Some((_, after)) => format!("{text}*{after}"),
        None => format!("{text}${{{part}"),
    })
}

/// Whether a text has the form of a Region's name. Forms last longer than lists: `us-east-1`, `us-gov-west-1`.
pub(super) fn is_region(text: &str) -> bool {
    const AREAS: [&str; 13] = ["af", "ap", "ca", "cn", "eu", "eusc", "il", "me", "mx", "sa", "us", "nz", "uk"];
    const MIDDLES: [&str; 6] = ["gov", "iso", "isob", "isoe", "isof", "de"];
    const DIRECTIONS: [&str; 9] =
        ["north", "south", "east", "west", "central", "northeast", "northwest", "southeast", "southwest"];
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.split('-').collect::<Vec<_>>().as_slice() {
        [area, direction, number] => AREAS.contains(area) && DIRECTIONS.contains(direction) && is_number(number),
        [area, middle, direction, number] => {
            AREAS.contains(area) && MIDDLES.contains(middle) && DIRECTIONS.contains(direction) && is_number(number)
        }
        _ => false,
    }
}

/// The forms of all kinds of resources, by the service in their ARNs. A service without resources has an empty list.
fn forms() -> &'static BTreeMap<String, Vec<Form>> {
    static FORMS: OnceLock<BTreeMap<String, Vec<Form>>> = OnceLock::new();
    FORMS.get_or_init(|| {
        let catalogue = Catalogue::get();
        let mut forms: BTreeMap<String, Vec<Form>> =
            catalogue.services().map(|service| (service.prefix().to_owned(), Vec::new())).collect();
        for kind in catalogue.services().flat_map(Service::resource_types) {
            let format = kind.format();
            let mut fields = format.splitn(6, ':').skip(2);
            if let (Some(service), Some(region), Some(account), Some(resource)) =
                (fields.next(), fields.next(), fields.next(), fields.next())
            {
                let (region, account) = (Pattern::new(region), Pattern::new(account));
                let form = Form { region, account, resource: Pattern::new(resource) };
                forms.entry(service.to_owned()).or_default().push(form);
            }
        }
        forms
    })
}
