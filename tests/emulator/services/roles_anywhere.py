"""IAM Roles Anywhere: trust anchors, profiles and revocation lists of one Region. Served from the scenario alone."""

from .. import identifiers
from .registry import Call, handles


def _words(call: Call) -> dict:
    words = call.words.get("roles_anywhere", {})
    return words if words.get("region", call.world.home_region) == call.region else {}


def _id(call: Call, kind: str, name: str) -> str:
    return identifiers.uuid("rolesanywhere", call.account, call.region, kind, name)


def _arn(call: Call, kind: str, name: str) -> str:
    return call.world.arn("rolesanywhere", call.account, f"{kind}/{_id(call, kind, name)}", call.region)


@handles("rolesanywhere:ListTrustAnchors")
def list_trust_anchors(call: Call) -> dict:
    """The trust anchors of the Region."""
    anchors = []
    for name, words in _words(call).get("trust_anchors", {}).items():
        source = words.get("source", "CERTIFICATE_BUNDLE")
        created = call.world.clock.at(words.get("created", "300 days ago"))
        anchors.append(
            {
                "trustAnchorId": _id(call, "trust-anchor", name),
                "trustAnchorArn": _arn(call, "trust-anchor", name),
                "name": name,
                "enabled": words.get("enabled", True),
                "source": {"sourceType": source, "sourceData": {"x509CertificateData": "-----BEGIN CERTIFICATE-----"}},
                "createdAt": created,
                "updatedAt": created,
            }
        )
    return {"trustAnchors": anchors}


@handles("rolesanywhere:ListProfiles")
def list_profiles(call: Call) -> dict:
    """The profiles of the Region."""
    profiles = []
    for name, words in _words(call).get("profiles", {}).items():
        profiles.append(
            {
                "profileId": _id(call, "profile", name),
                "profileArn": _arn(call, "profile", name),
                "name": name,
                "enabled": words.get("enabled", True),
                "roleArns": [call.world.arn("iam", call.account, f"role/{role}") for role in words.get("roles", [])],
                "durationSeconds": words.get("seconds", 3600),
                **({"sessionPolicy": words["session_policy"]} if "session_policy" in words else {}),
            }
        )
    return {"profiles": profiles}


@handles("rolesanywhere:ListCrls")
def list_crls(call: Call) -> dict:
    """The revocation lists that were imported in the Region."""
    lists = []
    for name, words in _words(call).get("revocation_lists", {}).items():
        lists.append(
            {
                "crlId": _id(call, "crl", name),
                "crlArn": _arn(call, "crl", name),
                "name": name,
                "enabled": words.get("enabled", True),
                "trustAnchorArn": _arn(call, "trust-anchor", words["trust_anchor"]),
            }
        )
    return {"crls": lists}
