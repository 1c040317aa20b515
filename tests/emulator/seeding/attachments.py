"""What hangs on a principal: managed policies by name, inline policies, a permissions boundary."""

from .aws_managed_policies import aws_managed_policy
from .documents import document


def attach_all(iam, entity, words: dict) -> None:
    """Puts the policies of a description on a user, group or role of moto."""
    for name in words.get("policies", []):
        find_policy(iam, name).attach_to(entity)
    for name, inline in words.get("inline", {}).items():
        entity.policies[name] = document(inline)
    if "boundary" in words:
        # moto's User knows no boundary; under this name its Role does.
        entity.permissions_boundary_arn = find_policy(iam, words["boundary"]).arn


def find_policy(iam, name: str):
    """A policy by its name: one of the account if there is one, else the AWS managed one."""
    for policy in iam.managed_policies.values():
        if policy.name == name and f":{iam.account_id}:" in policy.arn:
            return policy
    return aws_managed_policy(iam, name)
