//! A policy is text that somebody wrote: whatever it is, reading, judging and linting it end, and twice gives the same.
//!
//! The first byte chooses what the lint takes the document for.
#![no_main]

use libfuzzer_sys::fuzz_target;
use probity_policy::{Caller, Context, Decision, DocumentKind, Policies, Policy, Request, Target, lint};

const KINDS: [DocumentKind; 5] = [
    DocumentKind::Identity,
    DocumentKind::Resource,
    DocumentKind::Trust,
    DocumentKind::ServiceControl,
    DocumentKind::ResourceControl,
];

fuzz_target!(|input: (u8, &str)| {
    let (first, text) = input;
    let kind = KINDS[usize::from(first) % KINDS.len()];
    let findings = lint(text, kind);
    assert_eq!(findings, lint(text, kind), "the lint says the same twice");
    assert_eq!(DocumentKind::guess(text), DocumentKind::guess(text));
    let Ok(policy) = Policy::parse("document", text) else { return };
    let caller = Caller::parse("arn:aws:iam::111122223333:user/anna").expect("a user");
    for context in [Context::complete().with("aws:SourceIp", "192.0.2.1"), Context::partial()] {
        for resource in [Target::One("arn:aws:s3:::bucket/key"), Target::One("*"), Target::Matching("arn:aws:s3:::b*")]
        {
            let request = Request {
                caller: &caller,
                action: "s3:GetObject",
                resource,
                resource_account: Some("111122223333"),
                context: &context,
            };
            let alone = [
                Policies { identity: vec![&policy], ..Policies::default() },
                Policies { resource: Some(&policy), ..Policies::default() },
                Policies { boundary: Some(&policy), ..Policies::default() },
            ];
            for policies in &alone {
                assert_eq!(policies.evaluate(&request), policies.evaluate(&request), "the same answer twice");
            }
            let decision = alone[2].evaluate(&request).decision;
            assert!(!matches!(decision, Decision::Allowed | Decision::AllowedIf), "a boundary grants nothing");
        }
    }
});
