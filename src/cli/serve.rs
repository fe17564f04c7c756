//! `serve`: rounds without end. What reads the files, signs in and prints for them.

use crate::cli::common::Common;
use crate::cli::follow::Follow;
use crate::cli::output;
use crate::cli::stop::stopped;
use crate::cli::values::interval;
use crate::cli::way;
use crate::findings::{findings, left_out};
use crate::kind::crd::Approval;
use crate::kind::workspace::is_address;
use crate::reason::Reason;
use crate::reconcile::{Connection, Going, JOIN_LINK_WAITS, LOOK_FOR, Project, Session, UNATTENDED_WAITS};
use crate::render::page::Page;
use crate::serve::{Approving, Board, Ended, Line, Round, Watch, look, round, serve, stamp, undisturbed};
use crate::state::{State, SystemClock};
use crate::trouble::Trouble;
use anyhow::{Context, Result, bail};
use clap::Args;
use jiff::Timestamp;
use serde_json::json;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// How long answers on their way are waited for in the end.
const LAST_ANSWERS: Duration = Duration::from_secs(2);

/// Flags of `serve`.
#[derive(Args)]
pub struct Flags {
    /// Files or folders; one workspace
    ///
    /// If left out, the folder of --workspace, else the current one.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// How often to look, such as 30m, from 1m to 24h; a change in a file is looked at within seconds
    #[arg(long, value_name = "TIME", default_value = "30m", env = "CONVOKE_INTERVAL", value_parser = interval)]
    interval: Duration,
    /// Where to answer over HTTP; with port 0 any free one, which is told
    ///
    /// GET /healthz, /readyz, /metrics, /plan; from this machine alone POST /approve and /reconcile.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8484", env = "CONVOKE_LISTEN")]
    listen: SocketAddr,
    /// Never write: what is to do is pending, and stays so
    #[arg(long, env = "CONVOKE_PLAN_ONLY")]
    plan_only: bool,
}

/// Makes rounds until somebody asks to stop.
///
/// Fails where it cannot begin: without a workspace, or where the address is taken.
pub async fn run(flags: &Flags, common: &Common) -> Result<u8> {
    let paths = paths(flags, common)?;
    let project = read(&paths, common)?;
    let owner = project.owner()?;
    let listener = TcpListener::bind(flags.listen).await.with_context(|| {
        let taken = Trouble::new(format!("cannot listen on {}", flags.listen));
        taken.hint("pass another address with --listen; 127.0.0.1:0 takes any free port")
    })?;
    tell(&Line::event("", Trouble::new(begins(flags, &owner.name, listener.local_addr()?))));
    if owner.spec.limits.per.is_none() {
        let each = "limits hold for each round by itself, since the workspace has no `limits.per`";
        tell(&Line::event("note: ", Trouble::new(each)));
    }
    let kept = (!is_address(&owner.spec.state)).then(|| project.folder().map(|it| it.join(&owner.spec.state)));
    let kept = common.state.clone().or(kept.transpose()?);
    let (board, asked) = Board::new(&owner.name, flags.interval, flags.plan_only, Arc::new(SystemClock));
    let (board, stop) = (Arc::new(board), stopped(common.timeout));
    let answers = tokio::spawn(serve(listener, board.clone(), stop.clone()));
    let stamp = || stamp(&paths, kept.as_deref());
    let watch = Watch {
        board: &board,
        asked,
        stop: stop.clone(),
        stamp: &stamp,
        now: &Timestamp::now,
        jitter: &|| fastrand::f64() * 2.0 - 1.0,
        tell: &tell,
    };
    let one =
        One { name: &owner.name, paths: &paths, flags, common: &common_of_rounds(common), stamp: &stamp, stop: &stop };
    watch.run(async |approved| one.round(approved).await).await;
    let _ = tokio::time::timeout(LAST_ANSWERS, answers).await; // Whoever is too slow gets no answer.
    tell(&Line::event("", Trouble::new("stopped")));
    Ok(0)
}

/// Nothing but lines is told, and a lock is waited for.
fn common_of_rounds(common: &Common) -> Common {
    let lock_timeout = Some(common.lock_timeout.unwrap_or(UNATTENDED_WAITS));
    Common { quiet: true, lock_timeout, ..common.clone() }
}

/// The paths whose files are read anew for each round.
fn paths(flags: &Flags, common: &Common) -> Result<Vec<PathBuf>> {
    if flags.paths.iter().any(|path| path == Path::new("-")) {
        let input = Reason::Flags.trouble("files are read anew for each round, and standard input can be read once");
        bail!(input.hint("name files or folders"));
    }
    if !flags.paths.is_empty() {
        return Ok(flags.paths.clone());
    }
    let folder = common.workspace.first().and_then(|it| it.parent()).filter(|it| !it.as_os_str().is_empty());
    Ok(vec![folder.unwrap_or(Path::new(".")).to_owned()])
}

fn read(paths: &[PathBuf], common: &Common) -> Result<Project> {
    Project::read(paths, common.given()?)
}

