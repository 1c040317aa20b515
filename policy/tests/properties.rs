//! What holds of every policy and every question.
//!
//! Questions and policies are random, over a small alphabet (`reference/worlds.rs`); the answers are held against each
//! other, and against an evaluator that is slow and obvious (`reference/mod.rs`).

#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests")]

mod reference;

use probity_policy::{Context, Decision, Document, DocumentKind, Pattern, Resources, Target, Truth, lint};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use reference::engine::{self, Engine};
use reference::{World, focused, text, worlds};
use serde_json::Value;
use std::collections::BTreeMap;

/// How far an answer goes: not at all, perhaps, for sure.
fn reach(decision: Decision) -> u8 {
    match decision {
        Decision::ExplicitlyDenied | Decision::ImplicitlyDenied => 0,
        Decision::AllowedIf => 1,
        Decision::Allowed => 2,
    }
}

/// Whether what is said without knowing everything is still said by someone who does.
fn stands(before: Decision, after: Decision) -> bool {
    match before {
        Decision::AllowedIf => true,
        Decision::Allowed => after == Decision::Allowed,
        Decision::ExplicitlyDenied => after == Decision::ExplicitlyDenied,
        // A Deny that may or may not apply adds nothing where nothing allows: it is not told.
        Decision::ImplicitlyDenied => reach(after) == 0,
    }
}

/// The policies of a world, in one row: those of the caller, of the resource, of the organization.
fn policies(world: &mut World) -> Vec<&mut Value> {
    let World { identity, boundary, session, own, service_control, resource_control, .. } = world;
    let organization = service_control.iter_mut().chain(resource_control).flatten();
    identity.iter_mut().chain(boundary).chain(session.iter_mut().flatten()).chain(own).chain(organization).collect()
}

/// Another order of the same things: from the back, beginning elsewhere.
fn reorder<T>(things: &mut [T], turn: usize) {
    if !things.is_empty() {
        things.reverse();
        let length = things.len();
        things.rotate_left(turn % length);
    }
}

/// A way to ask: of one resource or of several, knowing all of the request or some.
fn asked() -> impl Strategy<Value = (Option<&'static str>, Option<BTreeMap<String, bool>>)> {
    (prop::option::of(select(worlds::RESOURCE_PATTERNS)), prop::option::of(worlds::ignorance()))
}

