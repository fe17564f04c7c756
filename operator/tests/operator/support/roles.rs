//! What the roles in `deploy` allow: an operator that asks for more than they say does not get it here either.

use axum::http::{Method, Uri};
use serde_json::Value;

const ROLES: [&str; 2] = [
    include_str!("../../../../deploy/operator/role.yaml"),
    include_str!("../../../../deploy/operator-namespace/role.yaml"),
];

/// Whether one of the rules allows a request.
pub fn allow(method: &Method, uri: &Uri) -> bool {
    let watches = uri.query().unwrap_or_default().split('&').any(|it| it == "watch=true" || it == "watch=1");
    let parts: Vec<&str> = uri.path().split('/').filter(|it| !it.is_empty()).collect();
    let (group, rest) = match parts.as_slice() {
        ["apis", group, _, rest @ ..] => (*group, rest),
        ["api", _, rest @ ..] => ("", rest),
        _ => return false,
    };
    let (resource, name) = match rest {
        ["namespaces", name] => ("namespaces".to_owned(), Some(*name)),
        [list] | ["namespaces", _, list] => ((*list).to_owned(), None),
        ["namespaces", _, list, name] => ((*list).to_owned(), Some(*name)),
        ["namespaces", _, list, name, below] => (format!("{list}/{below}"), Some(*name)),
        _ => return false,
    };
    let verb = match (method.as_str(), name) {
        ("GET", None) if watches => "watch",
        ("GET", None) => "list",
        ("GET", Some(_)) => "get",
        ("PUT", _) => "update",
        ("PATCH", _) => "patch",
        ("POST", _) => "create",
        _ => return false,
    };
    let holds = |rule: &Value, list: &str, what: &str| rule[list].as_array().unwrap().iter().any(|it| it == what);
    rules().iter().any(|rule| {
        let named = rule.get("resourceNames").is_none() || name.is_some_and(|it| holds(rule, "resourceNames", it));
        named && holds(rule, "apiGroups", group) && holds(rule, "resources", &resource) && holds(rule, "verbs", verb)
    })
}

fn rules() -> Vec<Value> {
    let documents = ROLES.iter().flat_map(|text| text.split("\n---\n"));
    let rules = documents.filter_map(|text| serde_yaml::from_str::<Value>(text).unwrap()["rules"].as_array().cloned());
    rules.flatten().collect()
}
