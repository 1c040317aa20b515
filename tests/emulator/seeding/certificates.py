"""Server certificates kept in IAM."""

from moto.iam.models import Certificate

from .. import identifiers
from ..clock import naive


def add_server_certificate(world, iam, name: str, words: dict) -> None:
    """Puts a server certificate into an account. moto has one expiry for all; `expires` is read by our handler."""
    body = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"
    certificate = Certificate(iam.account_id, world.home_region, name, body, "", None, words.get("path", "/"))
    certificate.server_certificate_id = identifiers.unique_id("ASCA", iam.account_id, name)
    certificate.upload_date = naive(world.clock.at(words.get("uploaded", "300 days ago")))
    certificate.expires = naive(world.clock.at(words["expires"]))
    iam.certificates[name] = certificate