fn ask(world: &World, (pattern, ignorance): &(Option<&str>, Option<BTreeMap<String, bool>>)) -> Decision {
    let context = ignorance.as_ref().map_or_else(|| engine::complete(world), |known| engine::partial(world, known));
    let target = pattern.map_or(Target::One(&world.resource), Target::Matching);
    Engine::of(world).decide(world, target, &context)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn the_engine_agrees_with_the_reference(world in worlds::world()) {
        prop_assert_eq!(engine::decide(&world), engine::in_its_words(world.judge()));
    }

    #[test]
    fn one_condition_decides_as_in_the_reference(world in focused::conditional()) {
        prop_assert_eq!(engine::decide(&world), engine::in_its_words(world.judge()));
    }

    #[test]
    fn whom_a_resource_names_decides_as_in_the_reference(world in focused::named()) {
        prop_assert_eq!(engine::decide(&world), engine::in_its_words(world.judge()));
    }

    #[test]
    fn order_changes_no_answer(world in worlds::world(), asked in asked(), turn in 0_usize..6) {
        let mut other = world.clone();
        for policy in policies(&mut other) {
            if let Value::Array(statements) = &mut policy["Statement"] {
                reorder(statements, turn);
            }
        }
        reorder(&mut other.identity, turn);
        other.session.iter_mut().chain(&mut other.service_control).for_each(|level| reorder(level, turn));
        reorder(&mut other.service_control, turn);
        prop_assert_eq!(ask(&world, &asked), ask(&other, &asked));
    }

    #[test]
    fn a_deny_more_never_allows(
        world in worlds::world(), asked in asked(), deny in worlds::addition("Deny"), where_to in any::<Index>()
    ) {
        let mut other = world.clone();
        let mut lists: Vec<&mut Vec<Value>> = vec![&mut other.identity];
        lists.extend(other.session.iter_mut().chain(&mut other.service_control).chain(&mut other.resource_control));
        let count = lists.len();
        lists[where_to.index(count)].push(deny);
        let (before, after) = (ask(&world, &asked), ask(&other, &asked));
        prop_assert!(reach(after) <= reach(before), "{before:?}, and then {after:?}");
    }

    #[test]
    fn an_allow_more_never_denies(world in worlds::world(), asked in asked(), allow in worlds::addition("Allow")) {
        let mut other = world.clone();
        other.identity.push(allow);
        let (before, after) = (ask(&world, &asked), ask(&other, &asked));
        prop_assert!(reach(after) >= reach(before), "{before:?}, and then {after:?}");
        prop_assert_eq!(after == Decision::ExplicitlyDenied, before == Decision::ExplicitlyDenied);
    }

    #[test]
    fn what_is_said_without_the_keys_still_holds_with_them(world in worlds::world(), known in worlds::ignorance()) {
        let before = ask(&world, &(None, Some(known)));
        let after = engine::decide(&world);
        prop_assert!(stands(before, after), "{before:?}, and then {after:?}");
    }

    #[test]
    fn what_is_said_without_a_policy_still_holds_with_it(world in worlds::world(), which in any::<Index>()) {
        let mut unread = world.clone();
        let mut all = policies(&mut unread);
        if !all.is_empty() {
            let count = all.len();
            *all[which.index(count)] = Value::Null;
        }
        let (before, after) = (engine::decide(&unread), engine::decide(&world));
        prop_assert!(stands(before, after), "{before:?}, and then {after:?}");
    }

    #[test]
    fn what_is_said_of_several_resources_holds_of_each(world in worlds::world(), pattern in select(worlds::RESOURCE_PATTERNS)) {
        let pieces = text::pieces(pattern, true, false, &BTreeMap::new()).expect("no variables");
        let account = world.account_of_resource().map(str::to_owned);
        let world = World { resource_account: account, ..world };
        let before = ask(&world, &(Some(pattern), None));
        for resource in worlds::RESOURCES.iter().filter(|resource| **resource != "*" && text::arn(&pieces, resource)) {
            let one = World { resource: (*resource).to_owned(), ..world.clone() };
            let after = engine::decide(&one);
            prop_assert!(stands(before, after), "{before:?} of {pattern}, and then {after:?} of {resource}");
        }
    }

    #[test]
    fn reading_and_linting_end(text in ".{0,200}") {
        let _ = Document::parse(&text);
        let _ = lint(&text, DocumentKind::guess(&text));
    }

    #[test]
    fn reading_and_linting_a_spoiled_document_end(
        mut world in worlds::world(), at in any::<Index>(), length in 0_usize..12, instead in ".{0,3}"
    ) {
        for policy in policies(&mut world) {
            let mut text: Vec<char> = policy.to_string().chars().collect();
            let start = at.index(text.len());
            let end = (start + length).min(text.len());
            text.splice(start..end, instead.chars());
            let text: String = text.into_iter().collect();
            let _ = Document::parse(&text);
            let _ = lint(&text, DocumentKind::guess(&text));
        }
    }

    #[test]
    fn a_pattern_matches_what_trying_everything_finds(pattern in "[ab:é*?]{0,8}", found in "[abAé:]{0,8}") {
        let pieces = text::pieces(&pattern, true, false, &BTreeMap::new()).expect("no variables");
        prop_assert_eq!(Pattern::new(&pattern).matches(&found), text::like(&pieces, &found));
        prop_assert_eq!(Pattern::new(&pattern).matches_action(&found), text::action(&pattern, &found));
    }

    #[test]
    fn a_pattern_matches_an_arn_segment_by_segment(
        pattern in vec(select(&["*", "*", "a", "", "?", "*a", "a*"][..]), 1..=7),
        found in vec(select(&["a", "a", "", "aa"][..]), 1..=8)
    ) {
        let (pattern, found) = (pattern.join(":"), found.join(":"));
        let pieces = text::pieces(&pattern, true, false, &BTreeMap::new()).expect("no variables");
        let expected = text::resource(&pieces, &found);
        prop_assert_eq!(Pattern::new(&pattern).matches_arn(&found), expected);
        let resources = Resources::Only(vec![Pattern::new(&pattern)]);
        prop_assert_eq!(resources.cover(Target::One(&found), &Context::complete(), true), Truth::from(expected));
    }

    #[test]
    fn patterns_overlap_if_a_text_matches_both(left in "[ab*?]{0,6}", right in "[ab*?]{0,6}", found in "[ab]{0,6}") {
        let (left, right) = (Pattern::new(left), Pattern::new(right));
        if left.matches(&found) && right.matches(&found) {
            prop_assert!(left.overlaps(&right));
        }
        prop_assert_eq!(left.overlaps(&right), right.overlaps(&left));
    }
}

/// The properties say nothing if every question is answered alike.
#[test]
fn the_questions_have_every_answer() {
    let mut runner = TestRunner::deterministic();
    let mut answers: BTreeMap<reference::Verdict, usize> = BTreeMap::new();
    for _ in 0..1_000 {
        let world = worlds::world().new_tree(&mut runner).expect("a world").current();
        *answers.entry(world.judge()).or_default() += 1;
    }
    assert_eq!(answers.len(), 3, "{answers:?}");
    assert!(answers.values().all(|&count| count >= 90), "{answers:?}");
}
