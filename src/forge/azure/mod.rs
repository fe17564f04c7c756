//! The REST API of Azure DevOps, as far as it is needed: threads of pull requests, statuses of commits, work items.
//!
//! Written with the token of a job, which acts as the build service of its project. Statuses others may write too: only those of that
//! account count.

mod issue;

use crate::forge::rest::{Failure, Rest};
use crate::forge::{Mark, Post, PullRequest, Repository, Verdict, described, id_in};
use crate::route::encoded;
use anyhow::Result;
use reqwest::Method;
use reqwest::header::AUTHORIZATION;
use serde_json::{Value, json};

/// How many characters a comment may have.
pub const MOST: usize = 150_000;

/// What a token needs.
pub const NEEDED: &str = "the build service of the project needs `Contribute` and `Contribute to pull requests` on the repository, and \
                          for an issue `Edit work items in this node`; the step needs `env: {SYSTEM_ACCESSTOKEN: $(System.AccessToken)}`";

/// How many characters of a description are used.
const MOST_DESCRIBED: usize = 255;

const VERSION: &str = "api-version=7.1";

/// A repository of a project.
pub struct Azure {
    rest: Rest,
    project: String,
    at: String,
    me: String,
}

impl Azure {
    /// Opens the way to a repository, and asks who we are.
    pub async fn open(root: &str, repository: &Repository, token: &str) -> Result<Azure> {
        let rest = Rest::new(root, token, (AUTHORIZATION, "Bearer "), &[])?;
        let me = rest.get("/_apis/connectionData").await;
        let me = me.map_err(|it| it.explain("cannot see whose SYSTEM_ACCESSTOKEN it is", NEEDED))?;
        let me = me["authenticatedUser"]["id"].as_str().unwrap_or_default().to_owned();
        let project = format!("/{}", encoded(&repository.of));
        let at = format!("{project}/_apis/git/repositories/{}", encoded(&repository.name));
        Ok(Azure { rest, project, at, me })
    }

    fn is_me(&self, account: &Value) -> bool {
        !self.me.is_empty() && account["id"].as_str().is_some_and(|id| id.eq_ignore_ascii_case(&self.me))
    }

    /// The first comments of a pull request's threads, which come all at once; or our issues.
    pub(super) async fn posts(&self, request: Option<u64>, mark: &Mark) -> Result<Vec<Post>, Failure> {
        let Some(number) = request else { return self.issues(mark).await };
        let all = self.rest.get(&format!("{}/pullRequests/{number}/threads?{VERSION}", self.at)).await?;
        let post = |thread: &Value| {
            let first = thread["comments"].as_array()?.first()?;
            Some(Post {
                id: format!("{}/comments/{}", thread["id"].as_u64()?, first["id"].as_u64()?),
                body: first["content"].as_str()?.to_owned(),
                own: self.is_me(&first["author"]) && first["isDeleted"] != true,
                open: true,
            })
        };
        let threads = all["value"].as_array().into_iter().flatten();
        Ok(threads.filter(|it| it["isDeleted"] != true).filter_map(post).collect())
    }

    pub(super) async fn add(&self, request: Option<u64>, mark: &Mark, title: &str, body: &str) -> Result<(), Failure> {
        let Some(number) = request else { return self.add_issue(mark, title, body).await };
        // Closed, so that a policy that asks for every thread to be resolved is content.
        let thread = json!({
            "comments": [{"parentCommentId": 0, "content": body, "commentType": "text"}], "status": "closed",
        });
        self.rest.add(&format!("{}/pullRequests/{number}/threads?{VERSION}", self.at), &thread).await.map(drop)
    }

    pub(super) async fn change(&self, request: Option<u64>, id: &str, body: &str, open: bool) -> Result<(), Failure> {
        let Some(number) = request else { return self.change_issue(id, body, open).await };
        let path = format!("{}/pullRequests/{number}/threads/{id}?{VERSION}", self.at);
        self.rest.put(Method::PATCH, &path, &json!({"content": body})).await.map(drop)
    }

    /// Another status of the same name does no harm: the latest counts.
    pub(super) async fn judge(&self, head: &str, verdict: &Verdict<'_>) -> Result<(), Failure> {
        let status = json!({
            "context": {"genre": GENRE, "name": name(verdict.workspace)},
            "state": if verdict.good { "succeeded" } else { "failed" },
            "description": described(verdict, MOST_DESCRIBED), "targetUrl": verdict.run,
        });
        self.rest.put(Method::POST, &format!("{}/commits/{head}/statuses?{VERSION}", self.at), &status).await.map(drop)
    }

    pub(super) async fn approved(&self, head: &str, workspace: &str) -> Result<Option<String>, Failure> {
        let name = name(workspace);
        // In pages of a thousand. Of one name there is one then.
        let all =
            self.rest.get(&format!("{}/commits/{head}/statuses?latestOnly=false&top=1000&{VERSION}", self.at)).await?;
        let ours = |it: &&Value| {
            it["context"]["genre"] == GENRE && it["context"]["name"] == name && self.is_me(&it["createdBy"])
        };
        let latest = all["value"].as_array().into_iter().flatten().filter(ours).max_by_key(|it| it["id"].as_u64());
        Ok(latest.and_then(|it| id_in(it["description"].as_str()?)))
    }

    /// The pull request whose merge made a commit (pull-request-query/get).
    pub(super) async fn request_of(&self, commit: &str) -> Result<Option<PullRequest>, Failure> {
        let query = json!({"queries": [{"type": "lastMergeCommit", "items": [commit]}]});
        let found = self.rest.put(Method::POST, &format!("{}/pullrequestquery?{VERSION}", self.at), &query).await?;
        let lists = found["results"].as_array().into_iter().flatten();
        let all = lists.filter_map(|it| it[commit].as_array()).flatten();
        let merged = all.into_iter().find(|it| it["status"] == "completed");
        Ok(merged.and_then(|it| {
            let head = it["lastMergeSourceCommit"]["commitId"].as_str()?.to_owned();
            Some(PullRequest { number: it["pullRequestId"].as_u64()?, head, fork: false })
        }))
    }
}

/// What our statuses are called by, before their name.
const GENRE: &str = "convoke";

fn name(workspace: &str) -> String {
    format!("plan ({workspace})")
}
