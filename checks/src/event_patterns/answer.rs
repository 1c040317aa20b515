//! What a pattern says of a kind of events.

use alloc::string::String;

/// What a pattern says of a kind of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Match {
    /// It matches every event of the kind.
    All,
    /// It matches none.
    None,
    /// It matches some and leaves out others, by this field.
    Some(String),
    /// It holds something that is not understood here, so nobody can say.
    Unclear(String),
}

impl Match {
    /// Yes or no.
    pub(super) fn of(matches: bool) -> Self {
        if matches { Self::All } else { Self::None }
    }

    /// Every part has to match. What leaves out some events leaves them out whatever the other parts say.
    pub(super) fn all(parts: impl Iterator<Item = Self>) -> Self {
        let weight = |answer: &Self| match answer {
            Self::All => 0,
            Self::Unclear(_) => 1,
            Self::Some(_) => 2,
            Self::None => 3,
        };
        parts.fold(Self::All, |worst, part| if weight(&part) > weight(&worst) { part } else { worst })
    }

    /// One part has to match. What is not understood may match everything that the other parts leave out.
    pub(super) fn any(parts: impl Iterator<Item = Self>) -> Self {
        let weight = |answer: &Self| match answer {
            Self::None => 0,
            Self::Some(_) => 1,
            Self::Unclear(_) => 2,
            Self::All => 3,
        };
        parts.fold(Self::None, |best, part| if weight(&part) > weight(&best) { part } else { best })
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::ToOwned;

    use super::Match::{self, All, None};

    fn some() -> Match {
        Match::Some("$.awsRegion".to_owned())
    }

    fn unclear() -> Match {
        Match::Unclear("a regular expression".to_owned())
    }

    #[test]
    fn a_conjunction_is_as_narrow_as_its_narrowest_part() {
        for (parts, whole) in [
            ([All, All], All),
            ([All, some()], some()),
            ([unclear(), some()], some()),
            ([unclear(), All], unclear()),
            ([some(), None], None),
        ] {
            assert_eq!(Match::all(parts.clone().into_iter()), whole);
            assert_eq!(Match::all(parts.into_iter().rev()), whole);
        }
    }

    #[test]
    fn an_alternative_is_as_wide_as_its_widest_part() {
        for (parts, whole) in
            [([None, None], None), ([None, some()], some()), ([unclear(), some()], unclear()), ([unclear(), All], All)]
        {
            assert_eq!(Match::any(parts.clone().into_iter()), whole);
            assert_eq!(Match::any(parts.into_iter().rev()), whole);
        }
    }
}
