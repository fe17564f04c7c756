//! What `deploy` makes of a cluster: a pod that its namespace takes, and an operator that may do all it has to.
//!
//! It serves all namespaces, so that `run` starts this before the others write anything.

use super::running::{HOME, Running};
use super::{Namespace, alike, examples};
use axum::{Json, Router};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use convoke::face::sandbox::{Options, serve};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

const TENANT: &str = "84841066-274d-4ec0-a5c1-276be684bdd3";
const CLIENT: &str = "b6a6a2a9-5e1f-4b1c-8f0d-6a3d4f1c2b90";

const EVENT: &str = "apiVersion: convoke.dev/v1
kind: Event
metadata: {name: weekly}
spec: {subject: Weekly, start: 2038-01-12T10:00, duration: 45m, attendees: [adele@contoso.example]}
";

/// Beside the operator, a CronJob that does without it.
#[test]
fn the_namespaces_take_the_pods_that_are_made_in_them() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/cron-job");
    HOME.kubectl(&["apply", "--namespace=", "--validate=strict", "-k", folder], "").out();
    let meetings = Namespace("meetings");
    for (namespace, what, template) in [
        (&HOME, "deployment/convoke-operator", "/spec/template/spec"),
        (&meetings, "cronjob/convoke", "/spec/jobTemplate/spec/template/spec"),
    ] {
        let object = namespace.kubectl(&["get", what, "--output", "json"], "").json();
        let pod = |spec: &Value| {
            json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "it"}, "spec": spec}).to_string()
        };
        let mut spec = object.pointer(template).unwrap().clone();
        let take = ["create", "--dry-run=server", "--validate=strict", "-f", "-"];
        assert_eq!(namespace.kubectl(&take, &pod(&spec)).out(), "pod/it created (server dry run)\n");
        spec["securityContext"]["runAsNonRoot"] = json!(false);
        let refused = namespace.kubectl(&take, &pod(&spec)).refused();
        assert!(refused.contains("violates PodSecurity \"restricted"), "{refused}");
    }
}

#[test]
fn with_the_roles_of_deploy_the_examples_become_ready_and_namespaces_sign_in_by_their_own() {
    let runtime = Runtime::new().unwrap();
    let twin = runtime.block_on(serve(Options::default())).unwrap();
    let asked = Asked::default();
    let authority = runtime.block_on(entra(asked.clone(), twin.token.clone()));
    let projects: Vec<Namespace> = examples::PROJECTS.iter().map(|it| examples::namespace(it.0, it.1)).collect();
    projects.iter().for_each(grant);
    let own = [
        ("by-secret", json!({"secretRef": {"name": "graph"}}), "secret://state"),
        ("by-account", json!({"serviceAccountName": "meetings"}), "state.json"),
    ];
    let own: Vec<Namespace> = own.iter().map(|(name, graph, state)| signed_in_by_its_own(name, graph, state)).collect();
    let operator = Running::start(runtime, twin, &authority);

    for namespace in projects.iter().chain(&own) {
        operator.until(namespace, "--for=condition=Ready", &["workspaces,outlookevents", "--all"]);
    }
    operator.until(&projects[0], "--for=condition=Ready", &["onlinemeetings", "--all"]);
    columns(&projects[0]);
    let asked = asked.lock().unwrap().join("\n");
    assert!(asked.contains("client_secret=canary-secret"), "{asked}");
    let claims = claims(&asked);
    assert_eq!(
        (&claims["sub"], &claims["aud"]),
        (&json!("system:serviceaccount:by-account:meetings"), &json!(["api://AzureADTokenExchange"]),)
    );

    assert_eq!(keys_of_state(&own[0]), ["state", "state.holder"]);
    goes_with_its_event(&operator, &own[0]);
    assert_eq!(keys_of_state(&own[1]), [""; 0]);
    alike::are_planned_as_files(&operator);
    assert!(!operator.log().contains("canary"), "{}", operator.log());
}

fn grant(namespace: &Namespace) {
    namespace.create(&granted(namespace.0).to_string()).out();
}

