"""An IAM user with all its credentials."""

from moto.iam.models import (
    AccessKey,
    AccessKeyLastUsed,
    MFADevice,
    SigningCertificate,
    SshPublicKey,
    User,
    VirtualMfaDevice,
)

from .. import identifiers
from ..clock import naive
from ..principals import Principal
from ..scenario import ScenarioError
from .attachments import attach_all


def add_user(world, iam, name: str, words: dict) -> None:
    """Puts a user into an account, with password, keys, devices, groups and policies."""
    user = User(iam.account_id, world.home_region, name, words.get("path", "/"))
    user.id = identifiers.unique_id("AIDA", iam.account_id, name)
    user.create_date = naive(world.clock.at(words.get("created", "300 days ago")))
    iam.users[name] = user
    _set_password(world, user, words.get("password"))
    for number, key in enumerate(words.get("access_keys", [])):
        _add_access_key(world, iam, user, number, key)
    for number, device in enumerate(words.get("mfa", [])):
        _add_mfa_device(world, iam, user, number, device)
    for number, key in enumerate(words.get("ssh_keys", [])):
        _add_ssh_key(world, user, number, key)
    for number, certificate in enumerate(words.get("signing_certificates", [])):
        _add_signing_certificate(world, user, number, certificate)
    for group in words.get("groups", []):
        if group not in iam.groups:
            raise ScenarioError(f"user {name!r} is in group {group!r}, which the account does not have")
        iam.groups[group].users.append(user)
    attach_all(iam, user, words)
    user.last_accessed = words.get("last_accessed", {})
    if words.get("tags"):
        iam.tagger.tag_resource(user.arn, [{"Key": key, "Value": value} for key, value in words["tags"].items()])


def _set_password(world, user, words: dict | None) -> None:
    # moto keeps no date of the last change; the credential report reads it from here.
    user.password_last_changed = None
    if words is None:
        return
    user.password = identifiers.secret(20, "password", user.arn)
    user.password_reset_required = words.get("reset_required", False)
    user.password_last_changed = naive(world.clock.at(words["changed"])) if "changed" in words else user.create_date
    if "last_used" in words:
        user.password_last_used = naive(world.clock.at(words["last_used"]))


def _add_access_key(world, iam, user, number: int, words: dict) -> None:
    key = AccessKey(user.name, "AKIA", iam.account_id, words.get("status", "Active"))
    key.access_key_id = words.get("id", identifiers.access_key_id(iam.account_id, user.name, str(number)))
    key.create_date = naive(world.clock.at(words["created"])) if "created" in words else user.create_date
    if "last_used" in words:
        at = naive(world.clock.at(words["last_used"]))
        key.last_used = AccessKeyLastUsed(at, words.get("service", "s3"), words.get("region", world.home_region))
    user.access_keys.append(key)
    iam.access_keys[key.access_key_id] = key
    if key.status == "Active":
        world.credentials.add(key.access_key_id, Principal(iam.account_id, user.arn, user.id))


def _add_mfa_device(world, iam, user, number: int, words: dict) -> None:
    """Serial numbers tell the kind: `:mfa/` is virtual, `:u2f/` a passkey or security key, no ARN a hardware token."""
    kind = words.get("kind", "virtual")
    name = words.get("name", user.name if number == 0 else f"{user.name}-{number + 1}")
    if kind == "virtual":
        serial = world.arn("iam", iam.account_id, f"mfa/{name}")
    elif kind == "passkey":
        serial = world.arn(
            "iam", iam.account_id, f"u2f/user/{user.name}/{name}-{identifiers.secret(26, user.arn, name).upper()}"
        )
    else:
        serial = "GAHT" + identifiers.digits(8, user.arn, name)
    device = MFADevice(serial, "000000", "111111")
    device.enable_date = naive(world.clock.at(words["enabled"])) if "enabled" in words else user.create_date
    user.mfa_devices[serial] = device
    if kind == "virtual":
        record = VirtualMfaDevice(iam.account_id, world.home_region, f"/{name}")
        record.enable_date = device.enable_date
        record.user = user
        record.user_attribute = {
            "Path": user.path,
            "UserName": user.name,
            "UserId": user.id,
            "Arn": user.arn,
            "CreateDate": user.create_date,
        }
        iam.virtual_mfa_devices[record.serial_number] = record


def _add_ssh_key(world, user, number: int, words: dict) -> None:
    key = SshPublicKey(user.name, "ssh-ed25519 " + identifiers.secret(68, user.arn, str(number)))
    key.ssh_public_key_id = identifiers.unique_id("APKA", user.arn, str(number))
    key.fingerprint = ":".join(identifiers.digits(2, user.arn, str(number), str(pair)) for pair in range(16))
    key.status = words.get("status", "Active")
    key.upload_date = naive(world.clock.at(words["uploaded"]))
    user.ssh_public_keys.append(key)


def _add_signing_certificate(world, user, number: int, words: dict) -> None:
    serial = identifiers.secret(24, "certificate", user.arn, str(number)).upper()
    certificate = SigningCertificate(serial, user.name, "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----")
    certificate.status = words.get("status", "Active")
    certificate.upload_date = naive(world.clock.at(words["uploaded"]))
    user.signing_certificates[serial] = certificate
