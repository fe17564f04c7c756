//! What kubectl shows of objects, and what becomes of one that several write.

use super::Namespace;
use convoke::face::kind::KindId;
use convoke::face::kind::crd;
use convoke::face::kind::schema::Declared;
use serde_json::{Value, json};

const EVENT: &str = "apiVersion: convoke.dev/v1
kind: Event
metadata: {name: weekly}
spec: {subject: Weekly, start: 2027-01-12T10:00, duration: 45m, location: Room 4}
";

#[test]
fn strict_validation_names_what_is_unknown() {
    let namespace = Namespace::new("strict");
    for (what, with, expect) in [
        ("name: weekly", "name: weekly, protect: true", "unknown field \"metadata.protect\""),
        ("subject:", "subjekt:", "unknown field \"spec.subjekt\""),
        ("kind: Event", "kind: EventSet", "no matches for kind \"EventSet\""),
        ("name: weekly", "name: a.b", "metadata.name in body should match"),
        ("45m", "soon", "spec.duration in body should match"),
    ] {
        let said = namespace.create(&EVENT.replacen(what, with, 1)).refused();
        assert!(said.contains(expect), "{with}: {said}");
    }
    assert_eq!(namespace.kubectl(&["get", "oe", "--output", "name"], "").out(), "");
}

#[test]
fn the_columns_say_whether_it_is_ready_why_when_next_and_how_many_mails_wait() {
    let namespace = Namespace::new("columns");
    namespace.create(EVENT).out();
    let words = |text: &str| Vec::from_iter(text.split_whitespace().map(str::to_owned));
    let get = || namespace.kubectl(&["get", "outlookevents"], "").out();
    assert_eq!(words(get().lines().next().unwrap()), ["NAME", "READY", "REASON", "NEXT", "MAILS", "AGE"]);
    let ready = crd::Condition {
        r#type: crd::ConditionType::Ready,
        status: crd::ConditionStatus::False,
        observed_generation: Some(1),
        last_transition_time: "2027-01-01T00:00:00Z".into(),
        reason: "QuietHours".into(),
        message: "nobody is mailed before 07:00".into(),
    };
    let status = crd::Status {
        observed_generation: Some(1),
        conditions: vec![ready],
        id: Some("AAMk".into()),
        next_start: Some("2027-01-12T09:00:00Z".into()),
        mails_pending: Some(3),
    };
    let status = json!({"status": status}).to_string();
    let patch = ["patch", "oe", "weekly", "--subresource", "status", "--type", "merge", "--patch"];
    namespace.kubectl(&[&patch[..], &[&status]].concat(), "").out();
    let row = words(get().lines().nth(1).unwrap());
    assert_eq!(row[..5], ["weekly", "False", "QuietHours", "2027-01-12T09:00:00Z", "3"]);
    // A status is no change of what is declared, and no way to declare anything.
    let slipped = json!({"spec": {"subject": "Daily"}}).to_string();
    namespace.kubectl(&[&patch[..], &[&slipped]].concat(), "").out();
    let event = namespace.kubectl(&["get", "oe", "weekly", "--output", "json"], "").json();
    assert_eq!((&event["metadata"]["generation"], &event["spec"]["subject"]), (&json!(1), &json!("Weekly")));
    let unknown = json!({"status": {"conditions": [{"type": "Fine", "status": "True"}]}}).to_string();
    let said = namespace.kubectl(&[&patch[..], &[&unknown]].concat(), "").refused();
    assert!(said.contains("status.conditions[0].type: Unsupported value: \"Fine\""), "{said}");
    let of_workspaces = Namespace::new("columns-of-workspaces");
    of_workspaces.create(include_str!("../../examples/convoke.yaml")).out();
    let shown = of_workspaces.kubectl(&["get", "workspaces"], "").out();
    assert_eq!(words(shown.lines().next().unwrap()), ["NAME", "READY", "REASON", "MAILS", "AGE"]);
}

