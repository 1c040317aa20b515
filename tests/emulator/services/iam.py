"""IAM answers that moto does not have, or has wrong."""

from .. import identifiers
from ..clock import aware
from ..errors import ApiError
from .authorization_details import boundary_member, boundary_uses, last_used_member
from .registry import Call, handles

# Service-specific credentials that expire, and the aliases of those services.
_API_KEY_SERVICES = {"bedrock.amazonaws.com", "logs.amazonaws.com"}


@handles("iam:GetAccountSummary")
def get_account_summary(call: Call) -> dict:
    """moto's counts, with what it cannot know: the root user's credentials and the devices."""
    root = call.words.get("root", {})
    summary = call.moto()["SummaryMap"]
    summary.update(
        {
            "AccountPasswordPresent": int(bool(root.get("password"))),
            "AccountMFAEnabled": int(bool(root.get("mfa"))),
            "AccountAccessKeysPresent": int(bool(root.get("access_keys"))),
            "AccountSigningCertificatesPresent": int(bool(root.get("signing_certificates"))),
            "GlobalEndpointTokenVersion": call.words.get("sts_token_version", 1),
            "MFADevices": len(call.iam.virtual_mfa_devices) + len(call.words.get("unassigned_mfa", [])),
            "MFADevicesInUse": sum(len(user.mfa_devices) for user in call.iam.users.values())
            + len(root.get("mfa", [])),
        }
    )
    for removed in call.words.get("account_summary_lacks", []):
        del summary[removed]
    return {"SummaryMap": summary}


@handles("iam:GetAccountPasswordPolicy")
def get_account_password_policy(call: Call) -> dict:
    """moto's answer without the ages and counts that are switched off: AWS leaves those out, moto says 0."""
    policy = call.moto()["PasswordPolicy"]
    return {"PasswordPolicy": {key: value for key, value in policy.items() if value != 0 or isinstance(value, bool)}}


@handles("iam:GetUser")
def get_user(call: Call) -> dict:
    """moto's answer, with the user's boundary."""
    answer = call.moto()
    user = call.iam.users.get(answer["User"]["UserName"])
    answer["User"].update(boundary_member(user))
    return answer


@handles("iam:GetRole")
def get_role(call: Call) -> dict:
    """moto's answer, with boundary and last use."""
    answer = call.moto()
    role = call.iam.get_role(answer["Role"]["RoleName"])
    answer["Role"].update(boundary_member(role))
    answer["Role"]["RoleLastUsed"] = last_used_member(role)
    return answer


@handles("iam:GetPolicy")
def get_policy(call: Call) -> dict:
    """moto's answer, with how often the policy is a boundary."""
    answer = call.moto()
    arn = answer["Policy"]["Arn"]
    answer["Policy"]["PolicyId"] = call.iam.managed_policies[arn].id
    answer["Policy"]["PermissionsBoundaryUsageCount"] = boundary_uses(call.iam).get(arn, 0)
    return answer


@handles("iam:ListUsers")
def list_users(call: Call) -> dict:
    """moto's answer, with the last sign-in of those who have a password."""
    answer = call.moto()
    for user in answer["Users"]:
        used = call.iam.users[user["UserName"]].password_last_used
        if used:
            user["PasswordLastUsed"] = aware(used)
    return answer


@handles("iam:ListVirtualMFADevices")
def list_virtual_mfa_devices(call: Call) -> dict:
    """Virtual devices with the user they belong to. The root user's has the account's root ARN."""
    status = call.parameters.get("AssignmentStatus", "Any")
    devices = []
    for record in call.iam.virtual_mfa_devices.values():
        if (status == "Assigned" and not record.user_attribute) or (status == "Unassigned" and record.user_attribute):
            continue
        device = {"SerialNumber": record.serial_number}
        if record.user_attribute:
            device["User"] = {**record.user_attribute, "CreateDate": aware(record.user_attribute["CreateDate"])}
            device["EnableDate"] = aware(record.enable_date)
        devices.append(device)
    if status != "Assigned":
        names = call.words.get("unassigned_mfa", [])
        devices += [{"SerialNumber": call.world.arn("iam", call.account, f"mfa/{name}")} for name in names]
    return {"VirtualMFADevices": devices}


