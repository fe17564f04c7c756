//! A stand-in for GitLab's REST API, written from its documentation (docs.gitlab.com/api): notes, statuses, merge requests, issues.

use crate::forges::server::{Answer, Ask, Service};
use serde_json::{Value, json};

/// The token of a project's bot, that of a person, and that of a job, which may do next to nothing.
pub const BOT: &str = "glpat-bot-canary";
pub const PERSON: &str = "glpat-adele";

/// The longest that a note may be.
const MOST: usize = 1_000_000;

#[derive(Default)]
pub struct GitLab {
    pub notes: Vec<Value>,
    pub statuses: Vec<Value>,
    pub issues: Vec<Value>,
    pub requests: Vec<Value>,
    count: u64,
}

impl Service for GitLab {
    fn answer(&mut self, ask: &Ask) -> Answer {
        let Some(author) = author(ask) else { return Answer::refused(401, "401 Unauthorized") };
        let path: Vec<&str> = ask.path.iter().map(String::as_str).collect();
        let rest = match path.strip_prefix(&["api", "v4"]) {
            Some(["user"]) => return Answer::new(200, author),
            Some(["projects", "17", rest @ ..]) => rest,
            _ => return Answer::refused(404, "404 Project Not Found"),
        };
        match (ask.method.as_str(), rest) {
            ("GET", ["merge_requests", _, "notes"]) => listed(ask, self.notes.clone()),
            ("POST", ["merge_requests", _, "notes"]) => {
                let note = json!({"body": ask.body["body"], "author": author, "system": false});
                self.add(note, "body", |it| &mut it.notes)
            }
            ("PUT", ["merge_requests", _, "notes", id]) => changed(&mut self.notes, "id", id, &author, &ask.body),
            ("POST", ["statuses", sha]) => self.status(ask, sha, author),
            ("GET", ["repository", "commits", sha, "statuses"]) => {
                let of = |it: &&Value| it["sha"] == **sha && ask.get("name").is_none_or(|name| it["name"] == name);
                listed(ask, self.statuses.iter().filter(of).cloned().collect())
            }
            ("GET", ["repository", "commits", sha, "merge_requests"]) => {
                let of = |it: &&Value| ["sha", "merge_commit_sha"].iter().any(|name| it[*name] == **sha);
                listed(ask, self.requests.iter().filter(of).cloned().collect())
            }
            ("GET", ["issues"]) => {
                let by =
                    |it: &&Value| ask.get("author_id").is_none_or(|id| it["author"]["id"].as_u64() == id.parse().ok());
                listed(ask, self.issues.iter().filter(by).cloned().collect())
            }
            ("POST", ["issues"]) => {
                let (title, text) = (&ask.body["title"], &ask.body["description"]);
                let issue = json!({"title": title, "description": text, "author": author, "state": "opened"});
                self.add(issue, "description", |it| &mut it.issues)
            }
            ("PUT", ["issues", iid]) => changed(&mut self.issues, "iid", iid, &author, &ask.body),
            _ => Answer::refused(404, "404 Not Found"),
        }
    }
}

impl GitLab {
    pub fn add(&mut self, mut it: Value, text: &str, list: fn(&mut GitLab) -> &mut Vec<Value>) -> Answer {
        if it[text].as_str().is_none_or(|text| text.chars().count() > MOST) {
            return Answer::new(400, json!({"message": {"note": ["is too long (maximum is 1000000 characters)"]}}));
        }
        self.count += 1;
        it["id"] = json!(1000 + self.count);
        it["iid"] = json!(self.count);
        list(self).push(it.clone());
        Answer::new(201, it)
    }

    /// A description that is too long is refused; each status is one more.
    fn status(&mut self, ask: &Ask, sha: &str, author: Value) -> Answer {
        let it = &ask.body;
        if it["description"].as_str().is_none_or(|text| text.chars().count() > 255) {
            return Answer::new(400, json!({"message": {"description": ["is too long (maximum is 255 characters)"]}}));
        }
        self.count += 1;
        let status = json!({
            "id": 1000 + self.count, "sha": sha, "name": it["name"], "status": it["state"],
            "description": it["description"], "author": author,
        });
        self.statuses.push(status.clone());
        Answer::new(201, status)
    }
}

fn author(ask: &Ask) -> Option<Value> {
    match ask.header("private-token") {
        BOT => Some(json!({"id": 900, "username": "project_17_bot_1"})),
        PERSON => Some(json!({"id": 28, "username": "adele"})),
        _ => None,
    }
}

fn listed(ask: &Ask, all: Vec<Value>) -> Answer {
    let (page, next) = ask.page(all);
    Answer { status: 200, body: json!(page), next }
}

/// Who did not write it may not change it.
fn changed(list: &mut [Value], name: &str, id: &str, author: &Value, body: &Value) -> Answer {
    let Some(it) = list.iter_mut().find(|it| it[name].as_u64() == id.parse().ok()) else {
        return Answer::refused(404, "404 Not Found");
    };
    if it["author"] != *author {
        return Answer::refused(403, "403 Forbidden");
    }
    for (name, value) in body.as_object().into_iter().flatten() {
        match (name.as_str(), value.as_str()) {
            ("state_event", Some("close")) => it["state"] = json!("closed"),
            ("state_event", Some("reopen")) => it["state"] = json!("opened"),
            _ => it[name] = value.clone(),
        }
    }
    Answer::new(200, it.clone())
}
