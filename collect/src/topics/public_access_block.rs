//! Block Public Access of S3 for the whole account: one call.

use probity_model::facts::AccountPublicAccessBlock;
use probity_model::facts::trail_buckets::PublicAccessBlock;
use probity_model::{Gap, Region, Service};
use serde::Deserialize;

use crate::reader::Reader;

pub(crate) async fn read(reader: &Reader<'_>, region: &Region) -> Result<AccountPublicAccessBlock, Gap> {
    let path = "/v20180820/configuration/publicAccessBlock";
    let control = reader.plain(Service::S3Control, region);
    let call = control.get("GetPublicAccessBlock", path, &[]).root("PublicAccessBlockConfiguration");
    let answer = call.ask_or::<Answer>(&["NoSuchPublicAccessBlockConfiguration"]).await?;
    let settings = answer.ok().map(|answer| PublicAccessBlock {
        block_public_acls: answer.block_public_acls,
        ignore_public_acls: answer.ignore_public_acls,
        block_public_policy: answer.block_public_policy,
        restrict_public_buckets: answer.restrict_public_buckets,
    });
    Ok(AccountPublicAccessBlock { settings })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
#[allow(clippy::struct_excessive_bools, reason = "S3 has these four settings")]
struct Answer {
    // A setting that is left out is off (S3 API Reference, `PublicAccessBlockConfiguration`).
    #[serde(default)]
    block_public_acls: bool,
    #[serde(default)]
    ignore_public_acls: bool,
    #[serde(default)]
    block_public_policy: bool,
    #[serde(default)]
    restrict_public_buckets: bool,
}
