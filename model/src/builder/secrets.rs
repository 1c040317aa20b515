//! Secrets of an account under construction.

use super::{Account, days_ago};
use crate::facts::secrets::Secret;
use crate::{Arn, Seen};

impl Account {
    /// A secret of the home Region: made 400 days ago, rotated every 30 days, the last time 20 days ago.
    #[must_use]
    pub fn secret(mut self, name: &str, change: impl FnOnce(&mut Secret)) -> Self {
        let (partition, account) = (&self.snapshot.partition, &self.snapshot.account);
        let Seen::Known(secrets) = &mut self.snapshot.facts.secrets else { return self };
        let Some((region, Seen::Known(here))) = secrets.regions.iter_mut().next() else { return self };
        let mut secret = Secret {
            arn: Arn::new(format!("arn:{partition}:secretsmanager:{region}:{account}:secret:{name}-Ab12Cd")),
            rotates: true,
            schedule: Some("every 30 days".to_owned()),
            created_at: Some(days_ago(400)),
            last_rotated_at: Some(days_ago(20)),
            next_rotation_at: Some(days_ago(-10)),
            owning_service: None,
            primary_region: None,
            tags: [].into(),
        };
        change(&mut secret);
        here.push(secret);
        here.sort_by(|a, b| a.arn.cmp(&b.arn));
        self
    }
}
