//! Where the state of a project is kept, and the way there.

use crate::git;
use crate::graph::auth::{self, Env};
use crate::kind::workspace::{Auth, Remote, is_address};
use crate::manifest::Owner;
use crate::problem::Problem;
use crate::reason::Reason;
use crate::reconcile::{Project, agreed};
use crate::state::store::{Access, Bearer, Store};
use crate::trouble::{Hint, Trouble};
use anyhow::{Context, Result, bail};
use futures::FutureExt;
use std::path::PathBuf;

/// Where the state of the sandbox is kept.
const SANDBOX_STATE: &str = ".convoke/sandbox-state.json";

/// Returns where the state is kept; that of the sandbox is a file of its own, so that trying out never touches what is real.
///
/// `env` has no empty values; `ask` is told what a sign-in to a store waits for. Asks nobody yet. Fails where there is no workspace, where
/// file, flag and environment do not agree on the place, on what opens a store and is missing, on a file that git tracks, and on another state than its own for the sandbox.
pub fn store(project: &Project, sandbox: bool, env: &Env, ask: fn(&str)) -> Result<Store> {
    let (folder, Owner { spec, problems, .. }) = (project.folder()?, project.owner()?);
    if let Some(Problem { reason, at, message, hint, .. }) = problems.first() {
        let wrong = reason.trouble(format!("{}:{}:{}: {message}", at.file, at.line, at.column));
        bail!(wrong.hint(hint.clone().unwrap_or_else(|| "mend the workspace".into())));
    }
    let given = project.given.state.as_ref();
    if let Some(place) = given.filter(|_| sandbox) {
        let both = Reason::Flags.trouble(format!(
            "the sandbox keeps a state of its own, not the one that --state or CONVOKE_STATE names: {}",
            place.display()
        ));
        bail!(
            both.hint(format!("leave it out; the state of the sandbox is {SANDBOX_STATE} beside the workspace file"))
        );
    }
    if sandbox {
        return Ok(Store::file(project.own_file(SANDBOX_STATE)?));
    }
    let flag = given.map(|place| place.to_string_lossy());
    let place = flag.as_deref().unwrap_or(&spec.state);
    project.given.pins.state.allows(place, flag.as_deref())?;
    if !is_address(place) {
        return untracked(given.cloned().unwrap_or_else(|| folder.join(&spec.state)));
    }
    let remote = Remote::parse(place).map_err(|(what, hint)| Reason::Store.trouble(what).hint(hint))?;
    let sign_in = || sign_in(project, env, ask);
    Store::object(remote, &Access { env: &**env, cloud: spec.graph.cloud, sign_in: &sign_in })
}

/// The sign-in to Graph, for Azure's stores.
fn sign_in(project: &Project, env: &Env, ask: fn(&str)) -> Result<Bearer> {
    let no_key = "no key of the storage account is set";
    let graph = agreed(project, env).context(no_key)?;
    let chosen = auth::choose(&graph, env).map_err(|error| {
        let Trouble { what, details, .. } = Trouble::of(&error);
        let none = Trouble { details, ..Reason::Store.trouble(format!("{no_key}, and {what}")) };
        none.hint("set AZURE_STORAGE_KEY or AZURE_STORAGE_SAS_TOKEN, or set one of these up: a token for Graph opens no store")
    })?;
    if chosen.auth == Auth::DeviceCode {
        let person = Reason::Store.trouble(format!("{no_key}, and a device code signs in to Graph alone"));
        bail!(person.hint("set AZURE_STORAGE_KEY or AZURE_STORAGE_SAS_TOKEN, or sign in with `auth: azureCli`"));
    }
    let token = auth::token_for(auth::STORAGE, &chosen, &graph, env.clone(), ask)?;
    Ok(std::sync::Arc::new(move || {
        let token = token.clone();
        async move { token.bearer().await }.boxed()
    }))
}

/// The state in a file, if git leaves that alone: a copy in every clone holds the join links, an older one that a checkout brings back
/// says of meetings what is not so any more, and whoever proposes a change could write it.
fn untracked(file: PathBuf) -> Result<Store> {
    if git::tracks(&file) {
        let name = file.display();
        let tracked =
            Reason::StateTracked.trouble(format!("the state `{name}` is tracked by git, and it holds join links"));
        let way_out =
            "take it out with `git rm --cached`, and commit that; who can read the history can join the meetings";
        // What a shell would read as more than a name is no command to be copied.
        let plain = |sign: char| sign.is_ascii_alphanumeric() || "/._-".contains(sign);
        let command = name.to_string().chars().all(plain).then(|| format!("git rm --cached -- {name}"));
        bail!(tracked.hint(Hint { sentence: way_out.into(), commands: command.into_iter().collect() }));
    }
    Ok(Store::file(file))
}
