//! Where the program runs, as the variables say that the runner of a pipeline sets.
//!
//! Nothing of a repository's files decides where a token goes: the addresses come from the runner's environment alone.

use crate::disk;
use crate::origin::Origin;
use crate::pipeline;
use crate::trouble::Trouble;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::path::Path;

/// Reads a variable of the environment; an empty one is none.
pub type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// How large the description of what started a job of GitHub's may be.
const MOST_EVENT: u64 = 64 << 20;

/// Whose pipeline it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Host {
    /// GitHub Actions.
    GitHub,
    /// GitLab CI.
    GitLab,
    /// Azure Pipelines.
    Azure,
    /// No pipeline, or one of another kind.
    Plain,
}

/// What is known of the job.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Whose pipeline it is.
    pub host: Host,
    /// Where its API is.
    pub root: Option<String>,
    /// The repository, as a path of the API names it.
    pub repository: Option<Repository>,
    /// What signs requests.
    pub token: Option<String>,
    /// The commit that is checked out.
    pub commit: Option<String>,
    /// The pull request that it runs for.
    pub request: Option<PullRequest>,
    /// Where its run can be looked at.
    pub run: Option<String>,
}

/// A repository, as its host names it.
#[derive(Debug, Clone, PartialEq)]
pub struct Repository {
    /// GitHub: the owner; Azure DevOps: the project.
    pub of: String,
    /// GitHub: its name; GitLab and Azure DevOps: its id.
    pub name: String,
}

/// A pull request, or a merge request.
#[derive(Debug, Clone, PartialEq)]
pub struct PullRequest {
    /// What it is called by.
    pub number: u64,
    /// Its last commit.
    pub head: String,
    /// Whether it comes from a copy of the repository, whose owner may write nothing here.
    pub fork: bool,
}

impl Job {
    /// Asks the environment.
    ///
    /// Fails on a description of an event that cannot be read, and on a commit that is none.
    pub fn detect(env: Env) -> Result<Job> {
        let is = |name: &str| env(name).is_some_and(|value| pipeline::says_so(name, &value));
        let job = match () {
            () if is("GITHUB_ACTIONS") => github(env)?,
            () if is("GITLAB_CI") => gitlab(env),
            () if is("TF_BUILD") => azure(env),
            () => plain(),
        };
        let heads = job.request.iter().map(|it| &it.head).chain(&job.commit);
        for head in heads {
            if !is_commit(head) {
                bail!(Trouble::new("the pipeline names a commit that is none"));
            }
        }
        let run = Origin::of(env, Path::new(".")).run;
        Ok(Job { run: run.filter(|_| job.host != Host::Plain), ..job })
    }
}

/// Whether a text is the hash of a commit: it becomes a part of paths.
pub fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|it| it.is_ascii_hexdigit())
}

fn plain() -> Job {
    Job { host: Host::Plain, root: None, repository: None, token: None, commit: None, request: None, run: None }
}

fn github(env: Env) -> Result<Job> {
    let name = env("GITHUB_REPOSITORY");
    let repository = name.as_deref().and_then(|it| it.split_once('/'));
    let event = match env("GITHUB_EVENT_PATH") {
        Some(file) => event(Path::new(&file))?,
        None => Value::Null,
    };
    let request = || {
        let it = event.get("pull_request")?;
        let from = it.pointer("/head/repo/full_name").and_then(Value::as_str);
        Some(PullRequest {
            number: it.get("number")?.as_u64()?,
            head: it.pointer("/head/sha")?.as_str()?.into(),
            // A copy that was deleted since has no name.
            fork: from != name.as_deref(),
        })
    };
    Ok(Job {
        host: Host::GitHub,
        root: env("GITHUB_API_URL"),
        repository: repository.map(|(of, name)| Repository { of: of.into(), name: name.into() }),
        token: env("GITHUB_TOKEN"),
        commit: env("GITHUB_SHA"),
        request: request(),
        run: None,
    })
}

fn event(file: &Path) -> Result<Value> {
    let cannot = || Trouble::new("cannot read what started the job (GITHUB_EVENT_PATH)");
    let bytes = disk::read(file, MOST_EVENT).with_context(cannot)?;
    serde_json::from_slice(&bytes).with_context(cannot)
}

fn gitlab(env: Env) -> Job {
    let head = env("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA").or_else(|| env("CI_COMMIT_SHA"));
    let number = env("CI_MERGE_REQUEST_IID").and_then(|it| it.parse().ok());
    let project = env("CI_PROJECT_ID");
    let fork = [env("CI_MERGE_REQUEST_SOURCE_PROJECT_ID"), env("CI_MERGE_REQUEST_PROJECT_ID")]
        .into_iter()
        .any(|it| it != project);
    Job {
        host: Host::GitLab,
        root: env("CI_API_V4_URL"),
        repository: project.map(|name| Repository { of: String::new(), name }),
        // The token of a job itself may write neither notes nor statuses (ci_job_token.md).
        token: env("CONVOKE_GITLAB_TOKEN"),
        commit: env("CI_COMMIT_SHA"),
        request: number.zip(head).map(|(number, head)| PullRequest { number, head, fork }),
        run: None,
    }
}

fn azure(env: Env) -> Job {
    let number = env("SYSTEM_PULLREQUEST_PULLREQUESTID").and_then(|it| it.parse().ok());
    let fork = env("SYSTEM_PULLREQUEST_ISFORK").is_some_and(|it| it.eq_ignore_ascii_case("true"));
    let head = env("SYSTEM_PULLREQUEST_SOURCECOMMITID");
    // A repository elsewhere has its pull requests there.
    let ours = env("BUILD_REPOSITORY_PROVIDER").is_none_or(|it| it == "TfsGit");
    let repository = env("SYSTEM_TEAMPROJECTID").zip(env("BUILD_REPOSITORY_ID")).filter(|_| ours);
    Job {
        host: Host::Azure,
        root: env("SYSTEM_COLLECTIONURI"),
        repository: repository.map(|(of, name)| Repository { of, name }),
        token: env("SYSTEM_ACCESSTOKEN"),
        commit: env("BUILD_SOURCEVERSION"),
        request: number.zip(head).map(|(number, head)| PullRequest { number, head, fork }),
        run: None,
    }
}
