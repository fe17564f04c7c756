//! `apply`: a plan, a question, and what became of it; `destroy` goes the same way.

use crate::apply::{Fate, Outcome};
use crate::cli::common::{Common, Manifests};
use crate::cli::follow::Follow;
use crate::cli::output::{self, print};
use crate::cli::report::Layout;
use crate::cli::rules::Rules;
use crate::cli::stop::stopped;
use crate::cli::values::PlanId;
use crate::cli::{DIFFERS, FAILED, saved, validate, way};
use crate::inert;
use crate::kind::event::View;
use crate::model::Desired;
use crate::plan::saved::Saved;
use crate::plan::{Action, Policy, Shard, Step};
use crate::reason::Reason;
use crate::reconcile::{
    Approval, Given, Going, JOIN_LINK_WAITS, LOOK_FOR, Planned, Project, Session, Terms, Verdict, apply, plan,
    plan_saved, policy_of,
};
use crate::render;
use crate::render::page::Page;
use crate::report::{Report, report};
use crate::state::{Locked, State};
use crate::trouble::Trouble;
use anyhow::{Context, Result, bail};
use clap::Args;
use jiff::Timestamp;
use std::borrow::Cow;
use std::io::ErrorKind;
use tokio::sync::watch;

/// Flags of `apply`.
#[derive(Args)]
pub struct Flags {
    #[command(flatten)]
    how: How,
    /// Apply the plan with this id and no other
    ///
    /// Without asking: all 64 digits, as the JSON of `plan` has them.
    #[arg(long, value_name = "ID", env = "CONVOKE_PLAN_ID")]
    plan_id: Option<PlanId>,
    #[command(flatten)]
    saved: saved::OfSaved,
    /// Do not ask
    #[arg(long, short, env = "CONVOKE_YES")]
    yes: bool,
}

/// What is applied, and how it is told.
#[derive(Args)]
pub struct How {
    #[command(flatten)]
    manifests: Manifests,
    #[command(flatten)]
    rules: Rules,
    #[command(flatten)]
    layout: Layout,
}

/// Plans, asks, sends, and looks again whether it settled.
pub async fn run(flags: &Flags, common: &Common) -> Result<u8> {
    let Flags { how, plan_id, saved, yes } = flags;
    let plan_id = plan_id.as_ref().map(|PlanId(id)| id.as_str());
    let aim = match saved::file(&how.manifests.paths) {
        Some(file) => Aim::Saved(saved::read(file, plan_id, &how.rules)?.into(), saved.terms()),
        None => Aim::Declared(plan_id),
    };
    carry_out(how, common, *yes || plan_id.is_some(), aim).await
}

/// What is applied.
pub enum Aim<'a> {
    /// What the manifests declare; if an id was approved, the plan with that id only.
    Declared(Option<&'a str>),
    /// What the manifests declare, if it is what somebody approved.
    Reviewed(&'a Approval),
    /// What a plan says that was saved.
    Saved(Box<Saved>, Terms),
    /// Everything is to go.
    Destroy,
}

/// Plans, asks, sends, and looks again.
pub async fn carry_out(flags: &How, common: &Common, yes: bool, aim: Aim<'_>) -> Result<u8> {
    let How { manifests, rules, layout } = flags;
    layout.tells_what_was_done()?;
    let destroy = matches!(aim, Aim::Destroy);
    let project = match &aim {
        Aim::Saved(saved, _) => Project::of_saved(saved, common.given()?)?,
        Aim::Declared(_) | Aim::Reviewed(_) | Aim::Destroy => {
            let given = Given { allow_empty: rules.allow_empty, ..common.given()? };
            common.project_as(&manifests.paths, given)?
        }
    };
    if validate::refused(&project, manifests.all) {
        return Ok(FAILED);
    }
    let policy = match &aim {
        Aim::Saved(saved, _) => policy_of(saved, rules.policy(&project, destroy)?),
        Aim::Declared(_) | Aim::Reviewed(_) | Aim::Destroy => rules.policy(&project, destroy)?,
    };
    let tell = |told: Told| {
        let said = told.shown && layout.is_for_people() && output::is_read();
        if said && !told.sent {
            return Ok(());
        }
        let report = if said { Cow::Owned(told.report.clone().without_plan()) } else { Cow::Borrowed(told.report) };
        let page = layout.page(&report, common.verbose > 0);
        // What was sent is told somewhere.
        print(&page).inspect_err(|_| {
            if told.sent {
                output::say(&page)
            }
        })
    };
    Run { project: &project, rules, common, yes, aim: &aim, tell: &tell }.carry_out(policy).await
}

/// One run of an apply, from the lock to what is told of it.
pub struct Run<'a> {
    pub project: &'a Project,
    pub rules: &'a Rules,
    pub common: &'a Common,
    /// Nobody is asked.
    pub yes: bool,
    pub aim: &'a Aim<'a>,
    /// Takes the report of the plan that is not applied, or of what became of it.
    pub tell: &'a (dyn Fn(Told) -> Result<()> + Sync),
}

