"""AWS managed policies, from the copy that moto ships. Only those that a scenario uses are put into an account:
all 1,500 of them cost seconds at the start and are of no use to anybody."""

import json
from datetime import datetime
from functools import lru_cache

from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy

from .. import identifiers
from ..scenario import ScenarioError


@lru_cache(None)
def _all() -> dict:
    return json.loads(aws_managed_policies_data)


def aws_managed_policy(iam, name: str) -> AWSManagedPolicy:
    """The AWS managed policy of that name, in an account (moto's `IAMBackend`)."""
    data = _all().get(name)
    if data is None:
        raise ScenarioError(f"there is no AWS managed policy {name!r}, and no policy of the account has that name")
    policy = AWSManagedPolicy.from_data(name, iam.account_id, iam.region_name, data)
    if policy.arn in iam.managed_policies:
        return iam.managed_policies[policy.arn]
    policy.id = identifiers.unique_id("ANPA", "aws", name)
    policy.create_date = datetime.fromisoformat(data["CreateDate"])
    iam.managed_policies[policy.arn] = policy
    return policy
