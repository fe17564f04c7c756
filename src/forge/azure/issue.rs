//! Issues of Azure DevOps: work items of that type, found again by a tag and by who made them, since no text of them is hidden.

use crate::forge::azure::{Azure, VERSION};
use crate::forge::rest::Failure;
use crate::forge::{Mark, Post};
use reqwest::Method;
use serde_json::{Value, json};

impl Azure {
    /// Our issues with a mark: what their text is is not asked.
    pub(super) async fn issues(&self, mark: &Mark) -> Result<Vec<Post>, Failure> {
        let query = format!(
            "SELECT [System.Id] FROM WorkItems WHERE [System.TeamProject] = @project AND [System.Tags] CONTAINS '{}' ORDER BY [System.Id] DESC",
            mark.word()
        );
        let path = format!("{}/_apis/wit/wiql?$top=200&{VERSION}", self.project);
        let found = self.rest.put(Method::POST, &path, &json!({"query": query})).await?;
        let ids = found["workItems"].as_array().into_iter().flatten().filter_map(|it| it["id"].as_u64());
        let ids: Vec<String> = ids.map(|id| id.to_string()).collect();
        if ids.is_empty() {
            return Ok(vec![]);
        }
        let done = self.state(true).await?;
        let fields = "System.State,System.CreatedBy";
        let path = format!("{}/_apis/wit/workitems?ids={}&fields={fields}&{VERSION}", self.project, ids.join(","));
        let all = self.rest.get(&path).await?;
        let post = |it: &Value| {
            Some(Post {
                id: it["id"].as_u64()?.to_string(),
                body: mark.above(""),
                own: self.is_me(&it["fields"]["System.CreatedBy"]),
                open: it["fields"]["System.State"] != done,
            })
        };
        Ok(all["value"].as_array().into_iter().flatten().filter_map(post).collect())
    }

    pub(super) async fn add_issue(&self, mark: &Mark, title: &str, body: &str) -> Result<(), Failure> {
        let patch = json!([field("Title", title), field("Description", &html(body)), field("Tags", &mark.word())]);
        self.rest.add(&format!("{}/_apis/wit/workitems/$Issue?{VERSION}", self.project), &patch).await.map(drop)
    }

    pub(super) async fn change_issue(&self, id: &str, body: &str, open: bool) -> Result<(), Failure> {
        let state = self.state(!open).await?;
        let patch = json!([field("Description", &html(body)), field("State", &state)]);
        let path = format!("{}/_apis/wit/workitems/{id}?{VERSION}", self.project);
        self.rest.put(Method::PATCH, &path, &patch).await.map(drop)
    }

    /// What the process of the project calls an issue that is done, or to be done: each has words of its own.
    async fn state(&self, done: bool) -> Result<String, Failure> {
        let all = self.rest.get(&format!("{}/_apis/wit/workitemtypes/Issue/states?{VERSION}", self.project)).await?;
        let category = if done { "Completed" } else { "Proposed" };
        let states = all["value"].as_array().into_iter().flatten();
        let found = states.filter(|it| it["category"] == category).find_map(|it| it["name"].as_str());
        Ok(found.unwrap_or(if done { "Closed" } else { "Active" }).to_owned())
    }
}

fn field(name: &str, value: &str) -> Value {
    json!({"op": "add", "path": format!("/fields/System.{name}"), "value": value})
}

/// A text as it is: such a field holds HTML.
fn html(text: &str) -> String {
    // The first line is hidden elsewhere, and would be thrown away here.
    let text = text.split_once('\n').map_or("", |(_, rest)| rest);
    format!("<pre>{}</pre>", text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"))
}
