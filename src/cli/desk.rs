//! What a command needs on its desk: manifests, workspace, state and a connection to Graph.

use crate::cli::flags::Common;
use crate::cli::follow::Follow;
use crate::cli::values::Adopted;
use crate::graph::adopt;
use crate::graph::observe::{Scope, observe};
use crate::graph::occurrences::occurrences;
use crate::graph::schedule::schedules;
use crate::graph::{Client, Settings, Token, sign_in};
use crate::kind::workspace::{Auth, Cloud, NOT_ME};
use crate::manifest::{self, Manifests, Owner, files};
use crate::model::{Desired, Live, Records};
use crate::plan::meeting::channel;
use crate::plan::{Input, Plan, Policy, clash, plan, unread_series};
use crate::sandbox;
use crate::state::State;
use anyhow::{Result, anyhow, bail};
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The manifests, and the workspace that governs them.
pub struct Desk {
    pub manifests: Manifests,
    pub owner: Option<Owner>,
    /// Whether the workspace stands in one of the files that were read, so that they are all there is.
    pub whole: bool,
    /// Online meetings to take over.
    pub adopt: Vec<Adopted>,
    /// The language of what Graph words by itself.
    pub language: Option<String>,
}

impl Desk {
    /// Reads the manifests and finds their workspace. Problems stand in `manifests`.
    pub fn read(paths: &[PathBuf], common: &Common) -> Result<Desk> {
        let default = common.workspace.as_deref().and_then(Path::parent).filter(|it| !it.as_os_str().is_empty());
        let default = [default.unwrap_or(Path::new(".")).to_owned()];
        let paths = if paths.is_empty() { &default[..] } else { paths };
        let sources = files::gather(paths)?;
        let outside = match &common.workspace {
            Some(file) => Some(workspace_in(file)?),
            None => {
                let start = paths.iter().find(|path| *path != Path::new("-"));
                let start = start
                    .map_or(Path::new("."), |path| if path.is_dir() { path } else { path.parent().unwrap_or(path) });
                let start = if start.as_os_str().is_empty() { Path::new(".") } else { start };
                let read: BTreeSet<PathBuf> =
                    sources.iter().filter_map(|it| std::fs::canonicalize(&it.file).ok()).collect();
                match files::workspace_above(start).filter(|file| !read.contains(file)) {
                    Some(file) => Some(workspace_in(&file)?),
                    None => None,
                }
            }
        };
        let manifests = manifest::read(sources, outside.clone());
        let whole = manifests.workspace.is_some() || common.workspace.is_some();
        let owner = manifests.workspace.clone().or(outside);
        Ok(Desk { manifests, owner, whole, adopt: vec![], language: None })
    }

    /// Returns the workspace, which everything but `validate` and `schema` needs.
    pub fn owner(&self) -> Result<&Owner> {
        self.owner.as_ref().ok_or_else(|| {
            anyhow!(
                "no workspace: none of the documents is of `kind: Workspace`, and there is no convoke.yaml beside or above them\n  \
                 hint: add one, or pass it with --workspace FILE"
            )
        })
    }

