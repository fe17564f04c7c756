//! The flags of `plan`, `apply` and `destroy` that say which resources and how far, and what they ask for, held against manifests, state and what is live.

use crate::cli::complete::keys;
use crate::cli::output;
use crate::cli::values::{Label, adopted, comment};
use crate::kind::on_drift::OnDrift;
use crate::kind::workspace::{Notice, Prune, QuietHours, Share};
use crate::manifest::doorman::near;
use crate::model::{Desired, Key, Live, Records};
use crate::pipeline;
use crate::plan::online_meeting::channel::is_channel;
use crate::plan::{Comment, Policy, Shard};
use crate::reason::Reason;
use crate::reconcile::{Adopted, Project};
use crate::state::State;
use anyhow::{Result, bail};
use clap::Args;
use std::collections::BTreeSet;

/// Which resources, and how far an apply may go.
#[derive(Args)]
pub struct Rules {
    /// Only resources that have all these labels
    #[arg(long, value_name = "LABEL=VALUE,…", env = "CONVOKE_SELECT", value_delimiter = ',')]
    pub select: Vec<Label>,
    /// Only these resources, such as Event/weekly
    #[arg(long, value_name = "KEY,…", env = "CONVOKE_ONLY", value_delimiter = ',', add = keys())]
    pub only: Vec<Key>,
    /// All but these resources
    #[arg(long, value_name = "KEY,…", env = "CONVOKE_EXCEPT", value_delimiter = ',', add = keys())]
    pub except: Vec<Key>,
    /// Send one part of several alone, such as 2/8: the steps of every eighth mailbox. Every run plans and judges all of it; they
    /// wait for each other with --lock-timeout, and --plan-id or a saved plan holds for all of them
    #[arg(long, value_name = "K/N", env = "CONVOKE_SHARD")]
    pub shard: Option<Shard>,
    /// Cancel what is ours and in no manifest, in any case
    ///
    /// Although the workspace keeps it or not all manifests were read.
    #[arg(long)]
    pub prune: bool,
    /// Go on although no manifest declares anything, or a set makes nothing
    ///
    /// What was managed is removed then.
    #[arg(long)]
    pub allow_empty: bool,
    /// Replace these resources where Graph lets nothing else; they get new join links
    #[arg(long, value_name = "KEY,…", value_delimiter = ',', add = keys())]
    pub allow_replace: Vec<Key>,
    /// What to do where somebody changed live what a manifest declares and no file says: revert or report
    #[arg(long, value_name = "revert|report", env = "CONVOKE_ON_DRIFT")]
    pub on_drift: Option<OnDrift>,
    /// Show in a pipeline, too, what other people wrote live: titles, places, texts
    #[arg(long, env = "CONVOKE_SHOW_LIVE")]
    pub show_live: bool,
    /// Make these resources again although somebody deleted them and that is left so; their guests are invited again
    #[arg(long, value_name = "KEY,…", value_delimiter = ',', add = keys())]
    pub recreate: Vec<Key>,
    /// Hours in which nobody is mailed, on the organizer's clock, such as 20:00-07:00; none for none
    #[arg(long, value_name = "HH:MM-HH:MM", env = "CONVOKE_QUIET_HOURS")]
    pub quiet_hours: Option<QuietHours>,
    /// How long before it starts an event is left alone, such as 24h; 0m for no limit
    #[arg(long, value_name = "TIME", env = "CONVOKE_MINIMUM_NOTICE")]
    pub minimum_notice: Option<Notice>,
    /// Take over the online meeting that shows this meeting id in Teams
    #[arg(long, value_name = "KEY=ID,…", env = "CONVOKE_ADOPT", value_delimiter = ',', value_parser = adopted)]
    pub adopt: Vec<Adopted>,
    /// Take it for certain that these online meetings were not made, though their create was sent
    #[arg(long, value_name = "KEY,…", value_delimiter = ',', add = keys())]
    pub absent: Vec<Key>,
    /// Write a state that another repository writes; from then on that one is refused
    #[arg(long)]
    pub take_over: bool,
    /// Mark what is taken over at once, not with its next change; each of its guests counts as possibly mailed
    #[arg(long, env = "CONVOKE_MARK_NOW")]
    pub mark_now: bool,
    /// What those read whose event or date is cancelled, whatever the manifests say
    #[arg(long, value_name = "TEXT", env = "CONVOKE_COMMENT", value_parser = comment)]
    pub comment: Option<String>,
    /// Look whether the people who are invited are free, not only the rooms
    #[arg(long, env = "CONVOKE_CHECK_PEOPLE")]
    pub check_people: bool,
    /// Refuse a plan with clashes
    #[arg(long, env = "CONVOKE_STRICT_CLASHES")]
    pub strict_clashes: bool,
    /// The most mails that this apply may send, those counted that are only possible
    #[arg(long, value_name = "N", env = "CONVOKE_MAX_MAILS")]
    pub max_mails: Option<u64>,
    /// The most people beyond their organizers' domains that this apply may mail, those counted who are only possibly mailed
    #[arg(long, value_name = "N", env = "CONVOKE_MAX_OUTSIDE")]
    pub max_outside: Option<u64>,
    /// The most resources that this apply may cancel or replace: a count, or a share such as 25%
    #[arg(long, value_name = "N|%", env = "CONVOKE_MAX_REMOVALS")]
    pub max_removals: Option<Share>,
    /// The most resources that this apply may change: a count, or a share such as 50%
    #[arg(long, value_name = "N|%", env = "CONVOKE_MAX_CHANGES")]
    pub max_changes: Option<Share>,
}

