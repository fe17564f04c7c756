//! One round of one Workspace: its objects as documents, the same round as `convoke serve`, and what came of it.

use crate::approval::{self, Asked};
use crate::cluster::{Cluster, Seen};
use crate::outcome::Outcome;
use crate::status;
use anyhow::{Result, bail};
use convoke::face::graph::auth::Env;
use convoke::face::kind::crd::{self, OfGraph, OfWorkspace};
use convoke::face::kind::schema::Declared;
use convoke::face::kind::workspace::{Auth, Pins, is_address};
use convoke::face::manifest::files::Source;
use convoke::face::origin::Origin;
use convoke::face::reason::Reason;
use convoke::face::reconcile::{Given, Going, LOOK_FOR, Project, Session, Ways, connect, store};
use convoke::face::serve::{Approving, Ended, Line, Round, round};
use convoke::face::state::{Locked, Taking};
use convoke::face::trouble::Trouble;
use jiff::Timestamp;
use kube::ResourceExt;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// How long a lock of somebody else is waited for.
const LOCK_WAITS: Duration = Duration::from_secs(180);

/// How long a join link is waited for that does not appear at once.
const JOIN_LINK_WAITS: [Duration; 3] = [Duration::from_secs(2), Duration::from_secs(4), Duration::from_secs(8)];

/// Requests in flight at once.
const PARALLELISM: usize = 8;

/// What is said of what no object declares.
const ORPHAN: &str = "no object declares it, and nothing is cancelled because an object is absent";

/// A Workspace that is served.
pub struct One {
    cluster: Rc<Cluster>,
    /// Namespace and name.
    place: (String, String),
    states: Option<PathBuf>,
}

/// What is read of a Workspace and its objects.
struct Read {
    project: Project,
    asked: OfWorkspace,
    graph: OfGraph,
}

impl One {
    pub fn new(cluster: Rc<Cluster>, place: (String, String), states: Option<PathBuf>) -> One {
        One { cluster, place, states }
    }

    /// As it is told.
    pub fn name(&self) -> String {
        format!("{}/{}", self.place.0, self.place.1)
    }

    /// What stands for all that a round reads.
    pub fn stamp(&self) -> u64 {
        self.cluster.stamp(&self.place.0)
    }

    /// Makes a round, and writes what came of it to the objects.
    pub async fn round(&self, stop: watch::Receiver<bool>) -> Round {
        let seen = self.cluster.of(&self.place.0);
        let Some(workspace) = seen.iter().find(|it| it.declared == Declared::Workspace && it.place() == self.place)
        else {
            return Round::without_plan(Ended::Stopped, vec![]);
        };
        let mut outcome = Outcome::default();
        let made = self.made(&seen, workspace, stop, &mut outcome).await;
        let mut round = made.unwrap_or_else(|error| {
            outcome.code = Trouble::of(&error).code;
            Round::failed(&error)
        });
        if let Err(error) = status::write(&self.cluster, &seen, workspace, &round, &outcome).await {
            let cannot = Trouble::new(format!("the status cannot be written: {}", Trouble::of(&error).what));
            round.lines.push(Line::standing("warning: ", cannot));
        }
        round
    }

