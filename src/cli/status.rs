//! `status`: what is managed, when it takes place next, where, and how to join it.

use crate::cli::common::Common;
use crate::cli::complete::keys_and_paths;
use crate::cli::follow::Follow;
use crate::cli::output::{self, print, say};
use crate::cli::values::{Format, Subject, language, subject};
use crate::cli::{FAILED, validate, way};
use crate::findings::{Finding, findings};
use crate::kind::workspace::Pins;
use crate::model::{Desired, Key, Live, Mailbox};
use crate::plan::Policy;
use crate::reconcile::{Look, Project, Session, look};
use crate::render::page::Page;
use crate::render::problems;
use crate::state::State;
use crate::status::{Asked, Joining};
use crate::trouble::Trouble;
use crate::{render, status};
use anyhow::Result;
use clap::Args;
use jiff::Timestamp;
use std::collections::BTreeSet;

/// How many resources that are not there yet are named.
const MOST_NAMED: usize = 3;

/// Flags of `status`.
#[derive(Args)]
pub struct Flags {
    /// Only these: keys such as Event/weekly, and what stands in these files and folders
    #[arg(value_name = "KEY|PATH", value_parser = subject, add = keys_and_paths())]
    subjects: Vec<Subject>,
    /// Add what only the Teams meetings tell: meeting id, dial-in page, chat; keys that are named have it already
    #[arg(long, env = "CONVOKE_DETAILS")]
    details: bool,
    /// Show passcodes, which are masked otherwise
    #[arg(long, env = "CONVOKE_REVEAL")]
    reveal: bool,
    /// Add who has accepted, declined, or proposed another time, and what rooms say of each date of the next five weeks
    #[arg(long, env = "CONVOKE_ANSWERS")]
    answers: bool,
    /// Add what Graph's create-call takes: chatInfo and organizerMeetingInfo
    #[arg(long)]
    call: bool,
    /// Add the join information for invitations, in this language, such as en-US or de-DE
    #[arg(long, value_name = "TAG", env = "CONVOKE_LANGUAGE", value_parser = language)]
    language: Option<String>,
    /// The format of the report
    #[arg(long, value_enum, default_value = "human", env = "CONVOKE_FORMAT")]
    format: Format,
}

impl Flags {
    fn keys(&self) -> BTreeSet<Key> {
        let keys = self.subjects.iter().filter_map(|it| if let Subject::Key(key) = it { Some(key) } else { None });
        keys.cloned().collect()
    }

    /// What to show, and with it whether the Teams meetings are read.
    fn asked(&self, keys: &BTreeSet<Key>, now: Timestamp) -> Asked {
        let Flags { subjects: _, details, reveal, answers, call, language, format: _ } = self;
        let information = language.is_some();
        let meetings = *details || *reveal || *call || information || !keys.is_empty();
        Asked { call: *call, information, answers: *answers, meetings, reveal: *reveal, now }
    }

    /// Which resources are meant: those that are named, and those that the paths declare; all, where the paths are all there is.
    fn only(&self, keys: &BTreeSet<Key>, project: &Project) -> Option<BTreeSet<Key>> {
        let all_paths = keys.is_empty() && (self.subjects.is_empty() || project.whole);
        let named = self.subjects.len() > keys.len();
        let declared = project.desired().iter().filter(|_| named).map(|want| want.key.clone());
        (!all_paths).then(|| keys.iter().cloned().chain(declared).collect())
    }
}