/// What lets a namespace have the mailboxes of the tests.
pub fn granted(namespace: &str) -> Value {
    json!({
        "apiVersion": "convoke.dev/v1", "kind": "MailboxGrant", "metadata": {"name": namespace},
        "spec": {"namespaces": [namespace], "organizers": ["*@contoso.example"]},
    })
}

/// What the Secret for a state holds, but for its journal.
fn keys_of_state(namespace: &Namespace) -> Vec<String> {
    let data = namespace.kubectl(&["get", "secret", "state", "--output", "json"], "").json()["data"].take();
    let keys = data.as_object().into_iter().flatten().map(|(key, _)| key.clone());
    keys.filter(|key| !key.starts_with("state.journal.")).collect()
}

/// A namespace with a sign-in of its own and an empty Secret, which the operator may use by the Role that is for that.
fn signed_in_by_its_own(name: &'static str, graph: &Value, state: &str) -> Namespace {
    let namespace = Namespace::new(name);
    let role = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/operator-namespace");
    namespace.kubectl(&["apply", "--validate=strict", "-k", role], "").out();
    namespace.kubectl(&["create", "serviceaccount", "meetings"], "").out();
    namespace
        .kubectl(&["create", "secret", "generic", "graph", "--from-literal=AZURE_CLIENT_SECRET=canary-secret"], "")
        .out();
    namespace.kubectl(&["create", "secret", "generic", "state"], "").out();
    let mut workspace = json!({
        "apiVersion": "convoke.dev/v1", "kind": "Workspace", "metadata": {"name": name},
        "spec": {
            "prune": "keep", "state": state, "graph": {"tenantId": TENANT, "clientId": CLIENT},
            "defaults": {"organizer": "alex@contoso.example", "timeZone": "Europe/Berlin"},
        },
    });
    workspace["spec"]["graph"].as_object_mut().unwrap().extend(graph.as_object().unwrap().clone());
    namespace.create(&format!("{workspace}\n---\n{EVENT}lifecycle: {{onDelete: cancel}}\n")).out();
    grant(&namespace);
    namespace
}

/// What is shown of an event that is ready.
fn columns(namespace: &Namespace) {
    let shown = namespace.kubectl(&["get", "outlookevents", "platform-weekly"], "").out();
    let words = |line: usize| shown.lines().nth(line).unwrap().split_whitespace().collect::<Vec<_>>();
    assert_eq!(words(0), ["NAME", "READY", "REASON", "NEXT", "MAILS", "AGE"]);
    assert_eq!(words(1)[..3], ["platform-weekly", "True", "AsDeclared"]);
    let described = namespace.kubectl(&["describe", "outlookevents", "platform-weekly"], "").out();
    for said in ["it is as declared", "nothing is under way", "nothing has to be mended", "no plan waits"] {
        assert!(described.contains(said), "{described}");
    }
    let events = ["get", "events", "--field-selector", "involvedObject.name=platform-weekly", "--output", "json"];
    assert_eq!(namespace.kubectl(&events, "").json()["items"][0]["reason"], "AsDeclared");
}

/// An object that cancels is deleted once its event is cancelled.
fn goes_with_its_event(operator: &Running, namespace: &Namespace) {
    let sent = operator.mails("cancellation");
    namespace.kubectl(&["delete", "outlookevent", "weekly", "--timeout=60s"], "").out();
    assert_eq!(operator.mails("cancellation"), sent + 1, "{}", operator.log());
}

/// Forms, as they came.
type Asked = Arc<Mutex<Vec<String>>>;

/// Serves what gives the twin's token to whoever asks, at the address that it returns.
async fn entra(asked: Asked, token: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let answer = move |form: String| {
        asked.lock().unwrap().push(form);
        std::future::ready(Json(json!({"token_type": "Bearer", "access_token": token, "expires_in": 3599})))
    };
    let routes = Router::new().fallback(answer);
    tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
    url
}

/// What the token says that a service account signed in with.
fn claims(asked: &str) -> Value {
    let token = asked.split("client_assertion=").nth(1).expect("one signed in by a service account");
    let claims = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice(&claims).unwrap()
}
