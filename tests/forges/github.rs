//! A stand-in for GitHub's REST API, written from its documentation (docs.github.com/rest): comments, checks, pull requests, issues.

use crate::forges::server::{Answer, Ask, Service};
use serde_json::{Value, json};

/// The token of a job, which acts as an app; that of a person; and that of a job for a pull request from a fork, which may read.
pub const JOB: &str = "ghs_job-canary";
pub const PERSON: &str = "ghp_adele";

/// The longest that a comment may be.
const MOST: usize = 65_536;

#[derive(Default)]
pub struct GitHub {
    pub comments: Vec<Value>,
    pub checks: Vec<Value>,
    pub issues: Vec<Value>,
    pub pulls: Vec<Value>,
    count: u64,
}

impl Service for GitHub {
    fn answer(&mut self, ask: &Ask) -> Answer {
        let Some(user) = user(ask) else { return Answer::refused(401, "Bad credentials") };
        let path: Vec<&str> = ask.path.iter().map(String::as_str).collect();
        let Some(["repos", "contoso", "meetings", rest @ ..]) = path.strip_prefix(&["api", "v3"]) else {
            return Answer::refused(404, "Not Found");
        };
        match (ask.method.as_str(), rest) {
            ("GET", ["issues", number, "comments"]) => {
                let of = |it: &&Value| it["issue"] == **number;
                listed(ask, self.comments.iter().filter(of).cloned().collect())
            }
            ("POST", ["issues", number, "comments"]) => {
                let comment = json!({"body": ask.body["body"], "user": user, "issue": number});
                self.add(comment, |it| &mut it.comments)
            }
            ("PATCH", ["issues", "comments", id]) => {
                let found = self.comments.iter_mut().find(|it| it["id"].as_u64() == id.parse().ok());
                changed(found, &ask.body)
            }
            ("GET", ["commits", sha, "check-runs"]) => {
                let of = |it: &&Value| {
                    it["head_sha"] == **sha && ask.get("check_name").is_none_or(|name| it["name"] == name)
                };
                let (page, next) = ask.page(self.checks.iter().filter(of).cloned().collect());
                Answer { status: 200, body: json!({"total_count": page.len(), "check_runs": page}), next }
            }
            ("POST", ["check-runs"]) => self.check(ask, &user),
            ("GET", ["commits", sha, "pulls"]) => {
                let of = |it: &&Value| it["merge_commit_sha"] == **sha || it["head"]["sha"] == **sha;
                listed(ask, self.pulls.iter().filter(of).cloned().collect())
            }
            ("GET", ["issues"]) => {
                let by = |it: &&Value| ask.get("creator").is_none_or(|login| it["user"]["login"] == login);
                listed(ask, self.issues.iter().rev().filter(by).cloned().collect())
            }
            ("POST", ["issues"]) => {
                let issue =
                    json!({"title": ask.body["title"], "body": ask.body["body"], "user": user, "state": "open"});
                self.add(issue, |it| &mut it.issues)
            }
            ("PATCH", ["issues", number]) => {
                let found = self.issues.iter_mut().find(|it| it["number"].as_u64() == number.parse().ok());
                changed(found, &ask.body)
            }
            _ => Answer::refused(404, "Not Found"),
        }
    }
}

impl GitHub {
    fn add(&mut self, mut it: Value, list: fn(&mut GitHub) -> &mut Vec<Value>) -> Answer {
        if it["body"].as_str().is_none_or(|body| body.chars().count() > MOST) {
            return too_long();
        }
        self.count += 1;
        it["id"] = json!(1000 + self.count);
        it["number"] = json!(self.count);
        list(self).push(it.clone());
        Answer::new(201, it)
    }

    /// Only an app makes checks.
    fn check(&mut self, ask: &Ask, user: &Value) -> Answer {
        if user["type"] != "Bot" {
            return Answer::refused(403, "You must authenticate via a GitHub App.");
        }
        let mut check = ask.body.clone();
        if check["output"]["summary"].as_str().is_none_or(|it| it.chars().count() > 65_535) {
            return Answer::refused(422, "Invalid request.");
        }
        self.count += 1;
        check["id"] = json!(1000 + self.count);
        check["app"] = json!({"slug": "github-actions"});
        self.checks.push(check.clone());
        Answer::new(201, check)
    }

    /// Somebody writes a comment by hand.
    pub fn comment(&mut self, number: u64, login: &str, body: &str) {
        let user = json!({"login": login, "type": "User"});
        self.add(json!({"body": body, "user": user, "issue": number.to_string()}), |it| &mut it.comments);
    }

    /// Somebody merges a pull request.
    pub fn merge(&mut self, number: u64, head: &str, commit: &str) {
        self.pulls.push(json!({
            "number": number, "state": "closed", "merged_at": "2026-12-01T10:00:00Z", "merge_commit_sha": commit,
            "head": {"sha": head},
        }));
    }
}

fn user(ask: &Ask) -> Option<Value> {
    match ask.header("authorization").strip_prefix("Bearer ")? {
        JOB => Some(json!({"login": "github-actions[bot]", "type": "Bot"})),
        PERSON => Some(json!({"login": "adele", "type": "User"})),
        _ => None,
    }
}

fn listed(ask: &Ask, all: Vec<Value>) -> Answer {
    let (page, next) = ask.page(all);
    Answer { status: 200, body: json!(page), next }
}

fn changed(found: Option<&mut Value>, body: &Value) -> Answer {
    let Some(it) = found else { return Answer::refused(404, "Not Found") };
    if body["body"].as_str().is_some_and(|body| body.chars().count() > MOST) {
        return too_long();
    }
    for (name, value) in body.as_object().into_iter().flatten() {
        it[name] = value.clone();
    }
    Answer::new(200, it.clone())
}

fn too_long() -> Answer {
    let errors = json!([{"resource": "IssueComment", "code": "unprocessable", "field": "data", "message": "Body is too long (maximum is 65536 characters)"}]);
    Answer::new(422, json!({"message": "Validation Failed", "errors": errors}))
}