/// Who runs the cluster grants mailboxes, and not who may write in a namespace.
#[test]
fn a_grant_is_the_clusters() {
    let namespace = Namespace::new("grants");
    let grant = |organizers: &str| {
        format!(
            "apiVersion: convoke.dev/v1\nkind: MailboxGrant\nmetadata: {{name: teams}}\n\
             spec: {{namespaces: [grants], organizers: {organizers}}}\n"
        )
    };
    namespace.create(&grant("[\"team-*@contoso.example\"]")).out();
    let listed = namespace.kubectl(&["get", "mailboxgrants", "teams"], "").out();
    assert!(listed.contains("[\"grants\"]") && listed.contains("[\"team-*@contoso.example\"]"), "{listed}");
    let shown = namespace.kubectl(&["get", "mailboxgrants", "teams", "--output", "json"], "").json();
    assert_eq!(shown["metadata"].get("namespace"), None);
    assert!(namespace.create(&grant("[]")).refused().contains("spec.organizers"));
}

#[test]
fn two_who_apply_dates_of_a_series_each_keep_their_own() {
    let namespace = Namespace::new("dates");
    let dates = |dates: Value| {
        json!({
            "apiVersion": "convoke.dev/v1", "kind": "Event", "metadata": {"name": "weekly"},
            "spec": {"start": "2027-01-12T10:00", "exceptions": dates},
        })
        .to_string()
    };
    let apply = |who: &str, text: &str| {
        let args = ["apply", "--server-side", "--validate=strict", "--field-manager", who, "-f", "-"];
        namespace.kubectl(&args, text)
    };
    let whole = EVENT.replace("location: Room 4", "recurrence: FREQ=WEEKLY;COUNT=10");
    apply("flux", &whole).out();
    apply("holidays", &dates(json!([{"date": "2027-01-19", "cancel": true}]))).out();
    apply("rooms", &dates(json!([{"date": "2027-01-26", "location": "Room 5"}]))).out();
    apply("holidays", &dates(json!([{"date": "2027-02-02", "cancel": true}]))).out();
    let event = namespace.kubectl(&["get", "oe", "weekly", "--output", "json"], "").json();
    let expect = json!([{"date": "2027-01-26", "location": "Room 5"}, {"date": "2027-02-02", "cancel": true}]);
    assert_eq!(event["spec"]["exceptions"], expect);
    let taken = apply("rooms", &dates(json!([{"date": "2027-02-02", "cancel": false}]))).refused();
    assert!(taken.contains("conflict with \"holidays\""), "{taken}");
    let twice = json!([{"date": "2027-01-19", "cancel": true}, {"date": "2027-01-19", "cancel": false}]);
    let twice = namespace.create(&dates(twice).replace("weekly", "twice")).refused();
    assert!(twice.contains("Duplicate value: {\"date\":\"2027-01-19\"}"), "{twice}");
}

/// A merge patch takes `null` for "leave it out", which is not to clear it.
#[test]
fn what_is_to_be_cleared_survives_a_merge_patch() {
    let namespace = Namespace::new("clear");
    namespace.create(EVENT).out();
    let patched = |patch: Value| {
        let patch = patch.to_string();
        namespace.kubectl(&["patch", "oe", "weekly", "--type", "merge", "--patch", &patch], "").out();
        let event = namespace.kubectl(&["get", "oe", "weekly", "--output", "json"], "").json();
        crd::read(Declared::Resource(KindId::Event), &event).unwrap().document["spec"].clone()
    };
    assert_eq!(patched(json!({"spec": {"location": null}})).get("location"), None);
    let cleared = patched(json!({"spec": {"clear": ["location"]}}));
    assert_eq!((cleared.get("location"), cleared.get("clear")), (Some(&Value::Null), None));
    // Who creates an object may write `null` as in a file.
    namespace.create(&EVENT.replace("weekly", "other").replace("Room 4", "null")).out();
    let other = namespace.kubectl(&["get", "oe", "other", "--output", "json"], "").json();
    assert_eq!(other["spec"].get("location"), Some(&Value::Null));
}
