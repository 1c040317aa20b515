//! The operators that compare texts: strings, ARNs and binary values.

use crate::context::Keys;
use crate::template::{self, Reading, Template, Token};
use crate::truth::Truth;

/// How two texts are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Character by character.
    Exact,
    /// Upper and lower case are the same.
    IgnoringCase,
    /// With wildcards over the whole text.
    Like,
    /// Segment by segment, with wildcards in each.
    Arn,
    /// As base64, whatever its padding.
    Binary,
}

/// The texts of a condition.
#[derive(Clone, Debug)]
pub(crate) struct Texts {
    kind: Kind,
    templates: Vec<Template>,
}

impl Texts {
    pub(crate) fn new(kind: Kind, values: &[String], reading: Reading) -> Texts {
        let prepare = |value: &String| match kind {
            Kind::Binary => Template::new(value.trim_end_matches('='), reading),
            _ => Template::new(value, reading),
        };
        Texts { kind, templates: values.iter().map(prepare).collect() }
    }

    /// Whether a value of the request is one of the texts.
    pub(crate) fn match_value(&self, value: &str, context: &dyn Keys) -> Truth {
        let exact = |left: char, right: char| left == right;
        Truth::any(self.templates.iter().map(|template| {
            template.matches(context, |tokens| match self.kind {
                Kind::Exact | Kind::Like => glob(tokens, value, exact),
                Kind::Binary => glob(tokens, value.trim_end_matches('='), exact),
                Kind::IgnoringCase => glob(tokens, value, |left, right| left.to_lowercase().eq(right.to_lowercase())),
                Kind::Arn => template::matches_arn(tokens, value),
            })
        }))
    }
}

fn glob(tokens: &[Token], value: &str, same: impl Fn(char, char) -> bool) -> bool {
    template::glob(tokens.iter().copied(), value, same)
}
