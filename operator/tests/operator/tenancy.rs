//! Which mailboxes a namespace may use, and who signs in for it.

use crate::EVENTS;
use crate::support::api::Api;
use crate::support::{House, cancelled, condition, event, is_ready, often, set, workspace};
use convoke_operator::Terms;
use serde_json::{Value, json};
use std::time::Duration;

const TENANT: &str = "84841066-274d-4ec0-a5c1-276be684bdd3";
const CLIENT: &str = "b6a6a2a9-5e1f-4b1c-8f0d-6a3d4f1c2b90";

fn of_several(terms: &mut Terms) {
    terms.single_tenant = false;
}

fn grant(api: &Api, name: &str, namespace: &str, organizers: &[&str]) {
    let spec = json!({"namespaces": [namespace], "organizers": organizers});
    api.write("mailboxgrants", json!({"metadata": {"name": name}, "spec": spec}));
}

/// Whether all but the grants is as declared.
fn all_ready(api: &Api) -> bool {
    api.all(|it| it["kind"] == "MailboxGrant" || is_ready(it))
}

fn stalled(api: &Api, list: &str, name: &str) -> Option<String> {
    condition(&api.object(list, name), "Stalled").filter(|it| it.0 == "True").map(|it| it.1)
}

#[test]
fn a_namespace_uses_the_mailboxes_that_are_granted_to_it_and_no_others() {
    let house = House::new();
    let api = house.cluster();
    grant(&api, "others", "elsewhere", &["*"]);
    grant(&api, "none", "meetings", &["nobody-*@contoso.example"]);
    api.write("workspaces", workspace(json!({})));
    api.write(EVENTS, event("weekly", "First"));
    let operator = house.operator(&api, of_several);
    operator.until("refused", || stalled(&api, "workspaces", "contoso").as_deref() == Some("CVK0140"));
    operator.until_told("is granted to the namespace by no MailboxGrant");
    assert_eq!(house.writes(), 0);

    grant(&api, "ours", "meetings", &["Alex@contoso.example"]);
    operator.until("ready", || all_ready(&api));
    let writes = house.writes();
    let mut theirs = event("theirs", "First");
    theirs["spec"]["organizer"] = json!("megan@contoso.example");
    api.write(EVENTS, theirs);
    operator.until("refused", || stalled(&api, EVENTS, "theirs").as_deref() == Some("CVK0140"));
    api.delete(EVENTS, "theirs");
    operator.until("ready", || all_ready(&api));

    api.delete("mailboxgrants", "ours");
    api.write(EVENTS, event("weekly", "Second"));
    operator.until("refused", || stalled(&api, "workspaces", "contoso").as_deref() == Some("CVK0140"));
    assert_eq!(house.writes(), writes, "{}", operator.log());
    operator.stop();
}

#[test]
fn a_namespace_signs_in_by_its_own_secret_or_service_account_and_never_as_the_operator() {
    let house = House::new();
    let (api, entra) = (house.cluster(), house.entra());
    grant(&api, "ours", "meetings", &["alex@contoso.example"]);
    let own = |graph: Value| {
        let mut spec = json!({"tenantId": TENANT, "clientId": CLIENT});
        spec.as_object_mut().unwrap().extend(graph.as_object().unwrap().clone());
        api.write("workspaces", workspace(json!({"graph": spec})));
    };
    own(json!({"secretRef": {"name": "graph"}}));
    api.write(EVENTS, event("weekly", "First"));
    // What would sign the operator in is worth nothing here.
    let env = [("AZURE_AUTHORITY_HOST", &*entra.url), ("CONVOKE_ACCESS_TOKEN", "of-the-operator")];
    let operator = house.operator(&api, |it| {
        (it.single_tenant, it.orphan_after) = (false, Duration::from_secs(60));
        often(it);
        set(it, &env);
    });
    operator.until("missing", || stalled(&api, "workspaces", "contoso").as_deref() == Some("CVK0901"));
    let secret = [
        ("AZURE_CLIENT_SECRET", "canary-secret"),
        ("CONVOKE_GRAPH_URL", "http://127.0.0.1:9/v1.0"),
        ("AZURE_FEDERATED_TOKEN_FILE", "/etc/hostname"),
    ];
    api.secret("graph", &secret);
    operator.until("ready", || all_ready(&api));
    let asked = entra.last();
    assert!(asked.starts_with(&format!("/{TENANT}/oauth2/v2.0/token ")), "{asked}");
    assert!(asked.contains("client_secret=canary-secret") && asked.contains(CLIENT), "{asked}");

    own(json!({"serviceAccountName": "meetings"}));
    api.write(EVENTS, event("weekly", "Second"));
    let is_second = || house.mails("update") == 1;
    operator.until("updated", is_second);
    assert!(entra.last().contains("client_assertion=token-of-meetings"), "{}", entra.last());
    assert_eq!(api.tokens()[0]["spec"]["audiences"], json!(["api://AzureADTokenExchange"]));

    // The Secret goes, and so does an object that was to take its event along.
    own(json!({"secretRef": {"name": "graph"}}));
    api.write(EVENTS, cancelled("weekly", json!({})));
    operator.until("held", || api.object(EVENTS, "weekly")["metadata"]["finalizers"].is_array());
    api.delete_secret("graph");
    api.delete(EVENTS, "weekly");
    operator.until("let go", || api.object(EVENTS, "weekly").is_null());
    let log = operator.stop();
    assert_eq!(house.mails("cancellation"), 0, "{log}");
    assert!(!log.contains("canary") && !log.contains("token-of") && !format!("{:?}", api.objects()).contains("canary"));
}

#[test]
fn a_state_that_the_operator_would_open_for_any_namespace_is_refused() {
    let house = House::new();
    let api = house.cluster();
    grant(&api, "ours", "meetings", &["*"]);
    api.write("workspaces", workspace(json!({"state": "az://convoke/contoso.json"})));
    let operator = house.operator(&api, |it| {
        of_several(it);
        set(it, &[("AZURE_STORAGE_ACCOUNT", "account"), ("AZURE_STORAGE_KEY", "a2V5")]);
    });
    operator.until_told("would be opened with the operator's own sign-in");
    operator.stop();
}
