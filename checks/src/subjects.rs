//! How far the subject of a pipeline's token reaches, by the shape that its issuer gives it.
//!
//! Shapes of 2026. GitHub: `repo:ORG/REPO:environment:NAME`, `…:ref:refs/heads/NAME`, `…:pull_request`, with `@ID`
//! behind organization and repository for those made, renamed or moved since 15 July 2026. GitLab:
//! `project_path:GROUP/PROJECT:ref_type:branch:ref:NAME`. Terraform Cloud:
//! `organization:ORG:project:NAME:workspace:NAME:run_phase:PHASE`. Buildkite:
//! `organization:ORG:pipeline:NAME:ref:REF:commit:ID:step:KEY`.

/// How much a subject leaves open; what is worse comes later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    /// One repository, and a certain branch, tag or environment of it.
    Ref,
    /// One repository, whatever the branch, tag or environment.
    Repository,
    /// The shape is not the issuer's usual one.
    Unclear,
    /// More than one repository of the organization, or of look-alikes of it.
    Organization,
    /// Pull requests, which strangers can open.
    PullRequest,
}

/// The issuers whose subjects name repositories.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pipelines {
    GitHub,
    GitLab,
    Terraform,
    Buildkite,
}

impl Pipelines {
    /// By the issuer; one of an enterprise has a path behind the host.
    pub(crate) fn of(issuer: &str) -> Option<Self> {
        let host = issuer.split('/').next().unwrap_or_default();
        match host {
            "token.actions.githubusercontent.com" => Some(Self::GitHub),
            "gitlab.com" => Some(Self::GitLab),
            "app.terraform.io" => Some(Self::Terraform),
            "agent.buildkite.com" => Some(Self::Buildkite),
            _ => None,
        }
    }

    /// How far a subject reaches, which may hold wildcards.
    pub(crate) fn reach(self, subject: &str) -> Reach {
        match self {
            Self::GitHub => git_hub(subject),
            Self::GitLab => git_lab(subject),
            Self::Terraform => pairs(subject, "workspace", "run_phase"),
            Self::Buildkite => pairs(subject, "pipeline", "ref"),
        }
    }

    /// Claims that name one repository by themselves.
    pub(crate) fn repository_claims(self) -> &'static [&'static str] {
        match self {
            Self::GitHub => &["repository", "repository_id"],
            Self::GitLab => &["project_id"],
            Self::Terraform | Self::Buildkite => &[],
        }
    }

    /// Claims that name a branch, an environment or a workflow of a certain branch by themselves.
    pub(crate) fn ref_claims(self) -> &'static [&'static str] {
        match self {
            Self::GitHub => &["ref", "environment", "job_workflow_ref"],
            Self::GitLab | Self::Terraform | Self::Buildkite => &[],
        }
    }
}

fn is_open(text: &str) -> bool {
    text.contains(['*', '?'])
}

fn git_hub(subject: &str) -> Reach {
    let Some(rest) = subject.strip_prefix("repo:") else {
        return if is_open(subject.get(..5).unwrap_or(subject)) { Reach::Organization } else { Reach::Unclear };
    };
    let Some((organization, rest)) = rest.split_once('/') else {
        return if is_open(rest) { Reach::Organization } else { Reach::Unclear };
    };
    let (repository, context) = rest.split_once(':').map_or((rest, None), |(name, context)| (name, Some(context)));
    if is_open(organization) || is_open(repository) {
        return Reach::Organization;
    }
    match context {
        None => Reach::Unclear,
        Some("pull_request") => Reach::PullRequest,
        Some(context) => git_hub_context(context),
    }
}

fn git_hub_context(context: &str) -> Reach {
    let kinds = ["environment:", "ref:refs/heads/", "ref:refs/tags/"];
    if let Some(name) = kinds.iter().find_map(|kind| context.strip_prefix(kind)) {
        return named(name);
    }
    if is_open(context) { Reach::Repository } else { Reach::Unclear }
}

fn git_lab(subject: &str) -> Reach {
    let Some(rest) = subject.strip_prefix("project_path:") else {
        return if is_open(subject.get(..13).unwrap_or(subject)) { Reach::Organization } else { Reach::Unclear };
    };
    let (path, context) = rest.split_once(':').map_or((rest, None), |(path, context)| (path, Some(context)));
    if is_open(path) {
        return Reach::Organization;
    }
    let Some(context) = context.filter(|_| path.contains('/')) else { return Reach::Unclear };
    match ["ref_type:branch:ref:", "ref_type:tag:ref:"].iter().find_map(|kind| context.strip_prefix(kind)) {
        Some(name) => named(name),
        None if is_open(context) => Reach::Repository,
        None => Reach::Unclear,
    }
}

