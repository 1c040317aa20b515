//! The numbers of numeric operators.

use std::cmp::Ordering;

/// An integer, exactly, or a decimal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Number {
    Whole(i128),
    /// Finite, so that any two can be compared.
    Decimal(f64),
}

impl Number {
    /// Reads a number; `None` for anything else, which then matches nothing.
    pub(crate) fn parse(text: &str) -> Option<Number> {
        let text = text.trim();
        if let Ok(whole) = text.parse() {
            return Some(Number::Whole(whole));
        }
        // `inf` and `NaN` are numbers for Rust only.
        text.parse().ok().filter(|decimal: &f64| decimal.is_finite()).map(Number::Decimal)
    }

    pub(crate) fn compare(&self, other: &Number) -> Ordering {
        match (self, other) {
            (Number::Whole(left), Number::Whole(right)) => left.cmp(right),
            _ => self.decimal().total_cmp(&other.decimal()),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "only beside a decimal, which has no more digits itself")]
    fn decimal(&self) -> f64 {
        // Adding zero makes -0 and 0 the same.
        0.0 + match self {
            Number::Whole(whole) => *whole as f64,
            Number::Decimal(decimal) => *decimal,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compare(left: &str, right: &str) -> Ordering {
        Number::parse(left).expect("a number").compare(&Number::parse(right).expect("a number"))
    }

    #[test]
    fn numbers_are_compared_by_value() {
        assert_eq!(compare("10", "9"), Ordering::Greater);
        assert_eq!(compare("1.50", "1.5"), Ordering::Equal);
        assert_eq!(compare("-0.0", "0"), Ordering::Equal);
        assert_eq!(compare("9007199254740993", "9007199254740992"), Ordering::Greater, "more digits than a float has");
    }

    #[test]
    fn what_is_no_number_is_told() {
        for text in ["", "x", "NaN", "inf", "1,5", "0x10", "1e999"] {
            assert_eq!(Number::parse(text), None, "{text}");
        }
    }
}