/// What there is to tell.
pub struct Told<'a> {
    pub session: &'a Session<'a>,
    /// As it was before.
    pub state: &'a State,
    pub planned: &'a Planned,
    pub report: &'a Report,
    /// Whether the plan was carried out.
    pub sent: bool,
    /// Whether a person has just seen all of it.
    pub shown: bool,
}

impl Run<'_> {
    /// Plans under the lock of the state, asks, sends, and looks again.
    pub async fn carry_out(self, policy: Policy) -> Result<u8> {
        way::agreed(self.project, self.common)?;
        way::under_lock(self.project, self.common, async |locked: &Locked| self.under_lock(policy, locked).await).await
    }

    async fn under_lock(&self, policy: Policy, locked: &Locked) -> Result<u8> {
        let Run { project, rules, common, yes, aim, tell } = self;
        let stop = stopped(common.timeout);
        locked.claim(&way::origin(project)?, rules.take_over)?;
        let state = locked.state();
        rules.answer_questions(project, &state)?;
        let follow = Follow::new(common);
        let connection = way::connected(project, common, None, &follow).await?.signed_in().await?;
        let session = Session { project, client: &connection.client, policy, adopt: rules.adopt.clone() };
        let mut stopped = stop.clone();
        let mut planned = tokio::select! {
            planned = planned(&session, &state, aim, rules.shard) => planned?,
            Ok(_) = stopped.wait_for(|stop| *stop) => bail!(Reason::Stopped.trouble("stopped: nothing was sent")),
        };
        rules.name_something(project, &planned.live, &state.records())?;
        let ask = || asked(&planned, matches!(aim, Aim::Destroy), common);
        let code = match agreed(&planned, *yes, ask, &follow)? {
            Answer { yes: true, shown } => {
                self.carried_out(&session, &mut planned, locked, &follow, stop, shown).await?
            }
            Answer { shown, .. } => {
                follow.done(session.client);
                let report = report(&planned.plan, None, planned.refusals.clone()).with_part(planned.part());
                tell(Told {
                    session: &session,
                    state: &state,
                    planned: &planned,
                    report: &report,
                    sent: false,
                    shown,
                })?;
                if planned.refusals.is_empty() {
                    output::say(&Page::line("nothing was applied"));
                }
                FAILED
            }
        };
        connection.close().await?;
        Ok(code)
    }

    async fn carried_out(
        &self,
        session: &Session<'_>,
        planned: &mut Planned,
        locked: &Locked,
        follow: &Follow,
        stop: watch::Receiver<bool>,
        shown: bool,
    ) -> Result<u8> {
        let (common, before) = (self.common, locked.state());
        let (all, mut ended) = (planned.plan.steps.len(), 0);
        let going = Going {
            parallelism: common.parallelism.into(),
            look_for: LOOK_FOR,
            stop,
            patience: &JOIN_LINK_WAITS,
            clock: &Timestamp::now,
            done: &mut |step, outcome| {
                ended += 1;
                follow.step(ended, all, step, outcome);
            },
        };
        let mut done = apply(session, planned, locked, going).await?;
        done.second = None;
        follow.done(session.client);
        // Told first: the disk that has no room for the state may have none for the report either.
        if let Some(error) = &done.unsaved {
            output::tell("error: ", &Trouble::of(error));
        }
        let report = report(&planned.plan, Some(&done.outcomes), vec![]).with_part(planned.part());
        let report = report.with_unsaved(done.unsaved.as_ref().map(Trouble::of));
        (self.tell)(Told { session, state: &before, planned, report: &report, sent: true, shown })?;
        let mut ended = planned.plan.steps.iter().zip(&done.outcomes);
        if ended.any(|(step, outcome)| has_new_link(session.project, step, outcome)) {
            let flags = way::flags_again(session.project, common)?;
            output::aside(&Page::line(&format!("`convoke status{flags}` shows the join links")));
        }
        Ok(match done.verdict(planned) {
            Verdict::Settled => 0,
            Verdict::Failed => FAILED,
            Verdict::Blocked => DIFFERS,
        })
    }
}