impl Rules {
    /// Joins the flags with what the workspace says. Fails where the project has none.
    pub fn policy(&self, project: &Project, destroy: bool) -> Result<Policy> {
        let (rules, owner, policy) = (self, project.owner()?, project.policy()?);
        let mut limits = policy.limits.clone();
        limits.mails = rules.max_mails.or(limits.mails);
        limits.outside = rules.max_outside.or(limits.outside);
        limits.removals = rules.max_removals.unwrap_or(limits.removals);
        limits.changes = rules.max_changes.unwrap_or(limits.changes);
        limits.quiet_hours = rules.quiet_hours.or(limits.quiet_hours);
        limits.minimum_notice = rules.minimum_notice.or(limits.minimum_notice);
        let selected = |want: &&Desired| rules.select.iter().all(|it| want.labels.get(&it.name) == Some(&it.value));
        let labelled: BTreeSet<Key> = project.desired().iter().filter(selected).map(|want| want.key.clone()).collect();
        let named: BTreeSet<Key> = rules.only.iter().cloned().collect();
        let only = match (rules.select.is_empty(), named.is_empty()) {
            (true, true) => None,
            (true, false) => Some(named),
            (false, true) => Some(labelled),
            (false, false) => Some(&labelled & &named),
        };
        // Files without the workspace name what is to go, and nothing else is.
        let only = match only {
            only if !destroy || project.whole => only,
            only => {
                let mut keys: BTreeSet<Key> = project.desired().iter().map(|want| want.key.clone()).collect();
                keys.retain(|key| only.as_ref().is_none_or(|only| only.contains(key)));
                Some(keys)
            }
        };
        let cancels = rules.prune || destroy;
        Ok(Policy {
            prune: if cancels { Prune::Cancel } else { policy.prune },
            limits,
            allow_replace: rules.allow_replace.iter().cloned().collect(),
            only,
            on_drift: owner.spec.on_drift.or(rules.on_drift).unwrap_or_default(),
            show_live: rules.show_live || !pipeline::is_there(),
            recreate: rules.recreate.iter().cloned().collect(),
            absent: rules.absent.iter().cloned().collect(),
            except: rules.except.iter().cloned().collect(),
            no_prune: policy.no_prune.clone().filter(|_| !cancels),
            mark_now: rules.mark_now,
            allow_empty: rules.allow_empty,
            destroy,
            check_people: rules.check_people,
            strict_clashes: rules.strict_clashes,
            comment: rules.comment.clone().map_or(Comment::Declared, Comment::Said),
            ..policy
        })
    }

    /// Returns a flag that chooses or changes what is planned, if there is one.
    pub fn chooses(&self) -> Option<&'static str> {
        let flags = [
            (!self.select.is_empty(), "--select"),
            (!self.only.is_empty(), "--only"),
            (!self.except.is_empty(), "--except"),
            (self.prune, "--prune"),
            (self.allow_empty, "--allow-empty"),
            (self.mark_now, "--mark-now"),
            (!self.allow_replace.is_empty(), "--allow-replace"),
            (!self.recreate.is_empty(), "--recreate"),
            (!self.adopt.is_empty(), "--adopt"),
            (!self.absent.is_empty(), "--absent"),
            (self.comment.is_some(), "--comment"),
        ];
        flags.into_iter().find_map(|(is_there, name)| is_there.then_some(name))
    }

    /// Refuses what a person says of meetings about which nothing is open.
    pub fn answer_questions(&self, project: &Project, state: &State) -> Result<()> {
        let records = state.records();
        for key in self.adopt.iter().map(|it| &it.key).chain(&self.absent) {
            let open = match records.resources.get(key) {
                Some(record) => record.unanswered.is_some(),
                None => project.desired().iter().any(|want| want.key == *key && is_channel(want)),
            };
            if !open {
                bail!(
                    Reason::NamesNothing
                        .trouble(format!("nothing is open about `{key}`"))
                        .hint("leave --adopt and --absent out")
                );
            }
        }
        Ok(())
    }

    /// Refuses a flag that names nothing: with a slip of the pen in `--except` the resource that was meant would be changed.
    pub fn name_something(&self, project: &Project, live: &Live, records: &Records) -> Result<()> {
        let live = live.objects.iter().map(|have| &have.key);
        let known = project.desired().iter().map(|want| &want.key).chain(records.resources.keys()).chain(live);
        let flags = [
            ("--only", &self.only),
            ("--except", &self.except),
            ("--allow-replace", &self.allow_replace),
            ("--recreate", &self.recreate),
        ];
        let given = flags.iter().any(|(_, keys)| !keys.is_empty());
        let known: BTreeSet<&Key> = known.filter(|_| given).collect();
        for (flag, keys) in flags {
            if let Some(key) = keys.iter().find(|key| !known.contains(key)) {
                let names: Vec<String> = known.iter().map(|key| key.to_string()).collect();
                let hint = match near(&key.to_string(), names.iter().map(String::as_str)) {
                    Some(other) => format!("did you mean `{other}`?"),
                    None => "`convoke plan -v` lists all keys".to_owned(),
                };
                bail!(
                    Reason::NamesNothing
                        .trouble(format!("`{key}` of {flag} is neither declared nor managed"))
                        .hint(hint)
                );
            }
        }
        for it in &self.select {
            if project.desired().iter().all(|want| want.labels.get(&it.name) != Some(&it.value)) {
                output::tell(
                    "warning: ",
                    &Reason::NamesNothing.trouble(format!("nothing has the label {}={}", it.name, it.value)),
                );
            }
        }
        Ok(())
    }
}
