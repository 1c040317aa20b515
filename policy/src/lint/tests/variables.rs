//! Policy variables.

use super::allow;

fn on(resource: &str) -> String {
    allow(&format!(r#""Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/{resource}""#))
}

fn asks(condition: &str) -> String {
    allow(&format!(r#""Action": "s3:GetObject", "Resource": "*", "Condition": {condition}"#))
}

cases! {
    missing_brace: "MISSING_BRACE_IN_VARIABLE", Identity, on("${aws:username"), on("${aws:username}");
    missing_quote: "MISSING_QUOTE_IN_VARIABLE", Identity, on("${aws:username, x'}"), on("${aws:username, 'x'}");
    unsupported_space: "UNSUPPORTED_SPACE_IN_VARIABLE", Identity, on("${aws: username}"), on("${aws:username,  'x y'}");
    empty_variable: "EMPTY_VARIABLE", Identity, on("${}"), on("${*}");
    in_element: "VARIABLE_UNSUPPORTED_IN_ELEMENT", Identity, allow(r#""Action": "s3:${aws:username}", "Resource": "*""#), on("${aws:username}");
    in_version: "VARIABLE_UNSUPPORTED_IN_VERSION", Identity,
        format!(r#"#{{"Version": "2008-10-17", "Statement": {}}}"#, on("${aws:username}")), on("${aws:username}");
    for_operator: "INVALID_VARIABLE_FOR_OPERATOR", Identity,
        asks(r#"{"Bool": {"aws:ViaAWSService": "${aws:x}"}}"#), asks(r#"{"StringLike": {"s3:prefix": "${aws:username}"}}"#);
}