async fn planned(session: &Session<'_>, state: &State, aim: &Aim<'_>, shard: Option<Shard>) -> Result<Planned> {
    let now = Timestamp::now();
    let mut planned = match aim {
        Aim::Saved(saved, terms) => plan_saved(session, state, saved, *terms, now).await?,
        Aim::Declared(_) | Aim::Reviewed(_) | Aim::Destroy => plan(session, state, now).await?,
    };
    shard.iter().for_each(|shard| planned.keep_to(*shard, session, state));
    match aim {
        Aim::Declared(approved) => approved.iter().for_each(|id| planned.hold_to(id, state)),
        Aim::Reviewed(approval) => planned.hold_to_approval(approval, state),
        Aim::Saved(..) | Aim::Destroy => {}
    }
    Ok(planned)
}

/// Whether something has a join link that was not there before, or was changed beside it.
fn has_new_link(project: &Project, step: &Step, outcome: &Outcome) -> bool {
    let made = matches!(step.action, Action::Create | Action::Update | Action::Replace | Action::Adopt);
    let went_through = matches!(outcome.fate, Fate::Applied | Fate::Unsettled);
    let linked = |want: &Desired| !want.key.kind().in_calendar || View::of(&want.spec.own.look()).is_teams();
    let want = || project.desired().binary_search_by(|want| want.key.cmp(&step.key)).ok();
    made && went_through && want().is_some_and(|place| linked(&project.desired()[place]))
}

/// What became of the question, and whether the plan was shown with it.
struct Answer {
    yes: bool,
    shown: bool,
}

/// Whether the plan is applied: nothing refuses it, and it does nothing or somebody agrees.
fn agreed(planned: &Planned, yes: bool, ask: impl FnOnce() -> Result<bool>, follow: &Follow) -> Result<Answer> {
    let unasked = |yes| Ok(Answer { yes, shown: false });
    match planned.refusals.is_empty() {
        false => unasked(false),
        true if planned.is_idle() || yes => unasked(true),
        true => Ok(Answer { yes: follow.while_asking(ask)?, shown: true }),
    }
}

/// Asks whether the plan may be applied. Without a terminal there is nobody to ask.
fn asked(planned: &Planned, destroy: bool, common: &Common) -> Result<bool> {
    if !output::is_asked() {
        let nobody = Reason::NobodyToAsk.trouble("there is nobody to ask whether this plan may be applied");
        bail!(nobody.hint("look at it with `convoke plan`, then pass --yes"));
    }
    let whole = report(&planned.plan, None, vec![]).with_part(planned.part());
    output::say(&render::human::render(&whole, common.verbose > 0));
    let own = planned.plan.own();
    let (question, word) = report(&own, None, vec![]).question(&own, destroy);
    let answer =
        dialoguer::Input::<String>::new().with_prompt(&*inert::line(&question)).allow_empty(true).interact_text();
    match answer {
        Ok(answer) => Ok(answer.trim() == word),
        // Ctrl-C is an answer too.
        Err(dialoguer::Error::IO(error)) if error.kind() == ErrorKind::Interrupted => Ok(false),
        Err(error) => Err(error).context("cannot ask"),
    }
}
