"""Policy documents, and the short words for the usual trust policies."""

import json

from ..scenario import ScenarioError


def document(words: dict | str) -> str:
    """A policy document as text. One given as text is left alone, so that a scenario can be malformed on purpose."""
    return words if isinstance(words, str) else json.dumps(words, separators=(",", ":"))


def trust_document(partition: str, words: dict) -> str:
    """A trust policy: in full, or as one of
    `{"service": NAME}`, `{"account": ID, "external_id": ID}`, `{"web_identity": PROVIDER_ARN, "conditions": {…}}`,
    `{"saml": PROVIDER_ARN}`."""
    if "Statement" in words:
        return document(words)
    statement: dict = {"Effect": "Allow"}
    if "service" in words:
        statement |= {"Principal": {"Service": words["service"]}, "Action": "sts:AssumeRole"}
    elif "account" in words:
        statement |= {"Principal": {"AWS": f"arn:{partition}:iam::{words['account']}:root"}, "Action": "sts:AssumeRole"}
        if "external_id" in words:
            statement["Condition"] = {"StringEquals": {"sts:ExternalId": words["external_id"]}}
    elif "web_identity" in words:
        statement |= {"Principal": {"Federated": words["web_identity"]}, "Action": "sts:AssumeRoleWithWebIdentity"}
        if "conditions" in words:
            statement["Condition"] = words["conditions"]
    elif "saml" in words:
        statement |= {
            "Principal": {"Federated": words["saml"]},
            "Action": ["sts:AssumeRoleWithSAML", "sts:TagSession"],
            "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
        }
    else:
        raise ScenarioError(f"no trust policy can be made of {words}")
    return document({"Version": "2012-10-17", "Statement": [statement]})