/// The reach of a subject made of names and values in turn: `thing` is what names a repository, `place` what names the
/// branch or the phase.
fn pairs(subject: &str, thing: &str, place: &str) -> Reach {
    let mut parts = subject.split(':');
    let mut has_thing = false;
    while let Some(name) = parts.next() {
        // A wildcard in place of a name takes everything behind it.
        if is_open(name) {
            return if has_thing { Reach::Repository } else { Reach::Organization };
        }
        let Some(value) = parts.next() else { return Reach::Unclear };
        let names_thing = name == thing;
        if is_open(value) && (names_thing || name == "organization") {
            return Reach::Organization;
        }
        if name == place && has_thing {
            return named(value);
        }
        has_thing |= names_thing;
    }
    Reach::Unclear
}

/// The reach of the name of a branch, a tag or an environment. A wildcard is fine behind a slash, where nobody adds to
/// the name before it, unless that is the one before every name.
fn named(name: &str) -> Reach {
    let fixed = name.split(['*', '?']).next().unwrap_or_default();
    let is_fixed = fixed == name && !name.is_empty();
    let is_folder = fixed.ends_with('/') && !["/", "refs/", "refs/heads/", "refs/tags/"].contains(&fixed);
    if is_fixed || is_folder { Reach::Ref } else { Reach::Repository }
}

#[cfg(test)]
mod tests {
    use super::Pipelines::{Buildkite, GitHub, GitLab, Terraform};
    use super::Reach::{Organization, PullRequest, Ref, Repository, Unclear};
    use super::{Pipelines, Reach};

    fn reach(issuer: Pipelines, cases: &[(&str, Reach)]) {
        for (subject, reach) in cases {
            assert_eq!(issuer.reach(subject), *reach, "{subject}");
        }
    }

    #[test]
    fn subjects_of_git_hub() {
        reach(
            GitHub,
            &[
                ("repo:acme/site:ref:refs/heads/main", Ref),
                ("repo:acme/site:ref:refs/heads/release/*", Ref),
                ("repo:acme/site:environment:production", Ref),
                ("repo:acme@12/site@34:environment:production", Ref),
                ("repo:acme/site:ref:refs/tags/v1", Ref),
                ("repo:acme/site:*", Repository),
                ("repo:acme/site:ref:*", Repository),
                ("repo:acme/site:ref:refs/heads/*", Repository),
                ("repo:acme/site:ref:refs/heads/main*", Repository),
                ("repo:acme/site:environment:*", Repository),
                ("repo:acme/*", Organization),
                ("repo:acme/site*", Organization),
                ("repo:acme/*:ref:refs/heads/main", Organization),
                ("repo:acme*", Organization),
                ("repo:acme*/site:ref:refs/heads/main", Organization),
                ("repo:*", Organization),
                ("re*", Organization),
                ("repo:acme/site:pull_request", PullRequest),
                ("repo:acme/site", Unclear),
                ("repo:acme/site:job_workflow_ref:x", Unclear),
                ("repository_owner_id:12:environment:production", Unclear),
                ("", Unclear),
            ],
        );
    }

    #[test]
    fn subjects_of_others() {
        reach(
            GitLab,
            &[
                ("project_path:acme/site:ref_type:branch:ref:main", Ref),
                ("project_path:acme/team/site:ref_type:tag:ref:v1", Ref),
                ("project_path:acme/site:ref_type:branch:ref:*", Repository),
                ("project_path:acme/site:*", Repository),
                ("project_path:acme/*", Organization),
                ("project_path:acme/*:ref_type:branch:ref:main", Organization),
                ("proj*", Organization),
                ("acme", Unclear),
            ],
        );
        reach(
            Terraform,
            &[
                ("organization:acme:project:web:workspace:prod:run_phase:apply", Ref),
                ("organization:acme:project:*:workspace:prod:run_phase:apply", Ref),
                ("organization:acme:project:web:workspace:prod:run_phase:*", Repository),
                ("organization:acme:project:web:workspace:prod:*", Repository),
                ("organization:acme:project:*:workspace:*:run_phase:*", Organization),
                ("organization:acme:project:web:workspace:*:run_phase:apply", Organization),
                ("organization:acme:*", Organization),
                ("organization:*", Organization),
                ("something", Unclear),
            ],
        );
        reach(
            Buildkite,
            &[
                ("organization:acme:pipeline:site:ref:refs/heads/main:commit:*:step:*", Ref),
                ("organization:acme:pipeline:site:ref:refs/heads/*:commit:*", Repository),
                ("organization:acme:pipeline:site:ref:refs/*:commit:*", Repository),
                ("organization:acme:pipeline:site:*", Repository),
                ("organization:acme:pipeline:*", Organization),
            ],
        );
    }
}
