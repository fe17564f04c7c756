use crate::kind::testing::say;
use crate::kind::workspace::{Auth, Cloud, Graph, Limits, Prune, Share, Workspace, is_tenant, refused_in};
use crate::kind::{Expanded, KindId};
use serde_json::{Value, json};

fn read(spec: Value) -> Result<Workspace, String> {
    serde_json::from_value(spec).map_err(|error| error.to_string())
}

#[test]
fn what_a_workspace_leaves_out_has_a_default() {
    let workspace = read(json!({"prune": "keep"})).expect("prune is enough");
    assert_eq!(workspace.prune, Prune::Keep);
    assert_eq!(workspace.graph.cloud, Cloud::Global);
    assert_eq!(workspace.state, ".convoke/state.json");
    let (removals, changes) = (Share::Percent(25), Share::Percent(50));
    assert_eq!(workspace.limits, Limits { removals, changes, ..Limits::default() });
    assert_eq!(workspace.defaults.organizer, None);
    assert!(read(json!({})).is_err_and(|error| error.contains("prune")));
}

#[test]
fn mailboxes_are_read_in_lower_case() {
    let workspace = read(json!({
        "prune": "cancel",
        "mailboxes": ["Training@Contoso.example"],
        "defaults": {"organizer": "ALEX@contoso.example", "timeZone": "Europe/Berlin"},
    }))
    .expect("it is whole");
    assert_eq!(workspace.mailboxes, ["training@contoso.example"]);
    assert_eq!(workspace.defaults.organizer.as_deref(), Some("alex@contoso.example"));
    assert_eq!(say(&workspace.defaults.check()), "");
}

#[test]
fn a_default_zone_that_does_not_exist_is_a_fault() {
    let workspace = read(json!({"prune": "keep", "defaults": {"timeZone": "Berlin"}})).expect("it is whole");
    let fault = "/defaults/timeZone: unknown time zone: `Berlin`; did you mean `Europe/Berlin`?";
    assert_eq!(say(&workspace.defaults.check()), fault);
}

#[test]
fn reverts_count_within_a_window() {
    for (limits, expect) in [
        (json!({"reverts": 2, "per": "24h"}), ""),
        (json!({"per": "24h"}), ""),
        (
            json!({"reverts": 2}),
            "/limits/reverts: `reverts` counts within `per`, and there is none; say within what time, such as `per: 24h`",
        ),
    ] {
        let workspace = read(json!({"prune": "keep", "limits": limits})).expect("it is whole");
        assert_eq!(say(&workspace.check()), expect, "{limits}");
    }
}

#[test]
fn a_share_is_a_percentage_or_a_count() {
    for (value, expect) in [
        (json!("25%"), Some(Share::Percent(25))),
        (json!("0%"), Some(Share::Percent(0))),
        (json!("100%"), Some(Share::Percent(100))),
        (json!(7), Some(Share::Count(7))),
        (json!("7"), Some(Share::Count(7))),
        (json!("101%"), None),
        (json!("-5%"), None),
        (json!("2.5%"), None),
        (json!(-1), None),
        (json!(1.5), None),
        (json!(null), None),
        (json!("a quarter"), None),
    ] {
        assert_eq!(serde_json::from_value::<Share>(value.clone()).ok(), expect, "{value}");
    }
}

#[test]
fn a_share_allows_up_to_itself() {
    for (share, some, all, expect) in [
        ("25%", 5, 20, true),
        ("25%", 6, 20, false),
        ("25%", 3, 10, false),
        ("0%", 0, 10, true),
        ("0%", 1, 10, false),
        ("100%", 10, 10, true),
        ("3", 3, 10, true),
        ("3", 4, 10, false),
    ] {
        let share: Share = share.parse().expect("it is a share");
        assert_eq!(share.allows(some, all), expect, "{share} {some} {all}");
    }
}

#[test]
fn each_cloud_refuses_what_it_does_not_have() {
    let spec = |own: Value, meeting: Value| Expanded {
        own: own.as_object().cloned().unwrap_or_default().into(),
        meeting: meeting.as_object().cloned().unwrap_or_default().into(),
        ..Expanded::default()
    };
    let bare = spec(json!({"subject": "S"}), json!({}));
    let options = spec(
        json!({"subject": "S", "meetingTemplateId": "T"}),
        json!({"allowRecording": true, "recordAutomatically": true}),
    );
    for (cloud, kind, spec, expect) in [
        (Cloud::Global, "OnlineMeeting", &options, ""),
        (Cloud::China, "Event", &bare, ""),
        (
            Cloud::China,
            "Event",
            &options,
            "/meetingOptions: the cloud `china` has no meeting options; leave `meetingOptions` out and set them in Teams",
        ),
        (
            Cloud::China,
            "OnlineMeeting",
            &bare,
            ": the cloud `china` has no standalone meetings; declare an `Event` with `isOnlineMeeting: true` instead",
        ),
        (
            Cloud::UsGovL5,
            "OnlineMeeting",
            &options,
            "/meetingTemplateId: the US Government clouds do not have `meetingTemplateId`; leave it out\n\
             /meetingOptions/allowRecording: the US Government clouds do not have `allowRecording`; leave it out",
        ),
    ] {
        let kind = KindId::named(kind).expect("tests name a kind").kind();
        assert_eq!(say(&refused_in(&Graph { cloud, ..Graph::default() }, kind, spec)), expect);
    }
}

#[test]
fn an_app_is_nobody_who_me_could_be() {
    let spec = Expanded { organizer: "me".into(), ..Expanded::default() };
    let kind = KindId::Event.kind();
    for (auth, refused) in [
        (Some(Auth::GithubActions), true),
        (Some(Auth::DeviceCode), false),
        // The Azure CLI may be signed in as a person; what the environment offers is known later.
        (Some(Auth::AzureCli), false),
        (None, false),
    ] {
        let faults = refused_in(&Graph { auth, ..Graph::default() }, kind, &spec);
        assert_eq!(!faults.is_empty(), refused, "{auth:?}");
    }
}

#[test]
fn what_is_no_tenant_is_refused_by_the_schema_and_wherever_else_it_comes_from() {
    let schema = crate::kind::schema::of(crate::kind::schema::Declared::Workspace);
    for (tenant, expect) in [
        ("84841066-274d-4ec0-a5c1-276be684bdd3", true),
        ("contoso.example", true),
        ("organizations", true),
        ("..", false),
        ("a/../b", false),
        ("a?x=", false),
        ("a b", false),
        ("", false),
        (".example", false),
        ("contoso.example/", false),
    ] {
        let document = json!({
            "apiVersion": "convoke.dev/v1", "kind": "Workspace", "metadata": {"name": "a"},
            "spec": {"prune": "keep", "graph": {"tenantId": tenant}},
        });
        assert_eq!((is_tenant(tenant), jsonschema::is_valid(&schema, &document)), (expect, expect), "{tenant}");
    }
}
