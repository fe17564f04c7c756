//! GitLab's REST API, as far as it is needed: notes of merge requests, statuses of commits, issues.
//!
//! The token of a job may write none of them (ci_job_token.md), so that it is a project access token, which acts as a bot of its own.
//! Statuses others may write too: only those of that bot count.

use crate::forge::rest::{Failure, Rest};
use crate::forge::{Post, PullRequest, Repository, Verdict, described, id_in};
use crate::route::encoded;
use anyhow::Result;
use reqwest::Method;
use reqwest::header::HeaderName;
use serde_json::{Value, json};

/// How many characters a note may have (doc/administration/instance_limits.md).
pub const MOST: usize = 1_000_000;

/// What a token needs.
pub const NEEDED: &str =
    "CONVOKE_GITLAB_TOKEN must be a project access token of this project with the role Developer and the scope `api`";

/// How many characters the description of a status may have (commits.md).
const MOST_DESCRIBED: usize = 255;

/// What holds the text of a note.
const TEXT: &str = "body";

/// A project.
pub struct GitLab {
    rest: Rest,
    at: String,
    me: u64,
}

impl GitLab {
    /// Opens the way to a project, and asks who we are.
    pub async fn open(root: &str, repository: &Repository, token: &str) -> Result<GitLab> {
        let rest = Rest::new(root, token, (HeaderName::from_static("private-token"), ""), &[])?;
        let user =
            rest.get("/user").await.map_err(|it| it.explain("cannot see whose CONVOKE_GITLAB_TOKEN it is", NEEDED))?;
        let at = format!("/projects/{}", encoded(&repository.name));
        Ok(GitLab { rest, at, me: user["id"].as_u64().unwrap_or_default() })
    }

    fn is_me(&self, author: &Value) -> bool {
        author["id"].as_u64().is_some_and(|id| id == self.me)
    }

    fn list(&self, request: Option<u64>) -> String {
        match request {
            Some(number) => format!("{}/merge_requests/{number}/notes", self.at),
            None => format!("{}/issues", self.at),
        }
    }

    /// The notes of a merge request (notes.md), or the issues that we opened (issues.md).
    pub(super) async fn posts(&self, request: Option<u64>) -> Result<Vec<Post>, Failure> {
        let query = if request.is_some() { String::new() } else { format!("?scope=all&author_id={}", self.me) };
        let all = self.rest.all(&(self.list(request) + &query), "").await?;
        let (id, text) = if request.is_some() { ("id", TEXT) } else { ("iid", "description") };
        let post = |it: &Value| {
            Some(Post {
                id: it.get(id)?.as_u64()?.to_string(),
                body: it.get(text)?.as_str().unwrap_or_default().to_owned(),
                own: self.is_me(&it["author"]),
                open: it["state"] != "closed",
            })
        };
        Ok(all.iter().filter(|it| it["system"] != true).filter_map(post).collect())
    }

    pub(super) async fn add(&self, request: Option<u64>, title: &str, body: &str) -> Result<(), Failure> {
        let body = match request {
            Some(_) => json!({(TEXT): body}),
            None => json!({"title": title, "description": body}),
        };
        self.rest.add(&self.list(request), &body).await.map(drop)
    }

    pub(super) async fn change(&self, request: Option<u64>, id: &str, body: &str, open: bool) -> Result<(), Failure> {
        let body = match request {
            Some(_) => json!({(TEXT): body}),
            None => json!({"description": body, "state_event": if open { "reopen" } else { "close" }}),
        };
        self.rest.put(Method::PUT, &format!("{}/{id}", self.list(request)), &body).await.map(drop)
    }

    /// A status that is neither pending nor running is followed by another one of that name; the latest counts.
    pub(super) async fn judge(&self, head: &str, verdict: &Verdict<'_>) -> Result<(), Failure> {
        let mut status = json!({
            "name": name(verdict.workspace), "state": if verdict.good { "success" } else { "failed" },
            "description": described(verdict, MOST_DESCRIBED),
        });
        if let Some(run) = verdict.run {
            status["target_url"] = json!(run);
        }
        self.rest.put(Method::POST, &format!("{}/statuses/{head}", self.at), &status).await.map(drop)
    }

    pub(super) async fn approved(&self, head: &str, workspace: &str) -> Result<Option<String>, Failure> {
        let name = name(workspace);
        let path = format!("{}/repository/commits/{head}/statuses?all=true&name={}", self.at, encoded(&name));
        let all = self.rest.all(&path, "").await?;
        let ours = |it: &&Value| it["name"] == name && it["sha"] == head && self.is_me(&it["author"]);
        let latest = all.iter().filter(ours).max_by_key(|it| it["id"].as_u64());
        Ok(latest.and_then(|it| id_in(it["description"].as_str()?)))
    }

    /// Of the merge requests that a commit belongs to, the one that was merged with it: by a merge commit, squashed, or as it was.
    pub(super) async fn request_of(&self, commit: &str) -> Result<Option<PullRequest>, Failure> {
        let all = self.rest.all(&format!("{}/repository/commits/{commit}/merge_requests", self.at), "").await?;
        let with =
            |it: &&Value| ["merge_commit_sha", "squash_commit_sha", "sha"].iter().any(|name| it[*name] == commit);
        let merged = all.iter().find(|it| it["state"] == "merged" && with(it));
        Ok(merged.and_then(|it| {
            let head = it["sha"].as_str()?.to_owned();
            Some(PullRequest { number: it["iid"].as_u64()?, head, fork: false })
        }))
    }
}

fn name(workspace: &str) -> String {
    format!("convoke plan ({workspace})")
}
