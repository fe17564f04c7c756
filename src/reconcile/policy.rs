//! What a workspace allows, before anybody adds to it.

use crate::kind::on_drift::OnDrift;
use crate::plan::Policy;
use crate::reconcile::Project;
use crate::when;
use anyhow::Result;
use jiff::tz::TimeZone;

impl Project {
    /// Returns what the workspace and what is pinned allow. Fails where the project has no workspace.
    pub fn policy(&self) -> Result<Policy> {
        let owner = self.owner()?;
        Ok(Policy {
            on_drift: owner.spec.on_drift.unwrap_or_default(),
            no_prune: (!self.whole).then(|| {
                "it stands in none of the manifests that were read; the workspace file was not among them, so nothing is \
                 cancelled (pass its folder, or --prune)"
                    .to_owned()
            }),
            passed_over: self.manifests.passed_over(),
            pins: self.given.pins.clone(),
            zone: owner.spec.defaults.time_zone.as_deref().and_then(when::zone).unwrap_or(TimeZone::UTC),
            ..Policy::of(owner.names(), owner.spec.prune, owner.spec.limits.clone())
        })
    }

    /// Returns what is allowed where nobody looks at the plans: what somebody changed live is named and left as it is, unless a file
    /// says otherwise, and of few resources, too, more than two removals need a person. Fails as `policy` does.
    pub fn unattended_policy(&self) -> Result<Policy> {
        let on_drift = self.owner()?.spec.on_drift.unwrap_or(OnDrift::Report);
        Ok(Policy { on_drift, unattended: true, ..self.policy()? })
    }
}
