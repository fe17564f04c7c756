//! Where reviews are held: GitHub, GitLab and Azure DevOps, each as far as a plan needs it.
//!
//! A comment for each thing that is told, kept in its place; the id of a plan beside the commit that it was made for, where none
//! but the job's own account can put it; an issue for what drifted. What is told, and when, is not known here.

mod azure;
mod detect;
mod github;
mod gitlab;
mod mark;
mod rest;

pub use detect::{Host, Job, PullRequest, Repository};
pub use mark::{Kind, Mark};
pub use rest::Failure;

use crate::trouble::Trouble;
use anyhow::Result;
use azure::Azure;
use github::GitHub;
use gitlab::GitLab;

/// A service, on behalf of a job.
pub enum Forge {
    /// github.com, or a GitHub of one's own.
    GitHub(GitHub),
    /// gitlab.com, or a GitLab of one's own.
    GitLab(GitLab),
    /// Azure DevOps.
    Azure(Azure),
}

/// Something that stands at the service: a comment, or an issue.
#[derive(Debug, Clone, PartialEq)]
struct Post {
    /// By which it is changed.
    id: String,
    body: String,
    /// Whether our own account wrote it.
    own: bool,
    /// An issue that is not closed; a comment always is.
    open: bool,
}

/// What is approved with a commit.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict<'a> {
    /// The workspace that was planned.
    pub workspace: &'a str,
    /// The id of its plan; none where it cannot be approved.
    pub plan_id: Option<&'a str>,
    /// Whether the plan may be applied as it is.
    pub good: bool,
    /// What the plan comes to, in a line.
    pub summary: &'a str,
    /// Where the run can be looked at.
    pub run: Option<&'a str>,
}

/// What is to become of an issue.
pub enum Issue<'a> {
    /// It is there, and open.
    Open {
        /// What it is called.
        title: &'a str,
        /// What it says.
        text: &'a str,
    },
    /// It is closed, if it is there.
    Closed {
        /// What it says from then on.
        text: &'a str,
    },
}

impl Forge {
    /// Opens the way that a job has to the service where it runs; none in a pipeline of another kind, and without a token.
    ///
    /// Fails where the address cannot be used, and where the service does not say who we are.
    pub async fn open(job: &Job) -> Result<Option<Forge>> {
        let (Some(root), Some(repository), Some(token)) = (&job.root, &job.repository, &job.token) else {
            return Ok(None);
        };
        Ok(match job.host {
            Host::GitHub => Some(Forge::GitHub(GitHub::open(root, repository, token)?)),
            Host::GitLab => Some(Forge::GitLab(GitLab::open(root, repository, token).await?)),
            Host::Azure => Some(Forge::Azure(Azure::open(root, repository, token).await?)),
            Host::Plain => None,
        })
    }

    /// Returns how many characters a comment may have.
    pub fn most(&self) -> usize {
        match self {
            Forge::GitHub(_) => github::MOST,
            Forge::GitLab(_) => gitlab::MOST,
            Forge::Azure(_) => azure::MOST,
        }
    }

    /// Returns our comment with a mark, if there is one.
    pub async fn comment(&self, request: &PullRequest, mark: &Mark) -> Result<Option<String>> {
        let found =
            self.find(Some(request.number), mark).await.map_err(|it| self.explained(it, "read the comments"))?;
        Ok(found.map(|it| it.body))
    }

    /// Keeps the one comment with a mark: made where there is none, else changed in its place.
    pub async fn keep_comment(&self, request: &PullRequest, mark: &Mark, text: &str) -> Result<()> {
        let kept = self.kept(Some(request.number), mark, "", text).await;
        kept.map_err(|it| self.explained(it, "write the comment"))
    }

    /// Keeps the one issue with a mark as it is to be.
    pub async fn keep_issue(&self, mark: &Mark, issue: &Issue<'_>) -> Result<()> {
        let kept = match issue {
            Issue::Open { title, text } => self.kept(None, mark, title, text).await,
            Issue::Closed { text } => self.closed(mark, text).await,
        };
        kept.map_err(|it| self.explained(it, "keep the issue"))
    }

    /// Says beside a commit what was planned for it.
    pub async fn judge(&self, head: &str, verdict: &Verdict<'_>) -> Result<()> {
        let said = match self {
            Forge::GitHub(it) => it.judge(head, verdict).await,
            Forge::GitLab(it) => it.judge(head, verdict).await,
            Forge::Azure(it) => it.judge(head, verdict).await,
        };
        said.map_err(|it| self.explained(it, "say beside the commit which plan it is"))
    }

    /// Returns the id of the plan that our own account put beside a commit last.
    pub async fn approved(&self, head: &str, workspace: &str) -> Result<Option<String>> {
        let found = match self {
            Forge::GitHub(it) => it.approved(head, workspace).await,
            Forge::GitLab(it) => it.approved(head, workspace).await,
            Forge::Azure(it) => it.approved(head, workspace).await,
        };
        Ok(found.map_err(|it| self.explained(it, "read which plan was approved"))?.filter(|id| is_id(id)))
    }