/// Shows what is managed: the one output that holds join links.
pub async fn run(flags: &Flags, common: &Common) -> Result<u8> {
    let paths = flags.subjects.iter().filter_map(|it| if let Subject::Path(path) = it { Some(path) } else { None });
    let project = common.project(&paths.cloned().collect::<Vec<_>>())?;
    if bars(&project) && validate::refused(&project, false) {
        return Ok(FAILED);
    }
    let findings = findings(&project.manifests, false);
    let broken = findings.total > 0;
    if broken && flags.format == Format::Human {
        say(&problems::human(&findings, true));
        say(&Page::line(&format!("error: {}", findings.rest_is_shown())));
    }
    let owner = project.owner()?;
    way::agreed(&project, common)?;
    let policy = Policy::of(owner.names(), owner.spec.prune, owner.spec.limits.clone());
    let state = State::read(&way::store(&project, common)?, owner.names()).await?;
    let follow = Follow::new(common);
    let connection = way::connected(&project, common, flags.language.as_deref(), &follow).await?.signed_in().await?;
    let session = Session { project: &project, client: &connection.client, policy, adopt: vec![] };
    let keys = flags.keys();
    let (only, asked) = (flags.only(&keys, &project), flags.asked(&keys, Timestamp::now()));
    let wanted = Look { only: only.as_ref(), meetings: asked.meetings, answers: asked.answers, now: asked.now };
    let looked = look(&session, &state, wanted).await?;
    let rows = status::joining((&looked.live, &looked.coming), project.desired(), only.as_ref(), asked);
    follow.done(&connection.client);
    connection.close().await?;
    let unsearched = unread(&looked.live, |it| if it.gone { &it.failure } else { &it.unsearched });
    let mut failures = failures(&looked.live);
    failures.extend(looked.coming.failures.clone());
    // Where nothing was found, what was not searched may hold it.
    let unseen = !failures.is_empty() || (rows.is_empty() && !unsearched.is_empty());
    show(flags, &rows, asked, (unseen || broken, &findings.shown))?;
    for (name, why) in &unsearched {
        output::tell(&format!("warning: not searched for events of this workspace: {name}: "), why);
    }
    for (name, why) in &failures {
        output::tell(&format!("error: {name}: "), why);
    }
    let lacking = tell_lacking(&keys, project.desired(), only.as_ref(), &looked.live, unseen);
    Ok(if unseen || broken || lacking { FAILED } else { 0 })
}

fn show(flags: &Flags, rows: &[Joining], asked: Asked, (unseen, problems): (bool, &[Finding])) -> Result<()> {
    match flags.format {
        Format::Json => print(&render::json::status(rows, !unseen, problems)),
        // What could not be seen is not nothing.
        Format::Human if rows.is_empty() && (unseen || !flags.subjects.is_empty()) => Ok(()),
        Format::Human if asked.meetings || asked.answers => print(&render::status::blocks(rows)),
        Format::Human => print(&render::status::table(rows)),
    }
}

/// Whether what is wrong bars every look: with the workspace, or with what the environment pins.
fn bars(project: &Project) -> bool {
    let pinned = project.given.pins != Pins::default();
    pinned || project.workspace.as_ref().is_none_or(|owner| !owner.problems.is_empty())
}

/// Tells what is named and not there, and what is declared and not there yet; returns whether something that was named is not.
fn tell_lacking(
    keys: &BTreeSet<Key>,
    desired: &[Desired],
    only: Option<&BTreeSet<Key>>,
    live: &Live,
    unseen: bool,
) -> bool {
    let there: BTreeSet<&Key> = live.objects.iter().map(|have| &have.key).chain(live.unknown.keys()).collect();
    let lacking: Vec<&Key> = keys.iter().filter(|key| !unseen && !there.contains(key)).collect();
    for key in &lacking {
        output::tell("error: ", &Trouble::new(format!("`{key}` is not managed, or not applied yet")));
    }
    let seen = |want: &&Desired| live.mailboxes.get(&want.spec.organizer).is_some_and(|it| it.failure.is_none());
    let meant = |want: &&Desired| !keys.contains(&want.key) && only.is_none_or(|only| only.contains(&want.key));
    let open = desired.iter().filter(|want| !want.keys().any(|key| there.contains(key)));
    let open: Vec<String> = open.filter(meant).filter(seen).map(|want| want.key.to_string()).collect();
    if !open.is_empty() {
        let (shown, more) = open.split_at(open.len().min(MOST_NAMED));
        let more = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
        say(&Page::filled("note: ", "      ", &format!("not applied yet: {}{more}", shown.join(", "))));
    }
    !lacking.is_empty()
}

/// What could not be read, by mailbox or key, and why.
fn failures(live: &Live) -> Vec<(String, Trouble)> {
    let unknown = live.unknown.iter().map(|(key, why)| (key.to_string(), why.clone()));
    unread(live, |it| if it.gone { &None } else { &it.failure }).into_iter().chain(unknown).collect()
}

fn unread(live: &Live, why: fn(&Mailbox) -> &Option<Trouble>) -> Vec<(String, Trouble)> {
    live.mailboxes.iter().filter_map(|(name, it)| Some((name.clone(), why(it).clone()?))).collect()
}
