//! A whole collection: every topic that was asked for, as many at once as the services allow, into one snapshot.
//!
//! What one topic needs of another is said here and nowhere else. A topic that fails leaves a gap and takes no other with
//! it, except those that cannot be asked without it: they get the same gap.

mod monitoring;
mod organization;
mod request;

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::{Mutex, MutexGuard, PoisonError};

use probity_model::facts::{
    AccountAlias, AccountSummary, Analyzers, ArchiveRules, AuthorizationDetails, Compute, CredentialReport,
    EnabledRegions, IdentityPools, IdentityProviders, RolesAnywhere, Secrets,
};
use probity_model::snapshot::{self, CollectionRequest, Facts};
use probity_model::{Fact, Gap, GapKind, Seen, Snapshot, Timestamp, Topic};
use tokio::sync::watch;

use crate::error::CollectError;
use crate::progress::Progress;
use crate::reader::Reader;
use crate::session::{Session, check_region};
use crate::topics::enabled_regions::Places;
use crate::topics::{
    access_keys, account_alias, account_summary, analyzer_findings, analyzers, archive_rules, authorization_details,
    compute, credential_report, delegation_requests, enabled_regions, identity_pools, identity_providers,
    last_accessed, outbound_federation, password_policy, primary_contact, public_access_block, resource_policies,
    role_sessions, roles_anywhere, root_activity, saml_encryption, secrets, server_certificates, service_credentials,
    ssh_keys, user_data, user_mfa_devices, virtual_mfa_devices,
};
use crate::trust;

pub use request::{Detail, LastAccessedOf, PER_USER, Request, complete};

/// Above so many users and roles, last-accessed data is read of privileged principals only, unless asked otherwise: it costs
/// at least two calls a principal.
const MANY_PRINCIPALS: usize = 1_000;

/// Reads what was asked for. When `stop` ends first, what was read until then is kept and the rest is a gap.
///
/// # Errors
/// [`CollectError`] only where a Region that was named does not exist or is not enabled; everything else is a gap.
pub async fn collect(
    session: &Session,
    request: &Request,
    progress: &dyn Progress,
    stop: impl Future<Output = ()>,
) -> Result<Snapshot, CollectError> {
    for name in &request.regions {
        check_region(name)?;
    }
    let mut wanted = request.topics.clone();
    complete(&mut wanted);
    let reader = Reader {
        clients: &session.clients,
        detail: request.detail,
        progress,
        now: session.now(),
        recorded: session.options.recording.is_some(),
    };
    let collection = Collection {
        session,
        request,
        reader,
        wanted,
        facts: Mutex::default(),
        observed_at: Mutex::default(),
        places: Mutex::default(),
        whose: Mutex::new(request.last_accessed),
        details_read: watch::Sender::new(false),
        membership_read: watch::Sender::new(false),
        management_email: Mutex::default(),
    };
    let interrupted = tokio::select! {
        done = collection.run() => done.map(|()| false)?,
        () = stop => true,
    };
    Ok(collection.snapshot(interrupted))
}