    /// Returns the pull request that a commit of the main branch came with.
    pub async fn request_of(&self, commit: &str) -> Result<Option<PullRequest>> {
        let found = match self {
            Forge::GitHub(it) => it.request_of(commit).await,
            Forge::GitLab(it) => it.request_of(commit).await,
            Forge::Azure(it) => it.request_of(commit).await,
        };
        let found = found.map_err(|it| self.explained(it, "look for the pull request of the commit"))?;
        Ok(found.filter(|it| detect::is_commit(&it.head)))
    }

    /// Our post with a mark: among the comments of a pull request, or the issues. An open one goes before.
    async fn find(&self, request: Option<u64>, mark: &Mark) -> Result<Option<Post>, Failure> {
        let all = match self {
            Forge::GitHub(it) => it.posts(request).await,
            Forge::GitLab(it) => it.posts(request).await,
            Forge::Azure(it) => it.posts(request, mark).await,
        }?;
        let mut ours: Vec<Post> = all.into_iter().filter(|it| it.own && mark.is_on(&it.body)).collect();
        ours.sort_by_key(|it| !it.open);
        Ok(ours.into_iter().next())
    }

    async fn kept(&self, request: Option<u64>, mark: &Mark, title: &str, text: &str) -> Result<(), Failure> {
        let body = mark.above(text);
        if let Some(there) = self.find(request, mark).await? {
            return self.changed(request, &there, &body, true).await;
        }
        match self.add(request, mark, title, &body).await {
            // The answer was lost: it may stand there.
            Err(failure) if failure.lost => match self.find(request, mark).await? {
                Some(there) => self.changed(request, &there, &body, true).await,
                None => self.add(request, mark, title, &body).await,
            },
            other => other,
        }
    }

    async fn closed(&self, mark: &Mark, text: &str) -> Result<(), Failure> {
        match self.find(None, mark).await? {
            Some(there) if there.open => self.changed(None, &there, &mark.above(text), false).await,
            Some(_) | None => Ok(()),
        }
    }

    async fn add(&self, request: Option<u64>, mark: &Mark, title: &str, body: &str) -> Result<(), Failure> {
        match self {
            Forge::GitHub(it) => it.add(request, title, body).await,
            Forge::GitLab(it) => it.add(request, title, body).await,
            Forge::Azure(it) => it.add(request, mark, title, body).await,
        }
    }

    async fn changed(&self, request: Option<u64>, there: &Post, body: &str, open: bool) -> Result<(), Failure> {
        if there.body == body && there.open == open {
            return Ok(());
        }
        match self {
            Forge::GitHub(it) => it.change(request, &there.id, body, open).await,
            Forge::GitLab(it) => it.change(request, &there.id, body, open).await,
            Forge::Azure(it) => it.change(request, &there.id, body, open).await,
        }
    }

    fn explained(&self, failure: Failure, cannot: &str) -> anyhow::Error {
        let hint = match (failure.status, self) {
            (Some(401 | 403 | 404), Forge::GitHub(_)) => github::NEEDED,
            (Some(401 | 403 | 404), Forge::GitLab(_)) => gitlab::NEEDED,
            (Some(401 | 403 | 404), Forge::Azure(_)) => azure::NEEDED,
            (Some(_) | None, _) => "run the job again; what was done so far does no harm a second time",
        };
        failure.explain(&format!("cannot {cannot}"), hint)
    }
}

/// Whether a text is the whole id of a plan.
fn is_id(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'))
}

/// The id in a line that says `plan ID: …`.
fn id_in(description: &str) -> Option<String> {
    let id = description.strip_prefix("plan ")?.get(..64)?;
    is_id(id).then(|| id.to_owned())
}

/// Says the id of a plan and what it comes to in so many characters at most.
fn described(verdict: &Verdict, most: usize) -> String {
    let whole = match verdict.plan_id {
        Some(id) => format!("plan {id}: {}", verdict.summary),
        None => format!("no plan to approve: {}", verdict.summary),
    };
    whole.chars().take(most).collect()
}

/// Why a job without a way to its service leaves nothing there, if there is something to say.
pub fn missing(job: &Job) -> Option<Trouble> {
    let without =
        |what: &str, hint: &str| Some(Trouble::new(format!("{what}: no comment, and no plan to approve")).hint(hint));
    match job.host {
        Host::Plain => None,
        _ if job.repository.is_none() => without(
            "the pipeline does not say whose repository it works for",
            "see that the repository stands where the pipeline runs",
        ),
        Host::GitHub => {
            without("GITHUB_TOKEN is not set", "give the step `env: {GITHUB_TOKEN: \"${{ github.token }}\"}`")
        }
        Host::GitLab => without(
            "CONVOKE_GITLAB_TOKEN is not set",
            "make a project access token with the role Developer and the scope `api`; the token of a job may write no notes",
        ),
        Host::Azure => {
            without("SYSTEM_ACCESSTOKEN is not set", "give the step `env: {SYSTEM_ACCESSTOKEN: $(System.AccessToken)}`")
        }
    }
}
