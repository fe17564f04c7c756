//! A round of what a namespace declares: the same as `convoke serve` makes of files, and the same lock.

use crate::approval::{self, Asked};
use crate::cluster::{Cluster, Seen};
use crate::documents::{Read, read};
use crate::namespace::There;
use crate::outcome::Outcome;
use crate::{Terms, secret, sign_in};
use anyhow::{Result, bail};
use convoke::face::graph::auth::Env;
use convoke::face::kind::crd::{OfGraph, OfWorkspace};
use convoke::face::kind::workspace::{self as kind, Auth, is_address};
use convoke::face::model::{Desired, Key};
use convoke::face::origin::Origin;
use convoke::face::plan::Policy;
use convoke::face::plan::ahead::ahead;
use convoke::face::reason::Reason;
use convoke::face::reconcile::{
    Going, JOIN_LINK_WAITS, LOOK_FOR, Project, Session, UNATTENDED_WAITS, Ways, connect, store,
};
use convoke::face::serve::{self, Approving, Ended, Round};
use convoke::face::state::store::Store;
use convoke::face::state::{Locked, Taking};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::sync::watch;

/// Requests in flight at once.
const PARALLELISM: usize = 8;

/// So many dates of a series are looked through for one that is not skipped.
const DATES_AHEAD: usize = 60;

/// What is said of what no object declares.
const ORPHAN: &str = "no object declares it, and nothing is cancelled because an object is absent";

/// Plans and applies what a namespace declares; what is wrong with its objects stands in `outcome`.
///
/// Fails on what sends nothing: several Workspaces, no sign-in, a state that cannot be read, and as planning does.
pub async fn round(
    cluster: &Cluster,
    there: &There,
    terms: &Terms,
    stop: watch::Receiver<bool>,
    outcome: &mut Outcome,
) -> Result<Round> {
    let namespace = is_alone(cluster, there)?.place().0;
    let Read { project, asked, graph } = match read(there, terms, cluster.granted(&namespace), outcome)? {
        Some(read) if !outcome.is_refused() => read,
        _ => return Ok(Round::without_plan(Ended::Failed, vec![])),
    };
    can_be_served(&project, &graph, terms)?;
    outcome.next = next_starts(project.desired(), (terms.now)());
    let declared = project.desired().iter().map(|it| it.key.to_string());
    outcome.declared = declared.chain(outcome.invalid.keys().cloned()).collect();
    let env = sign_in::env(cluster, &namespace, &graph, &project.owner()?.spec.graph, &terms.env).await?;
    let origin = Origin::of(&*terms.env, &project.folder()?);
    let names = project.owner()?.names();
    let clock = terms.clock.clone();
    let taking = Taking { who: origin.clone(), timeout: UNATTENDED_WAITS, clock, ..Taking::default() };
    let mut stopping = stop.clone();
    let locked = tokio::select! {
        locked = Locked::take(kept(cluster, &namespace, &project, &env)?, names, &taking) => locked?,
        Ok(_) = stopping.wait_for(|stop| *stop) => return Ok(Round::without_plan(Ended::Stopped, vec![])),
    };
    let before = locked.state().records();
    outcome.known = before.resources.keys().chain(before.incarnations.keys()).map(Key::to_string).collect();
    let made = under_lock(cluster, there, &project, &locked, (&asked, &origin, env, terms), stop, outcome).await;
    let records = locked.state().records();
    outcome.ids = records.resources.iter().map(|(key, record)| (key.to_string(), record.id.clone())).collect();
    locked.release().await?;
    made
}

async fn under_lock(
    cluster: &Cluster,
    there: &There,
    project: &Project,
    locked: &Locked,
    (asked, origin, env, terms): (&OfWorkspace, &Origin, Env, &Terms),
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
    // Before anything is sent it is written down that the approval is used.
    let approved = match &there.workspace {
        Some(workspace) if there.is_governed => approval::take(cluster, workspace, &Asked::of(asked)).await?,
        _ => None,
    };
    outcome.used.clone_from(&approved);
    let going = Going {
        parallelism: PARALLELISM,
        look_for: LOOK_FOR,
        stop,
        patience: &JOIN_LINK_WAITS,
        clock: &*terms.now,
        done: &mut |_, _| {},
    };
    let session = Session { project, client: &connection.client, policy: policy(project, there)?, adopt: vec![] };
    let approving = Approving { approval: &asked.approval, plan: approved.as_deref() };
    let made = serve::round(&session, locked, approving, going).await;
    connection.close().await?;
    made
}

