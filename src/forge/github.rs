//! GitHub's REST API, as far as it is needed: comments of pull requests, checks of commits, issues.
//!
//! Written with the token of a job, which acts as `github-actions[bot]`. The id of a plan stands in a check, not in a status: only
//! an app can make one, which a person's token is not (rest/checks/runs).

use crate::forge::rest::{Failure, Rest};
use crate::forge::{Post, PullRequest, Repository, Verdict};
use crate::route::encoded;
use anyhow::Result;
use reqwest::Method;
use reqwest::header::AUTHORIZATION;
use serde_json::{Value, json};

/// How many characters a comment or an issue may have (422 `body is too long`).
pub const MOST: usize = 65_536;

/// What a token needs.
pub const NEEDED: &str = "the job needs `permissions: {contents: read, checks: write, pull-requests: write, issues: write}`; for a pull \
                          request from a fork GitHub gives none of them";

/// The account, and the app, of a job's own token.
const ACCOUNT: &str = "github-actions[bot]";
const APP: &str = "github-actions";

/// What holds the text of a comment or an issue.
const TEXT: &str = "body";

/// A repository.
pub struct GitHub {
    rest: Rest,
    at: String,
}

impl GitHub {
    /// Opens the way to a repository; sends nothing.
    pub fn open(root: &str, repository: &Repository, token: &str) -> Result<GitHub> {
        let version = [("accept", "application/vnd.github+json"), ("x-github-api-version", "2022-11-28")];
        let rest = Rest::new(root, token, (AUTHORIZATION, "Bearer "), &version)?;
        let Repository { of, name } = repository;
        Ok(GitHub { rest, at: format!("/repos/{}/{}", encoded(of), encoded(name)) })
    }

    /// The comments of a pull request (issues/comments), or the issues that we opened (issues/issues).
    pub(super) async fn posts(&self, request: Option<u64>) -> Result<Vec<Post>, Failure> {
        let path = match request {
            Some(number) => format!("{}/issues/{number}/comments", self.at),
            None => format!("{}/issues?state=all&creator={}", self.at, encoded(ACCOUNT)),
        };
        let all = self.rest.all(&path, "").await?;
        let post = |it: &Value| {
            let id = if request.is_some() { "id" } else { "number" };
            Some(Post {
                id: it.get(id)?.as_u64()?.to_string(),
                body: it.get(TEXT)?.as_str().unwrap_or_default().to_owned(),
                own: it.pointer("/user/login")? == ACCOUNT && it.pointer("/user/type")? == "Bot",
                open: it.get("state").is_none_or(|state| state == "open"),
            })
        };
        // A pull request is an issue too, there.
        Ok(all.iter().filter(|it| it.get("pull_request").is_none()).filter_map(post).collect())
    }

    pub(super) async fn add(&self, request: Option<u64>, title: &str, body: &str) -> Result<(), Failure> {
        let (path, body) = match request {
            Some(number) => (format!("{}/issues/{number}/comments", self.at), json!({(TEXT): body})),
            None => (format!("{}/issues", self.at), json!({"title": title, (TEXT): body})),
        };
        self.rest.add(&path, &body).await.map(drop)
    }

    pub(super) async fn change(&self, request: Option<u64>, id: &str, body: &str, open: bool) -> Result<(), Failure> {
        let (path, body) = match request {
            Some(_) => (format!("{}/issues/comments/{id}", self.at), json!({(TEXT): body})),
            None => {
                let state = if open { "open" } else { "closed" };
                (format!("{}/issues/{id}", self.at), json!({(TEXT): body, "state": state}))
            }
        };
        self.rest.put(Method::PATCH, &path, &body).await.map(drop)
    }

    /// Another check of the same name does no harm: the latest counts.
    pub(super) async fn judge(&self, head: &str, verdict: &Verdict<'_>) -> Result<(), Failure> {
        let mut check = json!({
            "name": name(verdict.workspace), "head_sha": head, "status": "completed",
            "conclusion": if verdict.good { "success" } else { "failure" },
            "external_id": verdict.plan_id.unwrap_or_default(),
            "output": {"title": verdict.summary, "summary": super::described(verdict, 1000)},
        });
        if let Some(run) = verdict.run {
            check["details_url"] = json!(run);
        }
        self.rest.put(Method::POST, &format!("{}/check-runs", self.at), &check).await.map(drop)
    }

    pub(super) async fn approved(&self, head: &str, workspace: &str) -> Result<Option<String>, Failure> {
        let name = name(workspace);
        let path = format!("{}/commits/{head}/check-runs?filter=latest&check_name={}", self.at, encoded(&name));
        let all = self.rest.all(&path, "/check_runs").await?;
        let ours = |it: &&Value| it["app"]["slug"] == APP && it["name"] == name && it["head_sha"] == head;
        let latest = all.iter().filter(ours).max_by_key(|it| it["id"].as_u64());
        Ok(latest.and_then(|it| it["external_id"].as_str()).map(str::to_owned))
    }

    /// Of the pull requests that a commit belongs to, the one that was merged with it (rest/commits/commits).
    pub(super) async fn request_of(&self, commit: &str) -> Result<Option<PullRequest>, Failure> {
        let all = self.rest.all(&format!("{}/commits/{commit}/pulls", self.at), "").await?;
        let merged = all.iter().find(|it| it["merge_commit_sha"] == commit && it["merged_at"].is_string());
        Ok(merged.and_then(|it| {
            let head = it["head"]["sha"].as_str()?.to_owned();
            Some(PullRequest { number: it["number"].as_u64()?, head, fork: false })
        }))
    }
}

fn name(workspace: &str) -> String {
    format!("convoke plan ({workspace})")
}
