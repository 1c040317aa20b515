"""Users, groups, roles, policies and the rest of an account's IAM."""

from moto.iam.models import (
    AccountPasswordPolicy,
    Group,
    InstanceProfile,
    ManagedPolicy,
    OpenIDConnectProvider,
    PolicyVersion,
    Role,
    SAMLProvider,
    VirtualMfaDevice,
)

from .. import identifiers
from ..clock import naive
from .attachments import attach_all
from .certificates import add_server_certificate
from .documents import document, trust_document
from .users import add_user


def seed_iam(world, account: str, description: dict) -> None:
    """Fills an account's IAM from its description."""
    iam = world.moto.iam(account)
    if "alias" in description:
        iam.account_aliases = [description["alias"]]
    if "password_policy" in description:
        iam.account_password_policy = _password_policy(description["password_policy"])
    for name, policy in description.get("policies", {}).items():
        _add_policy(world, iam, name, policy)
    for name, group in description.get("groups", {}).items():
        _add_group(world, iam, name, group)
    for name, role in description.get("roles", {}).items():
        _add_role(world, iam, name, role)
    for name, user in description.get("users", {}).items():
        add_user(world, iam, name, user)
    for name, certificate in description.get("server_certificates", {}).items():
        add_server_certificate(world, iam, name, certificate)
    for url, provider in description.get("oidc_providers", {}).items():
        _add_oidc_provider(world, iam, url, provider)
    for name, provider in description.get("saml_providers", {}).items():
        _add_saml_provider(world, iam, name, provider)
    _add_root_devices(world, iam, account, description.get("root", {}))


def _password_policy(words: dict) -> AccountPasswordPolicy:
    return AccountPasswordPolicy(
        allow_change_password=words.get("users_may_change", True),
        hard_expiry=words.get("hard_expiry", False),
        max_password_age=words.get("max_age_days", 0),
        minimum_password_length=words.get("min_length", 6),
        password_reuse_prevention=words.get("remembered"),
        require_lowercase_characters="lower" in words.get("classes", []),
        require_numbers="number" in words.get("classes", []),
        require_symbols="symbol" in words.get("classes", []),
        require_uppercase_characters="upper" in words.get("classes", []),
    )


def _add_policy(world, iam, name: str, words: dict) -> None:
    versions = words.get("versions") or [{"document": words["document"]}]
    created = naive(world.clock.at(words.get("created", "300 days ago")))
    policy = ManagedPolicy(
        name,
        account_id=iam.account_id,
        region=world.home_region,
        description=words.get("description"),
        document=document(versions[0]["document"]),
        path=words.get("path", "/"),
        create_date=created,
        tags={key: {"Key": key, "Value": value} for key, value in words.get("tags", {}).items()},
    )
    policy.id = identifiers.unique_id("ANPA", iam.account_id, name)
    policy.versions[0].create_date = created
    for number, version in enumerate(versions[1:], start=2):
        policy.versions.append(_version(world, policy, number, version, created))
    default = words.get("default_version", f"v{len(versions)}")
    for version in policy.versions:
        version.is_default = version.version_id == default
    policy.default_version_id = default
    policy.next_version_num = len(versions) + 1
    policy.update_date = max(version.create_date for version in policy.versions)
    iam.managed_policies[policy.arn] = policy


def _version(world, policy, number: int, words: dict, created):
    at = naive(world.clock.at(words["created"])) if "created" in words else created
    return PolicyVersion(policy.arn, document(words["document"]), False, f"v{number}", at)


def _add_group(world, iam, name: str, words: dict) -> None:
    group = Group(iam.account_id, world.home_region, name, words.get("path", "/"))
    group.id = identifiers.unique_id("AGPA", iam.account_id, name)
    group.create_date = naive(world.clock.at(words.get("created", "300 days ago")))
    iam.groups[name] = group
    attach_all(iam, group, words)


def _add_role(world, iam, name: str, words: dict) -> None:
    role = Role(
        iam.account_id,
        world.partition,
        identifiers.unique_id("AROA", iam.account_id, name),
        name,
        trust_document(world.partition, words["trust"]),
        words.get("path", "/"),
        None,
        words.get("description", ""),
        [{"Key": key, "Value": value} for key, value in words.get("tags", {}).items()],
        str(words.get("max_session_seconds", 3600)),
    )
    role.create_date = naive(world.clock.at(words.get("created", "300 days ago")))
    if "last_used" in words:
        role.last_used = naive(world.clock.at(words["last_used"]))
        role.last_used_region = words.get("last_used_region", world.home_region)
    iam.roles[role.id] = role
    attach_all(iam, role, words)
    role.last_accessed = words.get("last_accessed", {})
    if words.get("instance_profile"):
        profile = InstanceProfile(
            iam.account_id,
            world.home_region,
            identifiers.unique_id("AIPA", iam.account_id, name),
            name,
            words.get("path", "/"),
            [role],
        )
        profile.create_date = role.create_date
        iam.instance_profiles[name] = profile


def _add_oidc_provider(world, iam, url: str, words: dict) -> None:
    thumbprints = words.get("thumbprints", ["6938fd4d98bab03faadb97b34396831e3780aea1"])
    provider = OpenIDConnectProvider(
        iam.account_id, world.home_region, f"https://{url}", thumbprints, words["clients"], {}
    )
    provider.create_date = naive(world.clock.at(words.get("created", "300 days ago")))
    iam.open_id_providers[provider.arn] = provider


def _add_saml_provider(world, iam, name: str, words: dict) -> None:
    metadata = f'<EntityDescriptor entityID="https://{name.lower()}.example.com/saml"/>'
    provider = SAMLProvider(iam.account_id, world.home_region, name, metadata)
    provider.create_date = naive(world.clock.at(words.get("created", "300 days ago")))
    provider.valid_until = naive(world.clock.at(words.get("valid_until", "in 3000 days")))
    iam.saml_providers[provider.arn] = provider


def _add_root_devices(world, iam, account: str, root: dict) -> None:
    """The root user's virtual MFA devices, which no API can assign."""
    for number, device in enumerate(root.get("mfa", [])):
        if device.get("kind") != "virtual":
            continue
        name = device.get("name", "root-account-mfa-device" if number == 0 else f"root-device-{number + 1}")
        record = VirtualMfaDevice(account, world.home_region, f"/{name}")
        record.enable_date = naive(world.clock.at(device.get("enabled", "300 days ago")))
        # As AWS shows it: no name, no path.
        record.user_attribute = {
            "UserId": account,
            "Arn": world.arn("iam", account, "root"),
            "CreateDate": naive(world.clock.at(world.account(account).get("created", "1500 days ago"))),
        }
        iam.virtual_mfa_devices[record.serial_number] = record
