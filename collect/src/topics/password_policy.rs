//! The password policy. That there is none is an answer: AWS applies its default then.

use probity_model::facts::PasswordPolicy;
use probity_model::facts::password_policy::PasswordRules;
use probity_model::{Gap, Service};

use crate::reader::{Reader, operation, required};

pub(crate) async fn read(reader: &Reader<'_>) -> Result<PasswordPolicy, Gap> {
    let get = operation(Service::Iam, "GetAccountPasswordPolicy");
    let call = reader.clients.iam().get_account_password_policy().send();
    let Ok(answer) = reader.ask_or(get, &["NoSuchEntity"], call).await? else {
        return Ok(PasswordPolicy::AwsDefault);
    };
    let policy = required(get, "PasswordPolicy", answer.password_policy)?;
    let number = |value: Option<i32>| value.and_then(|value| u32::try_from(value).ok());
    Ok(PasswordPolicy::Custom(PasswordRules {
        minimum_length: number(policy.minimum_password_length),
        require_uppercase: policy.require_uppercase_characters,
        require_lowercase: policy.require_lowercase_characters,
        require_numbers: policy.require_numbers,
        require_symbols: policy.require_symbols,
        allow_users_to_change: policy.allow_users_to_change_password,
        expire: policy.expire_passwords,
        maximum_age_days: number(policy.max_password_age),
        reuse_prevention: number(policy.password_reuse_prevention),
        hard_expiry: policy.hard_expiry,
    }))
}