    async fn made(
        &self,
        seen: &[Seen],
        workspace: &Seen,
        stop: watch::Receiver<bool>,
        outcome: &mut Outcome,
    ) -> Result<Round> {
        self.is_alone(seen)?;
        let Read { project, asked, graph } = match self.read(seen, outcome)? {
            Some(read) if outcome.invalid.is_empty() => read,
            _ => return Ok(Round::without_plan(Ended::Failed, std::mem::take(&mut outcome.lines))),
        };
        self.can_be_served(&project, &graph)?;
        outcome.declared = project.desired().iter().map(|it| it.key.to_string()).collect();
        let env: Env = Arc::new(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
        let origin = Origin::of(&*env, &project.folder()?);
        let names = project.owner()?.names();
        let taking = Taking { who: origin.clone(), timeout: LOCK_WAITS, waits: |_| {}, ..Taking::default() };
        let mut stopping = stop.clone();
        let locked = tokio::select! {
            locked = Locked::take(store(&project, false, &env, |_| {})?, names, &taking) => locked?,
            Ok(_) = stopping.wait_for(|stop| *stop) => return Ok(Round::without_plan(Ended::Stopped, vec![])),
        };
        let made = self.under_lock(&project, &locked, (&asked, workspace, &origin, env), stop, outcome).await;
        let records = locked.state().records();
        outcome.ids = records.resources.iter().map(|(key, record)| (key.to_string(), record.id.clone())).collect();
        locked.release().await?;
        made
    }

    async fn under_lock(
        &self,
        project: &Project,
        locked: &Locked,
        (asked, workspace, origin, env): (&OfWorkspace, &Seen, &Origin, Env),
        stop: watch::Receiver<bool>,
        outcome: &mut Outcome,
    ) -> Result<Round> {
        locked.claim(origin, false)?;
        let ways = Ways {
            sandbox: false,
            env,
            parallelism: PARALLELISM,
            language: None,
            watch: Arc::new(|_| {}),
            explain: |_| {},
            ask: |_| {},
        };
        let connection = connect(project, ways).await?.signed_in().await?;
        let mut policy = project.unattended_policy()?;
        policy.no_prune = Some(ORPHAN.to_owned());
        // Before anything is sent it is written down that the approval is used.
        let approved = approval::take(&self.cluster, workspace, &Asked::of(asked)).await?;
        outcome.used.clone_from(&approved);
        let going = Going {
            parallelism: PARALLELISM,
            look_for: LOOK_FOR,
            stop,
            patience: &JOIN_LINK_WAITS,
            clock: &Timestamp::now,
            done: &mut |_, _| {},
        };
        let session = Session { project, client: &connection.client, policy, adopt: vec![] };
        let approving = Approving { approval: &asked.approval, plan: approved.as_deref() };
        let made = round(&session, locked, approving, going).await;
        connection.close().await?;
        made
    }

    /// Makes documents of the objects. Nothing where the Workspace is not one; what is wrong stands in `outcome`.
    fn read(&self, seen: &[Seen], outcome: &mut Outcome) -> Result<Option<Read>> {
        let mut sources = vec![];
        let mut asks = None;
        let mut places = BTreeMap::new();
        for it in seen {
            let file = self.file(it);
            places.insert(file.clone(), it.key());
            match crd::read(it.declared, &it.value()) {
                Ok(object) => {
                    if let crd::Asked::Workspace(asked, graph) = object.asked {
                        asks = Some((asked, graph));
                    }
                    sources.push(Source { file, text: object.document.to_string().into_bytes(), found: false });
                }
                Err(faults) => faults.iter().for_each(|fault| outcome.refuse(it.key(), &fault.message, fault.reason())),
            }
        }
        let given = Given { pins: Pins::read(std::env::vars_os())?, ..Given::default() };
        let project = Project::of_sources(sources, given);
        for problem in &project.manifests.problems {
            let key = places.get(&*problem.at.file).cloned().unwrap_or_default();
            outcome.refuse(key, &problem.message, problem.reason);
        }
        Ok(asks.map(|(asked, graph)| Read { project, asked, graph }))
    }

    /// The name of an object in messages; the folder of the Workspace's is where a state is kept that has no address.
    fn file(&self, seen: &Seen) -> String {
        let (namespace, name) = &self.place;
        let folder = self.states.clone().unwrap_or_default().join(namespace).join(name);
        folder.join(format!("{}-{}", seen.declared.name(), seen.object.name_any())).display().to_string()
    }

    /// A namespace has one Workspace, and a name of one is the mark on what is live: two would share it.
    fn is_alone(&self, seen: &[Seen]) -> Result<()> {
        if seen.iter().filter(|it| it.declared == Declared::Workspace).count() > 1 {
            let several = Reason::SecondWorkspace.trouble("the namespace has several Workspaces, so none is served");
            bail!(several.hint("keep one in each namespace"));
        }
        if self.cluster.workspaces().iter().filter(|it| it.place().1 == self.place.1).count() > 1 {
            let same =
                "another namespace has a Workspace of the same name, which marks what is live, so none is served";
            bail!(Reason::SecondWorkspace.trouble(same).hint("give each a name of its own"));
        }
        Ok(())
    }

    /// Refuses what needs a person, and what is not there yet.
    fn can_be_served(&self, project: &Project, graph: &OfGraph) -> Result<()> {
        let owner = project.owner()?;
        if *graph != OfGraph::default() {
            let own = Reason::NoSignIn.trouble("a Workspace cannot bring its own sign-in yet");
            bail!(own.hint("leave `serviceAccountName` and `secretRef` out; the operator's own sign-in is used"));
        }
        if matches!(owner.spec.graph.auth, Some(Auth::DeviceCode | Auth::AzureCli)) {
            bail!(Reason::NoSignIn.trouble("`spec.graph.auth` names a sign-in that needs a person"));
        }
        if project.desired().iter().any(|want| want.spec.organizer == "me") {
            bail!(Reason::SignInDiffers.trouble("`organizer: me` needs a person who signs in: name the mailbox"));
        }
        if !is_address(&owner.spec.state) && self.states.is_none() {
            let place = Reason::Store.trouble("`spec.state` is no address, and the operator has no folder that lasts");
            bail!(place.hint("write an address such as `az://container/state.json`, or pass --state-folder"));
        }
        Ok(())
    }
}

impl Seen {
    /// As a plan has it: `Event/weekly`.
    pub fn key(&self) -> String {
        format!("{}/{}", self.declared.name(), self.object.name_any())
    }
}
