//! Control policies.

const EVERYONE: &str = r#""Principal": "*", "Action": "s3:*", "Resource": "*""#;

fn deny(members: &str) -> String {
    format!(r#"{{"Effect": "Deny", {members}}}"#)
}

fn unless(conditions: &str) -> String {
    deny(&format!(r#"{EVERYONE}, "Condition": {{{conditions}}}"#))
}

const ORGANIZATION: &str = r#""StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-a"}"#;
const SOURCE: &str = r#""StringNotEqualsIfExists": {"aws:SourceOrgID": "o-a"}"#;
const PEOPLE: &str = r#""BoolIfExists": {"aws:PrincipalIsAWSService": "false"}"#;
const SERVICES: &str = r#""Bool": {"aws:PrincipalIsAWSService": "true"}, "Null": {"aws:SourceAccount": "false"}"#;

cases! {
    scp_principal: "SCP_SYNTAX_ERROR_PRINCIPAL", ServiceControl, deny(EVERYONE), deny(r#""Action": "s3:*", "Resource": "*""#);
    rcp_allow: "RCP_SYNTAX_ERROR_ALLOW", ResourceControl, deny(EVERYONE).replace("Deny", "Allow"), deny(EVERYONE);
    rcp_principal: "RCP_SYNTAX_ERROR_PRINCIPAL", ResourceControl, deny(r#""Principal": {"AWS": "111122223333"}, "Action": "s3:*", "Resource": "*""#), deny(EVERYONE);
    rcp_not_action: "RCP_SYNTAX_ERROR_NOTACTION", ResourceControl, deny(r#""Principal": "*", "NotAction": "s3:*", "Resource": "*""#), deny(EVERYONE);
    rcp_action: "RCP_SYNTAX_ERROR_ACTION", ResourceControl, deny(r#""Principal": "*", "Action": "*", "Resource": "*""#), deny(EVERYONE);
    rcp_people: "RCP_MISSING_RELATED_PRINCIPAL_CONDITION_KEY", ResourceControl, unless(ORGANIZATION), unless(&format!("{ORGANIZATION}, {PEOPLE}"));
    rcp_services: "RCP_MISSING_RELATED_SERVICE_PRINCIPAL_CONDITION_KEY", ResourceControl, unless(SOURCE), unless(&format!("{SOURCE}, {SERVICES}"));
    rcp_null: "RCP_MISSING_SERVICE_CONDITION_KEY_NULL_CHECK", ResourceControl, unless(SOURCE), unless(&format!("{SOURCE}, {SERVICES}"));
}
