//! What each operator says of a request, rule by rule.

use crate::Truth::{No, Unknown, Yes};
use crate::{Condition, Context, Position, Truth};

fn condition(operator: &str, key: &str, values: &[&str]) -> Condition {
    Condition {
        operator: operator.into(),
        key: key.into(),
        values: values.iter().map(ToString::to_string).collect(),
        position: Position::default(),
    }
}

/// Asks about the key `k`, which has one value.
fn one(operator: &str, wanted: &[&str], value: &str) -> Truth {
    condition(operator, "k", wanted).holds(&Context::complete().with("k", value), true)
}

/// Asks about the key `k`, which is absent.
fn absent(operator: &str, wanted: &[&str]) -> Truth {
    condition(operator, "k", wanted).holds(&Context::complete(), true)
}

/// Asks about the key `k`, which has several values.
fn several(operator: &str, wanted: &[&str], values: &[&str]) -> Truth {
    let mut context = Context::complete();
    context.set("k", values.iter().copied());
    condition(operator, "k", wanted).holds(&context, true)
}

#[test]
fn strings_regard_case_unless_told_otherwise() {
    assert_eq!(one("StringEquals", &["Admin"], "Admin"), Yes);
    assert_eq!(one("StringEquals", &["Admin"], "admin"), No);
    assert_eq!(one("StringEqualsIgnoreCase", &["Admin"], "aDMIN"), Yes);
    assert_eq!(one("StringNotEqualsIgnoreCase", &["Admin"], "admin"), No);
}

#[test]
fn only_like_knows_wildcards() {
    assert_eq!(one("StringEquals", &["a*"], "abc"), No);
    assert_eq!(one("StringEquals", &["a*"], "a*"), Yes);
    assert_eq!(one("StringLike", &["home/?ob/*"], "home/Bob/x/y:z"), Yes);
    assert_eq!(one("StringNotLike", &["a*"], "abc"), No);
}

#[test]
fn values_are_alternatives_and_a_negation_excludes_each() {
    assert_eq!(one("StringEquals", &["a", "b"], "b"), Yes);
    assert_eq!(one("StringNotEquals", &["a", "b"], "b"), No);
    assert_eq!(one("StringNotEquals", &["a", "b"], "c"), Yes);
}

#[test]
fn arns_are_compared_by_segment() {
    let pattern = ["arn:aws:x:*:111122223333:finance/*"];
    let value = "arn:aws:x:us-east-2:444455556666:store/abc:111122223333:finance/document";
    assert_eq!(one("StringLike", &pattern, value), Yes);
    for operator in ["ArnLike", "ArnEquals"] {
        assert_eq!(one(operator, &pattern, value), No, "{operator}");
        assert_eq!(one(operator, &pattern, "arn:aws:x:us-east-2:111122223333:finance/a:b"), Yes, "{operator}");
    }
    assert_eq!(one("ArnNotEquals", &pattern, value), Yes);
}

#[test]
fn numbers_and_dates_compare_the_request_with_the_document() {
    assert_eq!(one("NumericLessThan", &["10"], "9"), Yes);
    assert_eq!(one("NumericLessThan", &["10"], "10"), No);
    assert_eq!(one("NumericLessThanEquals", &["10"], "10.0"), Yes);
    assert_eq!(one("NumericGreaterThanEquals", &["10"], "9"), No);
    assert_eq!(one("NumericNotEquals", &["10"], "9"), Yes);
    assert_eq!(one("DateGreaterThan", &["2020-01-01T00:00:00Z"], "2021-01-01T00:00:00Z"), Yes);
    assert_eq!(one("DateLessThan", &["2020-01-01T00:00:00Z"], "1600000000"), No);
}

#[test]
fn what_cannot_be_read_matches_nothing() {
    assert_eq!(one("NumericEquals", &["x"], "x"), No);
    assert_eq!(one("DateEquals", &["x"], "x"), No);
    assert_eq!(one("IpAddress", &["x"], "x"), No);
    assert_eq!(one("Bool", &["x"], "x"), No);
    assert_eq!(one("NotIpAddress", &["10.0.0.0/8"], "x"), Yes);
}

#[test]
fn booleans_disregard_case() {
    assert_eq!(one("Bool", &["true"], "True"), Yes);
    assert_eq!(one("Bool", &["false"], "true"), No);
}

#[test]
fn addresses_lie_in_networks() {
    assert_eq!(one("IpAddress", &["10.0.0.0/8", "192.0.2.1"], "192.0.2.1"), Yes);
    assert_eq!(one("NotIpAddress", &["10.0.0.0/8"], "10.1.2.3"), No);
    assert_eq!(one("IpAddress", &["::/0"], "10.1.2.3"), No);
}

