//! What flags and environment say of the way to Graph.

use crate::cli::common::Common;
use crate::cli::follow::Follow;
use crate::cli::output;
use crate::cli::rules::Rules;
use crate::graph::auth::{self, Env};
use crate::kind::workspace::Auth;
use crate::origin::Origin;
use crate::pipeline;
use crate::plan::Policy;
use crate::reason::Reason;
use crate::reconcile::{self, Connection, Project, UNATTENDED_WAITS, Ways, connect};
use crate::render::page::Page;
use crate::state::store::Store;
use crate::state::{Locked, State, Taking};
use crate::trouble::Trouble;
use anyhow::{Result, bail};
use std::sync::Arc;
use std::time::Duration;

/// What a plan is made with.
pub struct Ready {
    pub policy: Policy,
    pub state: State,
    pub follow: Follow,
    pub connection: Connection,
}

/// Reads the state and signs in, as a plan needs it that nobody applies at once.
///
/// Fails where the environment and the workspace do not agree, and on a state that is not ours to write.
pub async fn ready(project: &Project, rules: &Rules, common: &Common) -> Result<Ready> {
    let policy = rules.policy(project, false)?;
    agreed(project, common)?;
    let state = State::read(&store(project, common)?, project.owner()?.names()).await?;
    state.written_by(&origin(project)?, rules.take_over)?;
    rules.answer_questions(project, &state)?;
    let follow = Follow::new(common);
    let connection = connected(project, common, None, &follow).await?.signed_in().await?;
    Ok(Ready { policy, state, follow, connection })
}

/// Connects as the flags say; `follow` sees what is asked.
pub async fn connected(
    project: &Project,
    common: &Common,
    language: Option<&str>,
    follow: &Follow,
) -> Result<Connection> {
    let ways = Ways {
        sandbox: common.sandbox,
        env: env(),
        parallelism: common.parallelism.into(),
        language: language.map(str::to_owned),
        watch: follow.watch(),
        explain: if common.verbose > 0 { |words| output::say(&Page::line(words)) } else { |_| {} },
        ask: |words| output::say(&Page::line(words)),
    };
    connect(project, ways).await
}

/// Refuses a sign-in that the environment and the workspace do not agree on, before anything is read.
pub fn agreed(project: &Project, common: &Common) -> Result<()> {
    if !common.sandbox {
        reconcile::agreed(project, &env())?;
    }
    Ok(())
}

/// Refuses a sign-in that waits for a person, where there is none.
pub fn asks_nobody(project: &Project, common: &Common) -> Result<()> {
    let env = env();
    if common.sandbox || env("CONVOKE_ACCESS_TOKEN").is_some() {
        return Ok(());
    }
    let chosen = auth::choose(&reconcile::agreed(project, &env)?, &env)?;
    if chosen.auth == Auth::DeviceCode {
        let person = Reason::NoSignIn.trouble("`auth: deviceCode` waits for a person, and here nobody is asked");
        bail!(person.hint("sign in as an app: `convoke explain environment` lists the ways"));
    }
    Ok(())
}

/// Returns where the state is kept. Fails as `reconcile::store` does.
pub fn store(project: &Project, common: &Common) -> Result<Store> {
    reconcile::store(project, common.sandbox, &env(), |words| output::say(&Page::line(words)))
}

/// Says who runs the program, for the state's sake. Fails where there is no workspace.
pub fn origin(project: &Project) -> Result<Origin> {
    Ok(Origin::of(&*env(), &project.folder()?))
}

/// Takes the lock of the state, or waits for it as the flags say, does something under it, and gives it back, be it done or not.
pub async fn under_lock<T>(
    project: &Project,
    common: &Common,
    work: impl AsyncFnOnce(&Locked) -> Result<T>,
) -> Result<T> {
    held(locked(project, common, false).await?, work).await
}

/// Does something under a lock, and gives it back, be it done or not.
pub async fn held<T>(locked: Locked, work: impl AsyncFnOnce(&Locked) -> Result<T>) -> Result<T> {
    let done = work(&locked).await;
    if let Err(error) = locked.release().await {
        let late = "warning: the lock could not be given back; it ends by itself in a minute: ";
        output::tell(late, &Trouble::of(&error));
    }
    done
}

/// Takes the lock of the state from whoever has it, and gives it back.
pub async fn unlock(project: &Project, common: &Common) -> Result<()> {
    locked(project, common, true).await?.release().await
}

/// Takes the lock of the state, or waits for it as the flags say; with `force` from whoever has it.
pub async fn locked(project: &Project, common: &Common, force: bool) -> Result<Locked> {
    let usual = if pipeline::is_there() { UNATTENDED_WAITS } else { Duration::ZERO };
    let taking = Taking {
        who: origin(project)?,
        timeout: common.lock_timeout.unwrap_or(usual),
        force,
        waits: |words| output::say(&Page::line(words)),
        ..Taking::default()
    };
    Locked::take(store(project, common)?, project.owner()?.names(), &taking).await
}

/// The environment; an empty value is none.
pub fn env() -> Env {
    Arc::new(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
}

/// Returns the flags that lead to the same workspace from the current folder. Fails where there is no workspace.
pub fn flags_again(project: &Project, common: &Common) -> Result<String> {
    let file = &project.owner()?.file;
    let sandbox = if common.sandbox { " --sandbox" } else { "" };
    let workspace = if file == "convoke.yaml" { String::new() } else { format!(" --workspace {file}") };
    Ok(format!("{sandbox}{workspace}"))
}