struct Collection<'a> {
    session: &'a Session,
    request: &'a Request,
    reader: Reader<'a>,
    wanted: BTreeSet<Topic>,
    facts: Mutex<Facts>,
    observed_at: Mutex<BTreeMap<Topic, Timestamp>>,
    places: Mutex<Places>,
    whose: Mutex<Option<LastAccessedOf>>,
    /// Whether the authorization details were read, or are known to be missing.
    details_read: watch::Sender<bool>,
    /// Whether it was read if the account is in an organization, or is known to be missing.
    membership_read: watch::Sender<bool>,
    /// The e-mail address of the management account's root user: to compare, and not kept in the snapshot.
    management_email: Mutex<Option<String>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Collection<'_> {
    async fn run(&self) -> Result<(), CollectError> {
        self.put(Topic::Caller, Ok(self.session.caller().clone()));
        let (.., regional) = tokio::join!(self.account(), self.users(), async {
            let ((), regional) = tokio::join!(self.organization(), self.regions());
            self.identity_center().await;
            regional
        });
        regional
    }

    /// Topics that need no other.
    async fn account(&self) {
        let reader = &self.reader;
        tokio::join!(
            self.topic(|alias: &AccountAlias| alias.alias.iter().count(), account_alias::read(reader)),
            self.topic(|summary: &AccountSummary| summary.entries.len(), account_summary::read(reader)),
            self.topic(|_| 1, password_policy::read(reader)),
            self.topic(|_| 1, public_access_block::read(reader, self.session.region())),
            self.topic(|all| all.credentials.len(), service_credentials::read(reader)),
            self.topic(|all| all.certificates.len(), server_certificates::read(reader)),
            self.identity_providers(),
            self.topic(|all| all.longest.len(), role_sessions::read(reader)),
            self.topic(|_| 1, primary_contact::read(reader)),
            self.topic(|_| 1, outbound_federation::read(reader)),
            self.topic(|all| all.requests.len(), delegation_requests::read(reader)),
        );
    }

    /// Identity providers and what hangs on them.
    async fn identity_providers(&self) {
        let reader = &self.reader;
        let count = |all: &IdentityProviders| all.saml.len() + all.oidc.len();
        self.topic(count, identity_providers::read(reader)).await;
        let found = self.known(|providers: &IdentityProviders| providers.clone());
        self.topic(|all| all.providers.len(), async { saml_encryption::read(reader, &found?).await }).await;
    }

    /// Users and what hangs on them.
    async fn users(&self) {
        let reader = &self.reader;
        tokio::join!(
            self.topic(|report: &CredentialReport| report.users.len(), credential_report::read(reader)),
            async {
                self.topic(authorization_details::count, authorization_details::read(reader)).await;
                self.details_read.send_replace(true);
            },
            self.topic(|all| all.devices.len(), virtual_mfa_devices::read(reader)),
        );
        let of_report = |chosen: fn(&CredentialReport) -> BTreeSet<String>| self.known(chosen);
        let with_mfa = of_report(|report| {
            let users = report.users.iter().filter(|row| row.mfa_active.value() != Some(&false));
            users.map(|row| row.user.clone()).collect()
        });
        let with_keys = of_report(|report| {
            // A key that was made Inactive keeps its dates.
            let shows = |key: &probity_model::facts::credential_report::AccessKeySlot| {
                key.active.value() != Some(&false) || key.last_rotated.value().is_some()
            };
            let users = report.users.iter().filter(|row| row.access_keys.iter().any(shows));
            users.map(|row| row.user.clone()).collect()
        });
        let everyone = self.known(|details: &AuthorizationDetails| {
            details.users.iter().map(|user| user.name.clone()).collect::<BTreeSet<_>>()
        });
        tokio::join!(
            self.topic(|all| all.users.len(), async { user_mfa_devices::read(reader, with_mfa?).await }),
            self.topic(|all| all.users.len(), async { access_keys::read(reader, with_keys?).await }),
            self.topic(|all| all.users.len(), async { ssh_keys::read(reader, everyone?).await }),
            self.topic(|all| all.principals.len(), async {
                let details = self.known(|details: &AuthorizationDetails| details.clone())?;
                let many = details.users.len() + details.roles.len() > MANY_PRINCIPALS;
                let usual = if many { LastAccessedOf::Privileged } else { LastAccessedOf::All };
                let whose = *lock(&self.whose).get_or_insert(usual);
                last_accessed::read(reader, &details, whose).await
            }),
        );
    }

    /// Topics that are read in every Region.
    async fn regions(&self) -> Result<(), CollectError> {
        let reader = &self.reader;
        if !self.wanted.contains(&Topic::EnabledRegions) {
            return Ok(());
        }
        self.topic(|all: &EnabledRegions| all.regions.len(), enabled_regions::read(reader)).await;
        let enabled = self.known(|enabled: &EnabledRegions| enabled.clone());
        let account = self.session.caller().account.as_str();
        let places = Places::choose(enabled.as_ref(), &self.request.regions, self.session.region(), account)?;
        *lock(&self.places) = places.clone();
        tokio::join!(
            self.monitoring(&places),
            self.topic(root_activity::count, root_activity::read(reader, &places)),
            self.identity_center_instances(&places),
            self.compute(&places),
            self.access_analyzer(&places),
            self.let_in_by_roles(&places),
        );
        Ok(())
    }

    /// What runs, and what hangs on it.
    async fn compute(&self, places: &Places) {
        let reader = &self.reader;
        tokio::join!(
            self.topic(compute::count, compute::read(reader, places)),
            self.topic(secrets::count, secrets::read(reader, places)),
        );
        let found = self.known(|compute: &Compute| compute.clone());
        let secrets = self.known(|secrets: &Secrets| secrets.clone());
        tokio::join!(
            self.topic(|all| all.instances.len(), async {
                user_data::read(reader, found.as_ref().map_err(Clone::clone)?).await
            }),
            self.topic(resource_policies::count, resource_policies::read(reader, places, found.clone(), secrets)),
        );
    }

    /// The analyzers of IAM Access Analyzer and what hangs on them. Rules come before findings: what was archived unread is
    /// asked only where there are rules.
    async fn access_analyzer(&self, places: &Places) {
        let reader = &self.reader;
        self.topic(|all: &Analyzers| all.all().count(), analyzers::read(reader, places)).await;
        let analyzers = self.known(|analyzers: &Analyzers| analyzers.clone());
        let asked = async { archive_rules::read(reader, analyzers.as_ref().map_err(|gap| gap.clone())?).await };
        self.topic(archive_rules::count, asked).await;
        let with_rules = self.known(ArchiveRules::with_rules).unwrap_or_default();
        let asked = async {
            analyzer_findings::read(reader, analyzers.as_ref().map_err(|gap| gap.clone())?, &with_rules).await
        };
        self.topic(analyzer_findings::count, asked).await;
    }

    /// What lets somebody in through a role only: where no role trusts the service, no Region is asked.
    async fn let_in_by_roles(&self, places: &Places) {
        let reader = &self.reader;
        until(&self.details_read).await;
        let trusted = |service: &str| {
            self.known(|details: &AuthorizationDetails| {
                details.roles.iter().any(|role| trust::names(role.trust_policy.as_str(), service))
            })
        };
        let anywhere = async {
            if trusted("rolesanywhere")? {
                roles_anywhere::read(reader, places).await
            } else {
                Ok(RolesAnywhere::default())
            }
        };
        let pools = async {
            let asked = trusted("cognito-identity")?;
            if asked { identity_pools::read(reader, places).await } else { Ok(IdentityPools::default()) }
        };
        tokio::join!(self.topic(roles_anywhere::count, anywhere), self.topic(identity_pools::count, pools));
    }

    /// Reads a topic, where it is wanted, and keeps what came of it.
    async fn topic<T: Fact>(&self, count: impl Fn(&T) -> usize, read: impl Future<Output = Result<T, Gap>>) {
        let topic = T::TOPIC;
        if !self.wanted.contains(&topic) {
            return;
        }
        let reader = &self.reader;
        if PER_USER.contains(&topic) && self.request.detail == Detail::Standard {
            let message = "this costs a call a user or resource, and is read only under --detail full";
            return self.put(topic, Err::<T, Gap>(Gap::not_requested(message)));
        }
        reader.progress.started(topic);
        lock(&self.observed_at).insert(topic, self.session.now());
        let result = read.await;
        let read = result.as_ref().map_or(0, count);
        tracing::info!(read, missing = result.is_err(), "{topic}");
        reader.progress.finished(topic, read, result.as_ref().err());
        self.put(topic, result);
    }

    fn put<T: Fact>(&self, topic: Topic, result: Result<T, Gap>) {
        if result.is_ok() {
            lock(&self.observed_at).entry(topic).or_insert_with(|| self.session.now());
        }
        *T::slot(&mut lock(&self.facts)) = Seen::from(result);
    }

    /// Takes something out of a topic that was read before.
    fn known<T: Fact, R>(&self, take: impl Fn(&T) -> R) -> Result<R, Gap> {
        T::slot(&mut lock(&self.facts)).get().map(take).map_err(Clone::clone)
    }

    fn snapshot(self, interrupted: bool) -> Snapshot {
        let mut facts = self.facts.into_inner().unwrap_or_else(PoisonError::into_inner);
        let not_wanted = Topic::ALL.iter().filter(|topic| !self.wanted.contains(topic));
        for topic in not_wanted {
            facts.set_gap(*topic, Gap::not_requested("no check that was chosen needs this, so it was not read"));
        }
        if interrupted {
            let nobody_tried = Seen::<()>::default();
            for topic in &self.wanted {
                if facts.gap(*topic).is_some_and(|gap| Some(gap) == nobody_tried.gap()) {
                    facts.set_gap(*topic, interruption(*topic));
                }
            }
        }
        let places = self.places.into_inner().unwrap_or_else(PoisonError::into_inner);
        let whose = self.whose.into_inner().unwrap_or_else(PoisonError::into_inner);
        let named: Vec<_> = self.request.regions.iter().filter_map(|name| check_region(name).ok()).collect();
        let caller = self.session.caller();
        Snapshot {
            format: snapshot::FORMAT.to_owned(),
            version: snapshot::VERSION,
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            account: caller.account.clone(),
            partition: caller.partition(),
            taken_at: self.reader.now,
            finished_at: self.session.now(),
            request: CollectionRequest {
                detail: self.request.detail.as_str().to_owned(),
                last_accessed: whose.map_or("not-asked", LastAccessedOf::as_str).to_owned(),
                regions: (!named.is_empty()).then_some(named),
                endpoint: self.session.endpoint().map(str::to_owned),
                sample: self.session.options.recording.as_ref().map(|recording| recording.head().notice.clone()),
            },
            regions: places.asked,
            observed_at: self.observed_at.into_inner().unwrap_or_else(PoisonError::into_inner),
            calls: self.session.clients.ledger().counts(),
            facts,
            unknown: BTreeMap::new(),
        }
    }
}

/// Waits until something was read.
async fn until(read: &watch::Sender<bool>) {
    // It ends without a value only with the collection itself.
    let mut read = read.subscribe();
    let _ended = read.wait_for(|read| *read).await;
}

fn interruption(topic: Topic) -> Gap {
    Gap {
        kind: GapKind::Interrupted,
        operation: topic.operations().first().map(ToString::to_string),
        region: None,
        code: None,
        message: "the run was ended before this was read".to_owned(),
    }
}