#[test]
fn binary_disregards_padding() {
    assert_eq!(one("BinaryEquals", &["QQ=="], "QQ"), Yes);
    assert_eq!(one("BinaryEquals", &["QQ=="], "Qg=="), No);
}

#[test]
fn an_absent_key_fails_what_is_positive_and_passes_what_is_negated() {
    for operator in ["StringEquals", "StringLike", "ArnLike", "NumericLessThan", "DateEquals", "Bool", "IpAddress"] {
        assert_eq!(absent(operator, &["1"]), No, "{operator}");
        assert_eq!(absent(&format!("{operator}IfExists"), &["1"]), Yes, "{operator}IfExists");
    }
    for operator in
        ["StringNotEquals", "StringNotLike", "ArnNotLike", "NumericNotEquals", "DateNotEquals", "NotIpAddress"]
    {
        assert_eq!(absent(operator, &["1"]), Yes, "{operator}");
    }
}

#[test]
fn if_exists_changes_nothing_where_the_key_is_present() {
    assert_eq!(one("StringLikeIfExists", &["t2.*"], "c5.large"), No);
    assert_eq!(one("StringLikeIfExists", &["t2.*"], "t2.micro"), Yes);
}

#[test]
fn a_missing_second_factor_escapes_a_plain_bool() {
    assert_eq!(absent("Bool", &["false"]), No);
    assert_eq!(absent("BoolIfExists", &["false"]), Yes);
}

#[test]
fn null_asks_whether_the_key_is_absent() {
    assert_eq!(absent("Null", &["true"]), Yes);
    assert_eq!(absent("Null", &["false"]), No);
    assert_eq!(one("Null", &["true"], "x"), No);
    assert_eq!(one("Null", &["false"], "x"), Yes);
    assert_eq!(condition("Null", "k", &["true"]).holds(&Context::partial(), true), Unknown);
}

#[test]
fn for_all_values_wants_every_value_and_passes_none() {
    let operator = "ForAllValues:StringEquals";
    assert_eq!(several(operator, &["a", "b"], &["a", "b"]), Yes);
    assert_eq!(several(operator, &["a", "b"], &["a", "c"]), No);
    assert_eq!(several("ForAllValues:StringNotEquals", &["a"], &["b", "a"]), No);
    assert_eq!(absent(operator, &["a"]), Yes);
    assert_eq!(one(operator, &["a"], ""), Yes, "an empty text is an empty set");
}

#[test]
fn for_any_value_wants_one_value_and_fails_none() {
    let operator = "ForAnyValue:StringEquals";
    assert_eq!(several(operator, &["a", "b"], &["c", "b"]), Yes);
    assert_eq!(several(operator, &["a", "b"], &["c", "d"]), No);
    assert_eq!(several("ForAnyValue:StringNotEquals", &["a"], &["a", "b"]), Yes);
    assert_eq!(absent(operator, &["a"]), No);
    assert_eq!(absent("ForAnyValue:StringNotEquals", &["a"]), No);
}

#[test]
fn several_values_without_a_qualifier_leave_the_answer_open() {
    assert_eq!(several("StringEquals", &["a"], &["a", "b"]), Unknown);
}

#[test]
fn an_unknown_key_leaves_the_answer_open() {
    for operator in ["StringEquals", "StringNotEqualsIfExists", "ForAllValues:StringEquals", "Bool", "IpAddress"] {
        assert_eq!(condition(operator, "k", &["true"]).holds(&Context::partial(), true), Unknown, "{operator}");
    }
}

#[test]
fn an_operator_that_iam_does_not_have_leaves_the_answer_open() {
    assert_eq!(one("StringResembles", &["a"], "a"), Unknown);
}

#[test]
fn no_value_in_the_document_makes_the_condition_hold() {
    assert_eq!(one("StringEquals", &[], "a"), Yes);
    assert_eq!(absent("StringEquals", &[]), Yes);
}

#[test]
fn variables_stand_in_strings_and_arns_only() {
    let context = Context::complete().with("k", "red").with("aws:PrincipalTag/team", "red").with("n", "5");
    let wanted = condition("StringEquals", "K", &["${aws:principaltag/Team}"]);
    assert_eq!(wanted.holds(&context, true), Yes);
    assert_eq!(wanted.holds(&context, false), No, "the older version takes it literally");
    assert_eq!(condition("NumericEquals", "n", &["${n}"]).holds(&context, true), No);
}

#[test]
fn a_variable_without_value_equals_nothing() {
    let context = Context::complete().with("k", "red");
    assert_eq!(condition("StringEquals", "k", &["${aws:PrincipalTag/team}"]).holds(&context, true), No);
    assert_eq!(condition("StringNotEquals", "k", &["${aws:PrincipalTag/team}"]).holds(&context, true), Yes);
}
