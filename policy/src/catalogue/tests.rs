//! Tests of the embedded catalogue against facts that AWS documents and does not change.

use super::*;

fn matching(pattern: &str) -> Vec<String> {
    Catalogue::get().matching(&Pattern::new(pattern)).map(Action::full_name).collect()
}

#[test]
fn it_knows_its_day_and_its_sources() {
    let date = Catalogue::get().date();
    assert!(date.len() == 10 && date > "2026", "{date}");
    assert!(Catalogue::get().sources().iter().any(|source| source.contains("iam-data")));
}

#[test]
fn an_action_tells_what_it_does_and_on_what() {
    let action = Catalogue::get().action("S3", "getobject").expect("an action");
    assert_eq!(action.full_name(), "s3:GetObject");
    assert_eq!(action.levels(), [AccessLevel::Read]);
    assert!(action.resource_types().any(|(name, _)| name == "object"));
    assert!(action.has_key("s3:ExistingObjectTag/team"));
    assert!(!action.has_key("s3:prefix"));
}

#[test]
fn what_does_not_exist_is_not_found() {
    assert!(Catalogue::get().service("s33").is_none());
    assert!(Catalogue::get().action("s3", "GetObjekt").is_none());
    assert!(Catalogue::get().action("s33", "GetObject").is_none());
    assert!(Catalogue::get().global_key("aws:Colour").is_none());
}

#[test]
fn running_an_instance_needs_to_pass_a_role() {
    let action = Catalogue::get().action("ec2", "RunInstances").expect("an action");
    assert!(action.dependent_actions().iter().any(|name| name == "iam:PassRole"));
    assert!(action.resource_types().any(|kind| kind == ("instance", true)));
}

#[test]
fn wildcards_expand_to_actions() {
    assert_eq!(matching("sts:GetCaller*"), ["sts:GetCallerIdentity"]);
    assert_eq!(matching("STS:getcalleridentity"), ["sts:GetCallerIdentity"]);
    assert_eq!(matching("iam:?assRole"), ["iam:PassRole"]);
    for nothing in ["s3", "s3*", "s3:GetObjekt*", "", ":*"] {
        assert!(matching(nothing).is_empty(), "{nothing}");
    }
    let all = matching("*").len();
    assert!(all > 20_000, "{all}");
    assert_eq!(matching("*:*").len(), all);
    assert!(matching("s3*:*").iter().any(|name| name.starts_with("s3express:")));
}

#[test]
fn every_action_of_the_catalogue_is_found_by_its_name() {
    let catalogue = Catalogue::get();
    for action in catalogue.services().flat_map(Service::actions) {
        let found = catalogue.action(action.prefix(), &action.name().to_uppercase());
        assert!(found.is_some_and(|found| found.name() == action.name()), "{}", action.full_name());
    }
}

#[test]
fn keys_have_types() {
    let catalogue = Catalogue::get();
    let type_of = |name: &str| catalogue.key(name).map(|key| (key.value(), key.is_multivalued()));
    assert_eq!(type_of("aws:SourceIp"), Some((KeyType::IpAddress, false)));
    assert_eq!(type_of("aws:PrincipalTag/team"), Some((KeyType::Text, false)));
    assert_eq!(type_of("aws:TagKeys"), Some((KeyType::Text, true)));
    assert_eq!(type_of("s3:max-keys"), Some((KeyType::Number, false)));
    assert_eq!(type_of("aws:Colour"), None);
}

#[test]
fn the_overrides_are_on_top() {
    assert!(Catalogue::get().key("token.actions.githubusercontent.com:sub").is_some());
}

#[test]
fn resource_control_policies_reach_some_services() {
    assert!(Catalogue::get().has_resource_control("s3"));
    assert!(!Catalogue::get().has_resource_control("ec2"));
}

#[test]
fn a_kind_of_resource_has_a_form() {
    let kind = Catalogue::get().service("s3").and_then(|service| service.resource_type("object")).expect("a kind");
    assert_eq!(kind.format(), "arn:*:s3:::*/*");
    assert!(Pattern::new("arn:aws:s3:::bucket/key").can_name(&kind.format()));
    assert!(!Pattern::new("arn:aws:s3:::bucket").can_name(&kind.format()));
}
