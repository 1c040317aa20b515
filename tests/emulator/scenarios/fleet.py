"""An organization of any number of accounts, each with 20 users and 30 roles: `fleet-12` has twelve.

What each of them is follows from its number alone, so that an organization is the same in every run. The first one manages
the organization. The second has a user who enters a role of the third and is an administrator there; a role of the fourth
lets in an account that nobody knows.
"""

MANAGEMENT = "111122223333"
SMALLEST = 4
USERS, ROLES = 20, 30
ROLE = "probity-audit"

_SERVICES = ("s3", "dynamodb", "sqs", "sns", "lambda", "logs", "kms", "secretsmanager", "ecr", "rds")
_UNITS = ("Production", "Development", "Sandbox")


def account_id(number: int) -> str:
    """The id of an account by its number; the first one is the management account."""
    return MANAGEMENT if number == 0 else f"{200000000000 + number}"


def scenario(count: int) -> dict:
    """The description of an organization of so many accounts."""
    return {
        "name": f"fleet-{count}",
        "about": f"An organization of {count} accounts, each with {USERS} users and {ROLES} roles.",
        "now": "2026-11-02T09:00:00Z",
        "caller": {"account": MANAGEMENT, "role": ROLE},
        "organization": _organization(count),
        "accounts": {account_id(number): _account(number) for number in range(count)},
    }


def _organization(count: int) -> dict:
    members = range(1, count)
    return {
        "management_account": MANAGEMENT,
        "policy_types": ["SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"],
        "trusted_services": {"iam.amazonaws.com": "400 days ago"},
        "root_features": ["RootCredentialsManagement"],
        "service_control_policies": {"stay": {"document": _deny("organizations:LeaveOrganization")}},
        "resource_control_policies": {"own-buckets": {"document": _deny("s3:DeleteBucket", principal=True)}},
        "root": {
            "policies": ["own-buckets"],
            "accounts": {MANAGEMENT: {"name": "Management", "joined": "2500 days ago"}},
            "units": {
                "Workloads": {
                    "policies": ["stay"],
                    "units": {name: {"accounts": _members(members, place)} for place, name in enumerate(_UNITS[:2])},
                },
                "Sandbox": {"accounts": _members(members, 2)},
            },
        },
    }


def _members(members: range, place: int) -> dict:
    return {
        account_id(number): {"name": f"Account {number:04}", "joined": "900 days ago"}
        for number in members
        if number % len(_UNITS) == place
    }


def _deny(action: str, principal: bool = False) -> dict:
    statement = {"Effect": "Deny", "Action": action, "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [{**statement, **({"Principal": "*"} if principal else {})}]}


def _account(number: int) -> dict:
    account: dict = {
        "created": "900 days ago",
        "alias": f"fleet-{number:04}",
        "root": {"mfa": [{"kind": "passkey"}]} if number % 7 else {"access_keys": [{"created": "500 days ago"}]},
        "policies": {"team": {"created": "300 days ago", "document": _team(number)}},
        "groups": {"developers": {"created": "900 days ago", "policies": ["team"]}},
        "users": {f"user-{user:02}": _user(number, user) for user in range(USERS)},
        "roles": {ROLE: _auditor(), **{f"role-{role:02}": _role(number, role) for role in range(ROLES - 1)}},
    }
    if number % 2:
        account["password_policy"] = {"min_length": 14, "classes": ["lower", "upper", "number", "symbol"], "remembered": 24}
    if number == 0:
        account["trails"] = {"organization": {"multi_region": True, "organization": True, "validation": True}}
    if number == 1:
        account["users"]["user-01"]["inline"] = {"deploy": _enter(f"arn:aws:iam::{account_id(2)}:role/deployer")}
    if number == 2:
        account["roles"]["deployer"] = {
            "created": "200 days ago",
            "trust": {"account": account_id(1)},
            "policies": ["AdministratorAccess"],
            "last_used": "3 days ago",
        }
    if number == 3:
        account["roles"]["vendor"] = {
            "created": "200 days ago",
            "trust": {"account": "999900001111"},
            "policies": ["SecurityAudit"],
            "last_used": "3 days ago",
        }
    return account


def _enter(role: str) -> dict:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": role}]}


def _team(number: int) -> dict:
    service = _SERVICES[number % len(_SERVICES)]
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": [f"{service}:Get*", f"{service}:List*"], "Resource": "*"}],
    }


def _user(number: int, user: int) -> dict:
    age = 30 + (number * 7 + user * 53) % 900
    described: dict = {"created": f"{age} days ago", "groups": ["developers"]}
    if user % 3:
        described["access_keys"] = [{"created": f"{1 + age % 400} days ago", "last_used": "now"}]
    else:
        described["password"] = {"changed": f"{1 + age % 300} days ago", "last_used": f"{age % 30} days ago"}
        described["mfa"] = [{"kind": "passkey"}] if user % 2 else []
    return described


def _role(number: int, role: int) -> dict:
    described: dict = {
        "created": f"{20 + (number + role * 31) % 900} days ago",
        "trust": {"service": ("lambda.amazonaws.com", "ec2.amazonaws.com", "ecs-tasks.amazonaws.com")[role % 3]},
        "policies": ["team"],
    }
    if role % 4:
        described["last_used"] = f"{(number + role) % 380} days ago"
    return described


def _auditor() -> dict:
    return {
        "created": "100 days ago",
        "trust": {"account": MANAGEMENT},
        "policies": ["SecurityAudit"],
        "last_used": "1 hour ago",
    }