/// When what is declared starts next.
fn next_starts(desired: &[Desired], now: Timestamp) -> BTreeMap<String, String> {
    let text = |start: Timestamp| (start > now).then(|| start.to_string());
    let alone = desired.iter().filter_map(|want| Some((want.key.to_string(), text(want.event()?.start()?)?)));
    let series = ahead(desired, now, DATES_AHEAD).into_iter();
    let series = series.map(|it| {
        let starts = it.next.iter().filter_map(|date| date.utc.as_ref()?.parse::<Timestamp>().ok());
        (it.key, starts.filter_map(text).next())
    });
    let mut all: BTreeMap<String, String> = alone.collect();
    for (key, next) in series {
        match next {
            Some(next) => _ = all.insert(key, next),
            None => _ = all.remove(&key),
        }
    }
    all
}

/// What a cluster allows: of what no object declares, only what goes with its object is cancelled, and without a Workspace nothing else is
/// done. Fails where a name is none.
fn policy(project: &Project, there: &There) -> Result<Policy> {
    let keys = there.held.iter().map(|it| it.key().parse::<Key>());
    let taken_back: BTreeSet<Key> = keys.collect::<Result<_, _>>().map_err(anyhow::Error::msg)?;
    Ok(Policy {
        no_prune: Some(ORPHAN.to_owned()),
        allow_empty: true,
        only: (!there.is_governed).then(|| taken_back.clone()),
        taken_back,
        ..project.unattended_policy()?
    })
}

/// Returns the Workspace. A namespace has one, and a name of one is the mark on what is live: two would share it.
fn is_alone<'a>(cluster: &Cluster, there: &'a There) -> Result<&'a Seen> {
    let Some(workspace) = there.workspace.as_ref().filter(|_| there.is_governed || !there.held.is_empty()) else {
        bail!(
            Reason::NoWorkspace
                .trouble("the namespace has no Workspace")
                .hint("make one, which says how it is planned")
        );
    };
    if there.workspaces().count() > 1 {
        let several = Reason::SecondWorkspace.trouble("the namespace has several Workspaces, so none is served");
        bail!(several.hint("keep one in each namespace"));
    }
    if cluster.workspaces().iter().any(|it| it.place().1 == workspace.place().1 && it.place() != workspace.place()) {
        let same = "another namespace has a Workspace of the same name, which marks what is live, so none is served";
        bail!(Reason::SecondWorkspace.trouble(same).hint("give each a name of its own"));
    }
    Ok(workspace)
}

/// Where the state is kept. Fails as `reconcile::store` does.
fn kept(cluster: &Cluster, namespace: &str, project: &Project, env: &Env) -> Result<Store> {
    match kind::secret(&project.owner()?.spec.state) {
        Some(name) => Ok(secret::store(cluster.client(), namespace, name)),
        None => store(project, false, env, |_| {}),
    }
}

/// Refuses what needs a person, what would open somebody else's state, and what a Secret has no room for.
fn can_be_served(project: &Project, graph: &OfGraph, terms: &Terms) -> Result<()> {
    let owner = project.owner()?;
    let is_secret = kind::secret(&owner.spec.state).is_some();
    let declared = project.desired().len();
    if is_secret && declared > secret::MOST {
        let most = secret::MOST;
        let many = format!("{declared} events and meetings are declared, and a state in a Secret is for {most}");
        bail!(Reason::Store.trouble(many).hint(secret::ELSEWHERE));
    }
    if !terms.single_tenant && *graph == OfGraph::default() && is_address(&owner.spec.state) && !is_secret {
        let shared = Reason::Store
            .trouble("a state at an address would be opened with the operator's own sign-in, as any namespace could");
        bail!(shared.hint("name a `secretRef` or a `serviceAccountName` in `spec.graph`, or keep the state in the folder of --state-folder"));
    }
    if matches!(owner.spec.graph.auth, Some(Auth::DeviceCode | Auth::AzureCli)) {
        bail!(Reason::NoSignIn.trouble("`spec.graph.auth` names a sign-in that needs a person"));
    }
    if !is_address(&owner.spec.state) && terms.states.is_none() {
        let place = Reason::Store.trouble("`spec.state` is no address, and the operator has no folder that lasts");
        bail!(
            place.hint(
                "write an address such as `az://container/state.json` or `secret://state`, or pass --state-folder"
            )
        );
    }
    Ok(())
}