    fn folder(&self) -> Result<PathBuf> {
        let file = Path::new(&self.owner()?.file);
        Ok(match file.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.into(),
            Some(_) | None => ".".into(),
        })
    }

    /// Returns the flags that lead to the same workspace from the current folder.
    pub fn flags_again(&self, common: &Common) -> Result<String> {
        let file = &self.owner()?.file;
        let sandbox = if common.sandbox { " --sandbox" } else { "" };
        let workspace = if file == "convoke.yaml" { String::new() } else { format!(" --workspace {file}") };
        Ok(format!("{sandbox}{workspace}"))
    }

    /// Opens the state; that of the sandbox is a file of its own, so that trying out never touches what is real.
    pub fn state(&self, common: &Common) -> Result<State> {
        let owner = self.owner()?;
        let path = if common.sandbox { ".convoke/sandbox-state.json" } else { owner.spec.state.as_str() };
        if path.contains("://") {
            bail!(
                "state in an object store is not there yet: `{path}`\n  hint: name a file, such as .convoke/state.json"
            );
        }
        State::open(&self.folder()?.join(path), &owner.name)
    }

    /// Connects and signs in, so that a sign-in that fails is one error and not one for each mailbox.
    pub async fn sign_in(&self, common: &Common) -> Result<Connection> {
        let connection = self.connect(common).await?;
        connection.client.grants().await?;
        Ok(connection)
    }

    /// Connects to Graph, or to the embedded twin with `--sandbox`.
    pub async fn connect(&self, common: &Common) -> Result<Connection> {
        let (root, token, twin) = if common.sandbox {
            let file = self.folder()?.join(".convoke/sandbox.json");
            let twin = sandbox::serve(sandbox::Options { file: Some(file), ..Default::default() }).await?;
            (twin.url.clone(), Token::ready(twin.token.clone()), Some(twin))
        } else {
            let graph = &self.owner()?.spec.graph;
            let env: sign_in::Env = Arc::new(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
            let token = match env("CONVOKE_ACCESS_TOKEN") {
                Some(token) => {
                    if common.verbose > 0 {
                        anstream::eprintln!(
                            "sign-in: with the token in CONVOKE_ACCESS_TOKEN, which goes before every other way"
                        );
                    }
                    Token::ready(token)
                }
                None => {
                    let chosen = sign_in::choose(graph, &env)?;
                    self.somebody_is_me(chosen.auth)?;
                    if common.verbose > 0 {
                        chosen.passed.iter().for_each(|it| anstream::eprintln!("sign-in: not {it}"));
                        anstream::eprintln!("sign-in: {}, because {}", sign_in::name(chosen.auth), chosen.why);
                    }
                    sign_in::token(&chosen, graph, env.clone(), |words| anstream::eprintln!("{words}"))?
                }
            };
            let root = env("CONVOKE_GRAPH_URL");
            (root.unwrap_or_else(|| format!("{}/v1.0", sign_in::roots(graph.cloud).graph)), token, None)
        };
        let named = || self.owner().ok()?.spec.graph.client_id.clone();
        let app = token.app().or_else(named).or_else(|| std::env::var("AZURE_CLIENT_ID").ok());
        let follow = Follow::new(common);
        let settings = Settings {
            app,
            language: self.language.clone(),
            watch: Some(follow.watch()),
            parallelism: common.parallelism.into(),
            ..Settings::new(root, token)
        };
        Ok(Connection { client: Client::new(settings)?, follow, twin })
    }

    /// Refuses `organizer: me` where the sign-in that was found is an app's; one that is named is refused with the manifest.
    fn somebody_is_me(&self, auth: Auth) -> Result<()> {
        match self.manifests.desired.iter().find(|want| want.spec.organizer == "me" && auth.is_app()) {
            Some(want) => bail!(
                "`{}` has `organizer: me`, and the sign-in that was found, {}, is an app's\n  hint: {NOT_ME}",
                want.key,
                sign_in::name(auth)
            ),
            None => Ok(()),
        }
    }

    /// Observes what this workspace has.
    pub async fn observe(&self, client: &Client, state: &State, every_meeting: bool) -> Result<Live> {
        let owner = self.owner()?;
        let (records, ids) = (state.records(), state.users());
        let mailboxes = owner.spec.mailboxes.iter().cloned().chain(state.mailboxes()).collect();
        let scope = Scope {
            workspace: &owner.name,
            desired: &self.manifests.desired,
            records: &records,
            mailboxes: &mailboxes,
            ids: &ids,
            every_meeting,
            tells_skipped: self.tells_skipped()?,
        };
        let mut live = observe(client, &scope).await;
        // Taken over once: from then on the state knows its id.
        let unseen = |it: &&Adopted| live.objects.iter().all(|have| have.key != it.key);
        let wanted: Vec<_> = self.adopt.iter().filter(unseen).filter_map(|it| self.wanted(it, &records)).collect();
        adopt::look_up(client, &mut live, &wanted).await;
        Ok(live)
    }

    /// Whose meeting it is, the manifest says, or the state where the manifest is gone.
    fn wanted(&self, it: &Adopted, records: &Records) -> Option<adopt::Wanted> {
        let want = self.manifests.desired.iter().find(|want| want.key == it.key).map(|want| &want.spec.organizer);
        let organizer = want.or(records.resources.get(&it.key).map(|record| &record.organizer))?.clone();
        Some(adopt::Wanted { key: it.key.clone(), organizer, meeting_id: it.meeting_id.clone() })
    }

    /// Plans against what was observed, and reads what only a first plan shows to be needed.
    pub async fn plan_fully(
        &self,
        client: &Client,
        live: &mut Live,
        state: &State,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<Plan> {
        let first = self.plan(live, state, policy, now);
        let series = unread_series(&first, live);
        let records = state.records();
        let asks = clash::asks(&first, &Input { desired: self.desired(policy), live, records: &records, policy, now });
        if series.is_empty() && asks.is_empty() {
            return Ok(first);
        }
        occurrences(client, live, &series, self.tells_skipped()?).await;
        schedules(client, live, &asks).await;
        Ok(self.plan(live, state, policy, now))
    }

    fn tells_skipped(&self) -> Result<bool> {
        Ok(self.owner()?.spec.graph.cloud == Cloud::Global)
    }

    /// Plans against what was observed.
    pub fn plan(&self, live: &Live, state: &State, policy: &Policy, now: Timestamp) -> Plan {
        plan(&Input { desired: self.desired(policy), live, records: &state.records(), policy, now })
    }

    /// Keeps the object ids that were looked up, and what is in doubt from here on: once the state is written, nobody sees
    /// that it was lost.
    pub fn learn(&self, live: &Live, state: &State) -> Result<()> {
        for (key, record) in channel::doubts(&self.manifests.desired, &state.records(), live) {
            state.keep(&key, record)?;
        }
        for (organizer, mailbox) in &live.mailboxes {
            if let Some(id) = &mailbox.id {
                state.learn_user(organizer, id);
            }
        }
        Ok(())
    }

    fn desired(&self, policy: &Policy) -> &[Desired] {
        if policy.destroy { &[] } else { &self.manifests.desired }
    }
}

/// A client, and the twin behind it if it is the embedded one.
pub struct Connection {
    pub client: Client,
    pub follow: Follow,
    twin: Option<sandbox::Sandbox>,
}

impl Connection {
    /// Ends the twin, so that its tenant is on the disk.
    pub async fn close(self) -> Result<()> {
        match self.twin {
            Some(twin) => twin.stop().await,
            None => Ok(()),
        }
    }
}

fn workspace_in(file: &Path) -> Result<Owner> {
    let manifests = manifest::read(vec![files::read(file)?], None);
    manifests.workspace.ok_or_else(|| {
        anyhow!(
            "`{}` has no usable `kind: Workspace`\n  hint: `convoke validate {}` says why",
            file.display(),
            file.display()
        )
    })
}
