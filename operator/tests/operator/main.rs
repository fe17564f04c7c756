//! The operator between a small API server and the twin: inside of the test, under a clock that runs faster, and once as a program.

mod approval;
mod arrivals;
mod away;
mod deletion;
mod interrupted;
mod invalid;
mod secret;
mod status;
mod support;
mod tenancy;

use serde_json::json;
use support::program::Program;
use support::{House, condition, event, is_ready, often, workspace};

/// That of the program: with that of musl, threads wait for each other.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

pub const EVENTS: &str = "outlookevents";

/// How many resources no object declares.
fn orphans(api: &support::api::Api) -> usize {
    api.object("workspaces", "contoso")["status"]["orphans"].as_array().map_or(0, Vec::len)
}

#[test]
fn what_a_cluster_does_not_hold_yet_is_never_cancelled() {
    let house = House::new();
    let api = house.cluster();
    api.write("workspaces", workspace(json!({})));
    (0..9).for_each(|number| api.write(EVENTS, event(&format!("e{number}"), "First")));
    let operator = house.operator(&api, |_| {});
    operator.until("ready", || api.all(is_ready));
    operator.stop();
    assert_eq!(house.mails("cancellation"), 0);
    let writes = house.writes();

    // Another cluster, into which the same objects come one after the other; and one list that is not answered at first.
    let api = house.cluster();
    api.hold(Some(EVENTS));
    api.write("workspaces", workspace(json!({})));
    let operator = house.operator(&api, often);
    operator.until_told("objects of the kind Event cannot be watched");
    operator.until("asked again", || api.refused() >= 3);
    assert!(!operator.log().contains("all objects are read"), "{}", operator.log());
    assert_eq!(operator.log().matches("cannot be watched").count(), 1, "{}", operator.log());
    api.hold(None);
    operator.until("9 orphans", || orphans(&api) == 9);
    (0..3).for_each(|number| api.write(EVENTS, event(&format!("e{number}"), "First")));
    operator.until("6 orphans", || orphans(&api) == 6);
    api.compact();
    (3..9).for_each(|number| api.write(EVENTS, event(&format!("e{number}"), "First")));
    operator.until("no orphan", || orphans(&api) == 0 && api.all(is_ready));
    // One alone would be below every limit.
    api.delete(EVENTS, "e0");
    operator.until("1 orphan", || orphans(&api) == 1);
    (1..9).for_each(|number| api.delete(EVENTS, &format!("e{number}")));
    operator.until("9 orphans", || orphans(&api) == 9);
    assert_eq!(condition(&api.object("workspaces", "contoso"), "PlanPending").unwrap().0, "False");
    let log = operator.stop();
    assert_eq!((house.mails("cancellation"), house.writes()), (0, writes), "{log}");
}

#[test]
fn what_needs_a_person_or_is_no_manifest_is_stalled_and_sends_nothing() {
    let (house, cases) = (
        House::new(),
        [
            ("device", json!({"graph": {"auth": "deviceCode"}}), json!({}), "a sign-in that needs a person"),
            (
                "secret",
                json!({"graph": {"secretRef": {"name": "graph"}}}),
                json!({}),
                "the Secret `graph` is not there",
            ),
            (
                "account",
                json!({"graph": {"serviceAccountName": "closed"}}),
                json!({}),
                "a token of the service account `closed` is not for the operator",
            ),
            ("date", json!({}), json!({"start": "2038-02-30T10:00"}), "it is left as it is until it is mended"),
        ],
    );
    let api = house.cluster();
    for (name, more, object, _) in &cases {
        let (mut workspace, mut event) = (workspace(more.clone()), event(name, "First"));
        event["spec"].as_object_mut().unwrap().extend(object.as_object().unwrap().clone());
        (workspace["metadata"]["name"], workspace["metadata"]["namespace"]) = (json!(name), json!(name));
        event["metadata"]["namespace"] = json!(name);
        api.write("workspaces", workspace);
        api.write(EVENTS, event);
    }
    let operator = house.operator(&api, |_| {});
    for (name, _, _, said) in cases {
        let stalled = || condition(&api.object("workspaces", name), "Stalled");
        operator.until(said, || stalled().is_some_and(|(status, code)| status == "True" && code.starts_with("CVK")));
        operator.until_told(said);
    }
    assert_eq!(condition(&api.object(EVENTS, "date"), "Stalled").unwrap().0, "True");
    for name in ["device", "secret", "account"] {
        let ready = || condition(&api.object(EVENTS, name), "Ready");
        operator.until(name, || ready() == Some(("False".into(), "NotPlanned".into())));
    }
    assert_eq!(house.writes(), 0, "{}", operator.log());
    operator.stop();
}

#[test]
fn two_workspaces_of_one_name_or_in_one_namespace_are_not_served() {
    let house = House::new();
    for (other, namespace, said) in [
        ("contoso-2", "meetings", "the namespace has several Workspaces"),
        ("contoso", "elsewhere", "another namespace has a Workspace of the same name"),
    ] {
        let api = house.cluster();
        let mut second = workspace(json!({}));
        (second["metadata"]["name"], second["metadata"]["namespace"]) = (json!(other), json!(namespace));
        api.write_as("workspaces", "second", second);
        api.write("workspaces", workspace(json!({})));
        api.write(EVENTS, event("weekly", "First"));
        let operator = house.operator(&api, |_| {});
        operator.until_told(said);
        assert_eq!(house.writes(), 0, "{}", operator.log());
        operator.stop();
    }
}

#[test]
fn the_program_serves_by_its_flags_and_environment_until_a_signal_ends_it() {
    let house = House::new();
    let api = house.cluster();
    let states = house.folder.path().join("states");
    api.write("workspaces", workspace(json!({})));
    api.write(EVENTS, event("weekly", "First"));
    let args = ["--single-tenant", "--listen", "127.0.0.1:0", "--state-folder", &states.display().to_string()];
    let program = Program::start(&house, &api, &args);
    program.log.until("ready", || api.all(is_ready));
    for path in ["/healthz", "/readyz"] {
        assert_eq!(house.get(&program.address(), path), (200, "ok\n".to_owned()));
    }
    program.log.until("counted", || {
        let (_, metrics) = house.get(&program.address(), "/metrics");
        metrics.contains("convoke_rounds_total{workspace=\"meetings\",ended=\"applied\"} 1\n")
    });
    assert_eq!(house.get(&program.address(), "/plan").0, 404);
    let log = program.stop();
    assert!(log.contains("all objects are read\nmeetings: served\n"), "{log}");
    assert!(log.contains("stopping after the requests in flight\n"), "{log}");
    assert!(log.ends_with("meetings: no longer served\nstopped\n"), "{log}");
    assert!(states.join("meetings/contoso").is_dir());

    let without = Program::start(&house, &api, &args[..3]);
    without.log.until("told", || without.log.text().contains("or pass --state-folder"));
    without.stop();
}
