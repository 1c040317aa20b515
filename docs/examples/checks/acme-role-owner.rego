# Roles that people or workloads use carry a tag `owner`.
package acme.role_owner

check := {
	"id": "acme-role-owner",
	"title": "Roles carry the tag owner",
	"severity": "low",
	"family": "roles-and-trust",
	"resource": "iam-role",
	"needs": ["authorization-details"],
	"summary": "Every role that is older than a week says who answers for it, in a tag `owner`.",
	"why": "A role nobody answers for is a role nobody dares to change or delete.",
	"pass": "The role has a tag `owner` that is not empty.",
	"fail": "The role has no tag `owner`, or an empty one, and was created more than 7 days ago.",
	"fix": "Find out from the role's last use and its trust policy whose it is, and tag it.",
	"command": "aws iam tag-role --role-name ROLE --tags Key=owner,Value=TEAM",
	"controls": ["iso-27001-2022:A.5.15"],
}

grace_days := 7

judged contains role if {
	some role in input.facts.authorization_details.roles
	not startswith(role.path, "/aws-service-role/")
	not startswith(role.path, "/aws-reserved/")
}

owner(role) := role.tags.owner

findings contains finding if {
	some role in judged
	owner(role) != ""
	finding := {
		"resource": role.arn,
		"outcome": "pass",
		"message": sprintf("answered for by %s", [owner(role)]),
		"evidence": {"tags.owner": owner(role)},
	}
}

findings contains finding if {
	some role in judged
	object.get(role.tags, "owner", "") == ""
	age := floor((input.now_seconds - probity.seconds(role.created_at)) / 86400)
	finding := object.union(
		{"resource": role.arn, "evidence": {"created_at": role.created_at, "age_days": age}},
		verdict(age),
	)
}

verdict(age) := {"outcome": "fail", "message": "nobody answers for this role"} if age > grace_days

verdict(age) := {"outcome": "not-applicable", "message": "the role is new: it has a week"} if age <= grace_days
