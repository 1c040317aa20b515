"""What an account hands on: tokens for outside services, permissions for partners, and how SAML assertions arrive."""

from .. import identifiers
from ..errors import ApiError
from .registry import Call, handles


@handles("iam:GetOutboundWebIdentityFederationInfo")
def get_outbound_web_identity_federation_info(call: Call) -> dict:
    """The issuer of the account's tokens; an error where the feature is off, as AWS does."""
    if not call.words.get("outbound_federation"):
        raise ApiError("FeatureDisabled", "Outbound web identity federation is not enabled for the account.", 404)
    digits = identifiers.digits(16, call.account, "issuer")
    return {"IssuerIdentifier": f"https://{digits}.tokens.sts.global.api.aws", "JwtVendingEnabled": True}


@handles("iam:ListDelegationRequests")
def list_delegation_requests(call: Call) -> dict:
    """Requests of partners that somebody of the account has taken on."""
    clock, found = call.world.clock, []
    for number, words in enumerate(call.words.get("delegation_requests", [])):
        found.append(
            {
                "DelegationRequestId": identifiers.uuid("delegation", call.account, str(number)),
                "OwnerAccountId": call.account,
                "State": words["state"],
                "RequestorId": words["requestor"],
                "RequestorName": words.get("name", "A partner"),
                "CreateDate": clock.at(words["created"]),
                "SessionDuration": 3600,
                **({"ExpirationTime": clock.at(words["expires"])} if "expires" in words else {}),
            }
        )
    return {"DelegationRequests": found}


@handles("iam:GetSAMLProvider")
def get_saml_provider(call: Call) -> dict:
    """How assertions for a provider must arrive. The metadata is left at a stub: nobody reads it."""
    name = call.parameters["SAMLProviderArn"].rsplit("/", 1)[-1]
    words = call.words.get("saml_providers", {}).get(name)
    if words is None:
        raise ApiError("NoSuchEntity", f"SAMLProvider not found for arn {call.parameters['SAMLProviderArn']}", 404)
    clock = call.world.clock
    answer = {
        "SAMLMetadataDocument": "<EntityDescriptor/>" + " " * 1000,
        "CreateDate": clock.at(words["created"]),
        "ValidUntil": clock.at(words["valid_until"]),
        "Tags": [],
    }
    if "encryption" in words:
        keys = [
            {"KeyId": identifiers.unique_id("SAMLK", name, str(number)) + "0", "Timestamp": clock.at(words["created"])}
            for number in range(words.get("private_keys", 1))
        ]
        answer |= {"AssertionEncryptionMode": words["encryption"], "PrivateKeyList": keys}
    return answer
