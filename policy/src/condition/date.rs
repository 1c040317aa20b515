//! The dates of date operators: ISO 8601, or seconds since 1970.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// Reads a date; `None` for anything else, which then matches nothing. Without an offset it is UTC.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    if let Ok(seconds) = text.parse() {
        return Timestamp::from_second(seconds).ok();
    }
    let utc = |date_time: DateTime| TimeZone::UTC.to_timestamp(date_time).ok();
    if let Ok(timestamp) = text.parse() {
        return Some(timestamp);
    }
    // jiff reads the date out of a text that goes on with a time zone it cannot read; a `T` must have led to a time.
    if text.contains(['T', 't']) {
        return text.parse().ok().and_then(utc);
    }
    text.parse::<Date>().ok().map(DateTime::from).and_then(utc)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_the_same_moment() {
        let moment = parse("2017-07-01T00:00:00Z").expect("a date");
        for text in ["2017-07-01", "2017-07-01T00:00:00", "2017-07-01T02:00:00+02:00", "1498867200", "20170701T000000Z"]
        {
            assert_eq!(parse(text), Some(moment), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_told() {
        for text in ["", "x", "2017-13-01", "2017-07-01Tx", "9223372036854775807", "99999999999999999999"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
