"""A large account for measurements: 2,000 users, 1,000 roles, 500 policies, 60 groups, an organization of 40 accounts.

What each of them is follows from its number alone, so that the account is the same in every run.
"""

ACCOUNT = "111122223333"
USERS, ROLES, POLICIES, GROUPS, MEMBERS = 2000, 1000, 500, 60, 39

_SERVICES = ("s3", "dynamodb", "sqs", "sns", "lambda", "logs", "kms", "secretsmanager", "ecr", "rds")


def scenario() -> dict:
    """The description."""
    return {
        "name": "scale",
        "about": "A large account: 2,000 users, 1,000 roles, 500 policies.",
        "now": "2026-11-02T09:00:00Z",
        "caller": {"account": ACCOUNT, "role": "probity-audit"},
        "organization": _organization(),
        "accounts": {
            ACCOUNT: {
                "alias": "large-account",
                "created": "2500 days ago",
                "root": {"password": {"last_used": "700 days ago"}, "mfa": [{"kind": "passkey"}]},
                "password_policy": {
                    "min_length": 14,
                    "classes": ["lower", "upper", "number", "symbol"],
                    "remembered": 24,
                },
                "policies": {f"team-{number:03}-access": _policy(number) for number in range(POLICIES)},
                "groups": {f"group-{number:02}": _group(number) for number in range(GROUPS)},
                "users": {f"user-{number:04}": _user(number) for number in range(USERS)},
                "roles": {
                    "probity-audit": _auditor(),
                    **{f"role-{number:04}": _role(number) for number in range(ROLES - 1)},
                },
                "trails": {"organization": {"multi_region": True, "organization": True, "validation": True}},
            }
        },
    }


def _organization() -> dict:
    members = [f"{200000000000 + number}" for number in range(MEMBERS)]
    return {
        "management_account": ACCOUNT,
        "policy_types": ["SERVICE_CONTROL_POLICY"],
        "trusted_services": {"iam.amazonaws.com": "400 days ago"},
        "root_features": ["RootCredentialsManagement"],
        "service_control_policies": {f"guardrail-{number}": {"document": _guardrail(number)} for number in range(5)},
        "root": {
            "accounts": {ACCOUNT: {"name": "Management", "joined": "2500 days ago"}},
            "units": {
                f"unit-{number}": {
                    "policies": [f"guardrail-{number}"],
                    "accounts": {account: {"name": f"Member {account[-3:]}"} for account in members[number::5]},
                }
                for number in range(5)
            },
        },
    }


def _guardrail(number: int) -> dict:
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Action": f"{_SERVICES[number]}:Delete*", "Resource": "*"}],
    }


def _policy(number: int) -> dict:
    service, other = _SERVICES[number % 10], _SERVICES[(number // 10) % 10]
    statements = [
        {
            "Sid": "Read",
            "Effect": "Allow",
            "Action": [f"{service}:Get*", f"{service}:List*", f"{service}:Describe*"],
            "Resource": "*",
        },
        {
            "Sid": "Write",
            "Effect": "Allow",
            "Action": [f"{other}:Put*", f"{other}:Update*"],
            "Resource": f"arn:aws:{other}:eu-west-1:{ACCOUNT}:team-{number:03}/*",
            "Condition": {"StringEquals": {"aws:ResourceTag/team": f"team-{number:03}"}},
        },
    ]
    if number % 100 == 99:
        statements.append({"Effect": "Allow", "Action": "*", "Resource": "*"})
    versions = [{"document": {"Version": "2012-10-17", "Statement": statements}}]
    if number % 4 == 0:
        versions.insert(0, {"document": {"Version": "2012-10-17", "Statement": statements[:1]}})
    return {"created": f"{200 + number} days ago", "versions": versions}


def _group(number: int) -> dict:
    return {"created": "900 days ago", "policies": [f"team-{number:03}-access", f"team-{number + 60:03}-access"]}


def _user(number: int) -> dict:
    user: dict = {
        "created": f"{30 + number % 1200} days ago",
        "path": f"/team-{number % 50:02}/",
        "groups": [f"group-{number % GROUPS:02}"],
        "tags": {"team": f"team-{number % 50:02}", "number": str(number)},
    }
    if number % 3:
        used = number % 150
        user["access_keys"] = [
            {
                "created": f"{1 + number % 400} days ago",
                "last_used": f"{used} days ago" if used < 1 + number % 400 else "now",
            }
        ]
    else:
        user["password"] = {"changed": f"{1 + number % 300} days ago", "last_used": f"{number % 200} days ago"}
        user["mfa"] = [{"kind": ("virtual", "passkey", "hardware")[number % 9 // 3]}] if number % 5 else []
    if number % 10 == 0:
        user["inline"] = {"own": _policy(number % POLICIES)["versions"][0]["document"]}
    return user


def _auditor() -> dict:
    return {
        "created": "100 days ago",
        "trust": {"account": ACCOUNT},
        "policies": ["SecurityAudit"],
        "last_used": "1 hour ago",
    }


def _role(number: int) -> dict:
    role: dict = {
        "created": f"{20 + number % 900} days ago",
        "trust": {"service": ("lambda.amazonaws.com", "ec2.amazonaws.com", "ecs-tasks.amazonaws.com")[number % 3]},
        "policies": [f"team-{number % POLICIES:03}-access"],
        "inline": {"own": _policy((number * 7) % POLICIES)["versions"][0]["document"]},
        "instance_profile": number % 3 == 1,
    }
    if number % 4:
        role["last_used"] = f"{number % 380} days ago"
    return role