@handles("iam:ListServerCertificates")
def list_server_certificates(call: Call) -> dict:
    """Server certificates with their own expiry."""
    prefix = call.parameters.get("PathPrefix", "/")
    certificates = [
        certificate for certificate in call.iam.certificates.values() if certificate.path.startswith(prefix)
    ]
    return {
        "ServerCertificateMetadataList": [
            {
                "Path": certificate.path,
                "ServerCertificateName": certificate.cert_name,
                "ServerCertificateId": certificate.server_certificate_id,
                "Arn": certificate.arn,
                "UploadDate": aware(certificate.upload_date),
                "Expiration": aware(certificate.expires),
            }
            for certificate in certificates
        ]
    }


@handles("iam:ListServiceSpecificCredentials")
def list_service_specific_credentials(call: Call) -> dict:
    """Credentials for CodeCommit, Amazon Keyspaces, Amazon Bedrock and CloudWatch Logs: of one user, or of all."""
    asked = call.parameters
    if asked.get("AllUsers") and asked.get("UserName"):
        raise ApiError("ValidationError", "AllUsers and UserName cannot both be given", 400)
    users = call.words.get("users", {})
    if asked.get("UserName") and asked["UserName"] not in users:
        raise ApiError("NoSuchEntity", f"The user with name {asked['UserName']} cannot be found.", 404)
    credentials = []
    for name, user in users.items():
        if asked.get("UserName", name) != name:
            continue
        for number, words in enumerate(user.get("service_credentials", [])):
            if words["service"] == asked.get("ServiceName", words["service"]):
                credentials.append(_service_credential(call, name, number, words))
    return {"ServiceSpecificCredentials": credentials}


def _service_credential(call: Call, user: str, number: int, words: dict) -> dict:
    credential = {
        "UserName": user,
        "Status": words.get("status", "Active"),
        "CreateDate": call.world.clock.at(words["created"]),
        "ServiceSpecificCredentialId": identifiers.unique_id("ACCA", call.account, user, str(number)),
        "ServiceName": words["service"],
    }
    if words["service"] in _API_KEY_SERVICES:
        credential["ServiceCredentialAlias"] = f"{user}-at-{call.account}"
        if "expires" in words:
            credential["ExpirationDate"] = call.world.clock.at(words["expires"])
    else:
        credential["ServiceUserName"] = f"{user}-at-{call.account}"
    return credential


@handles("iam:ListOrganizationsFeatures")
def list_organizations_features(call: Call) -> dict:
    """Central root access, as the management account or the delegated administrator of IAM sees it."""
    organization = call.world.organization
    if not organization or not call.world.in_organization(call.account):
        raise ApiError(
            "OrganizationNotFoundException",
            "The request was rejected because no organization is associated with your account.",
            400,
        )
    delegated = organization.get("delegated_administrators", {}).get(call.account, {})
    if call.account != call.world.management_account and "iam.amazonaws.com" not in delegated:
        message = (
            "The request was rejected because the account making the request is not the management account or "
            "delegated administrator account for centralized root access."
        )
        raise ApiError("AccountNotManagementOrDelegatedAdministratorException", message, 400)
    if organization.get("features", "ALL") != "ALL":
        raise ApiError(
            "OrganizationNotInAllFeaturesModeException",
            "The request was rejected because your organization does not have All features enabled.",
            400,
        )
    if "iam.amazonaws.com" not in organization.get("trusted_services", {}):
        raise ApiError(
            "ServiceAccessNotEnabledException",
            "The request was rejected because trusted access is not enabled for IAM in AWS Organizations.",
            400,
        )
    return {
        "OrganizationId": call.world.moto.organizations(call.world.management_account).org.id,
        "EnabledFeatures": organization.get("root_features", []),
    }