fn begins(flags: &Flags, workspace: &str, at: SocketAddr) -> String {
    let what = if flags.plan_only { "planning" } else { "serving" };
    let every = match flags.interval.as_secs() {
        seconds if seconds % 60 == 0 => format!("{} min", seconds / 60),
        seconds => format!("{seconds} s"),
    };
    format!("{what} {workspace}, after each change and about every {every}: http://{at}")
}

/// Tells one line of the log.
fn tell(line: &Line) {
    if output::is_json_log() {
        let level = line.lead.trim_end_matches(": ");
        let event = if level.is_empty() { "message" } else { level };
        let mut event = json!({"event": event, "text": line.said.sentence()});
        if let Some(code) = line.said.code {
            event["code"] = json!(code);
        }
        return output::log(event);
    }
    let code = line.said.code.map(|code| format!(" [{code}]")).unwrap_or_default();
    output::say(&Page::line(&format!("{}{}{code}", line.lead, line.said.sentence())));
}

/// What each round begins with.
struct One<'a> {
    /// Of the workspace.
    name: &'a str,
    paths: &'a [PathBuf],
    flags: &'a Flags,
    common: &'a Common,
    stamp: &'a dyn Fn() -> u64,
    stop: &'a watch::Receiver<bool>,
}

impl One<'_> {
    async fn round(&self, approved: Option<&str>) -> Round {
        self.made(approved).await.unwrap_or_else(|error| Round::failed(&error))
    }

    async fn made(&self, approved: Option<&str>) -> Result<Round> {
        let project = undisturbed(self.stamp, || read(self.paths, self.common))?;
        if let Some(invalid) = invalid(&project) {
            return Ok(Round::without_plan(Ended::Failed, vec![invalid]));
        }
        let name = &project.owner()?.name;
        if name != self.name {
            let other = format!("the workspace is called `{name}` now, and this serves `{}`", self.name);
            bail!(Reason::NoWorkspace.trouble(other).hint("start it again"));
        }
        way::agreed(&project, self.common)?;
        way::asks_nobody(&project, self.common)?;
        let mut made =
            if self.flags.plan_only { self.planned(&project).await? } else { self.applied(&project, approved).await? };
        let notes = left_out(&project.manifests, self.common.verbose > 0);
        made.lines.extend(notes.into_iter().map(|note| Line::standing("note: ", Trouble::new(note))));
        Ok(made)
    }

    /// A round that holds the lock of the state.
    async fn applied(&self, project: &Project, approved: Option<&str>) -> Result<Round> {
        let mut stop = self.stop.clone();
        let locked = tokio::select! {
            locked = way::locked(project, self.common, false) => locked?,
            Ok(_) = stop.wait_for(|stop| *stop) => return Ok(Round::without_plan(Ended::Stopped, vec![])),
        };
        way::held(locked, async |locked| {
            locked.claim(&way::origin(project)?, false)?;
            let connection = self.connected(project).await?;
            let going = Going {
                parallelism: self.common.parallelism.into(),
                look_for: LOOK_FOR,
                stop: self.stop.clone(),
                patience: &JOIN_LINK_WAITS,
                clock: &Timestamp::now,
                done: &mut |_, _| {},
            };
            let approving = Approving { approval: &Approval::Auto, plan: approved };
            let made = round(&session(project, &connection)?, locked, approving, going).await;
            connection.close().await?;
            made
        })
        .await
    }

    /// A round that writes nothing, not even the state.
    async fn planned(&self, project: &Project) -> Result<Round> {
        let state = State::read(&way::store(project, self.common)?, project.owner()?.names()).await?;
        state.written_by(&way::origin(project)?, false)?;
        let connection = self.connected(project).await?;
        let (mut stop, session) = (self.stop.clone(), session(project, &connection)?);
        let made = tokio::select! {
            made = look(&session, &state, Timestamp::now()) => made,
            Ok(_) = stop.wait_for(|stop| *stop) => Ok(Round::without_plan(Ended::Stopped, vec![])),
        };
        connection.close().await?;
        made
    }

    /// Signs in anew: whatever the last round signed in with may have expired.
    async fn connected(&self, project: &Project) -> Result<Connection> {
        way::connected(project, self.common, None, &Follow::new(self.common)).await?.signed_in().await
    }
}

fn session<'a>(project: &'a Project, connection: &'a Connection) -> Result<Session<'a>> {
    Ok(Session { project, client: &connection.client, policy: project.unattended_policy()?, adopt: vec![] })
}

/// Says what is wrong with the manifests, if anything is: nothing is written until that is mended.
fn invalid(project: &Project) -> Option<Line> {
    let found = findings(&project.manifests, false);
    let first = project.manifests.problems.first().filter(|_| found.total > 0)?;
    let at = &first.at;
    let what = format!("{}; {}:{}:{}: {}", found.refusal(), at.file, at.line, at.column, first.message);
    Some(Line::standing("error: ", Reason::Refused.trouble(what).hint("`convoke validate` shows all of them")))
}
