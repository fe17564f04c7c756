//! A stand-in for the REST API of Azure DevOps, written from its documentation (learn.microsoft.com/rest/api/azure/devops): threads of
//! pull requests, statuses of commits, the query for a merge, work items.

use crate::forges::server::{Answer, Ask, Service};
use serde_json::{Value, json};

/// The token of a job, which acts as the build service of its project; and that of a person.
pub const JOB: &str = "azure-job-canary";
pub const PERSON: &str = "azure-adele";

/// The longest that a comment may be.
const MOST: usize = 150_000;

#[derive(Default)]
pub struct Azure {
    pub threads: Vec<Value>,
    pub statuses: Vec<Value>,
    pub items: Vec<Value>,
    pub requests: Vec<Value>,
    /// Whether the process of the project has issues.
    pub issues: bool,
    pub count: u64,
}

impl Service for Azure {
    fn answer(&mut self, ask: &Ask) -> Answer {
        let Some(account) = account(ask) else { return Answer::refused(401, "TF400813: not authorized") };
        let path: Vec<&str> = ask.path.iter().map(String::as_str).collect();
        let rest = match path.strip_prefix(&["contoso"]) {
            Some(["_apis", "connectionData"]) => return Answer::new(200, json!({"authenticatedUser": account})),
            Some(["it", "_apis", rest @ ..]) => rest,
            _ => return Answer::refused(404, "TF200016: the project does not exist"),
        };
        if ask.get("api-version") != Some("7.1") {
            return Answer::refused(400, "The requested version is not there");
        }
        match (ask.method.as_str(), rest) {
            ("GET", ["git", "repositories", "r1", "pullRequests", _, "threads"]) => all(&self.threads),
            ("POST", ["git", "repositories", "r1", "pullRequests", _, "threads"]) => self.thread(&ask.body, account),
            ("PATCH", ["git", "repositories", "r1", "pullRequests", _, "threads", id, "comments", "1"]) => {
                let thread = self.threads.iter_mut().find(|it| it["id"].as_u64() == id.parse().ok());
                edited(thread.map(|it| &mut it["comments"][0]), &account, &ask.body)
            }
            ("POST", ["git", "repositories", "r1", "commits", sha, "statuses"]) => {
                self.count += 1;
                let mut status = ask.body.clone();
                (status["id"], status["createdBy"], status["commit"]) = (json!(self.count), account, json!(sha));
                self.statuses.push(status.clone());
                Answer::new(201, status)
            }
            ("GET", ["git", "repositories", "r1", "commits", sha, "statuses"]) => {
                let of: Vec<Value> = self.statuses.iter().filter(|it| it["commit"] == **sha).cloned().collect();
                all(&of)
            }
            ("POST", ["git", "repositories", "r1", "pullrequestquery"]) => {
                let sha = ask.body["queries"][0]["items"][0].as_str().unwrap();
                let of: Vec<&Value> =
                    self.requests.iter().filter(|it| it["lastMergeCommit"]["commitId"] == sha).collect();
                Answer::new(200, json!({"results": [{sha: of}]}))
            }
            (_, ["wit", rest @ ..]) => self.work_item(ask, rest, account),
            _ => Answer::refused(404, "not found"),
        }
    }
}

impl Azure {
    pub fn thread(&mut self, body: &Value, account: Value) -> Answer {
        let content = &body["comments"][0]["content"];
        if content.as_str().is_none_or(|text| text.chars().count() > MOST) {
            return Answer::refused(400, "the comment is too long");
        }
        self.count += 1;
        let comment = json!({"id": 1, "content": content, "author": account, "isDeleted": false});
        let thread = json!({"id": self.count, "status": body["status"], "isDeleted": false, "comments": [comment]});
        self.threads.push(thread.clone());
        Answer::new(200, thread)
    }

    fn work_item(&mut self, ask: &Ask, rest: &[&str], account: Value) -> Answer {
        match (ask.method.as_str(), rest) {
            ("POST", ["wiql"]) => {
                let query = ask.body["query"].as_str().unwrap();
                let tagged = |it: &&Value| {
                    query.contains(&format!("CONTAINS '{}'", it["fields"]["System.Tags"].as_str().unwrap()))
                };
                let ids: Vec<Value> = self.items.iter().filter(tagged).map(|it| json!({"id": it["id"]})).collect();
                Answer::new(200, json!({"workItems": ids}))
            }
            ("GET", ["workitemtypes", "Issue", "states"]) if self.issues => all(&[
                json!({"name": "To Do", "category": "Proposed"}),
                json!({"name": "Done", "category": "Completed"}),
            ]),
            ("GET", ["workitems"]) => {
                let ids: Vec<&str> = ask.get("ids").unwrap().split(',').collect();
                let of: Vec<Value> =
                    self.items.iter().filter(|it| ids.contains(&&*it["id"].to_string())).cloned().collect();
                all(&of)
            }
            ("POST", ["workitems", "$Issue"]) if self.issues => {
                self.count += 1;
                let fields = json!({"System.State": "To Do", "System.CreatedBy": account});
                self.items.push(json!({"id": self.count, "fields": fields}));
                patched(self.items.last_mut(), ask)
            }
            ("PATCH", ["workitems", id]) => {
                patched(self.items.iter_mut().find(|it| it["id"].as_u64() == id.parse().ok()), ask)
            }
            _ => Answer::refused(404, "VS402323: the work item type does not exist"),
        }
    }
}

fn account(ask: &Ask) -> Option<Value> {
    match ask.header("authorization").strip_prefix("Bearer ")? {
        JOB => Some(json!({"id": "5d6898bb-45ec-4e3b-9f3e-0d1b5b4b0f00", "displayName": "it Build Service (contoso)"})),
        PERSON => Some(json!({"id": "7a0e1c52-0000-4e3b-9f3e-0d1b5b4b0f00", "displayName": "Adele Vance"})),
        _ => None,
    }
}

fn all(list: &[Value]) -> Answer {
    Answer::new(200, json!({"count": list.len(), "value": list}))
}

fn edited(comment: Option<&mut Value>, account: &Value, body: &Value) -> Answer {
    match comment {
        Some(it) if it["author"] != *account => Answer::refused(403, "only its author may change it"),
        Some(it) => {
            it["content"] = body["content"].clone();
            Answer::new(200, it.clone())
        }
        None => Answer::refused(404, "not found"),
    }
}

fn patched(item: Option<&mut Value>, ask: &Ask) -> Answer {
    let (Some(it), true) = (item, ask.header("content-type") == "application/json-patch+json") else {
        return Answer::refused(400, "it is no JSON Patch of a work item");
    };
    for change in ask.body.as_array().unwrap() {
        let name = change["path"].as_str().unwrap().strip_prefix("/fields/").unwrap();
        it["fields"][name] = change["value"].clone();
    }
    Answer::new(200, it.clone())
}
