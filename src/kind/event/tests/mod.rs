mod exceptions;
mod recurrence;
mod times;

use crate::kind::testing::{self, berlin, no_defaults};
use serde_json::{Value, json};

/// The least an event needs.
fn base() -> Value {
    json!({
        "organizer": "Alex@Contoso.example",
        "start": "2026-12-01T10:00",
        "duration": "45m",
        "timeZone": "Europe/Berlin",
    })
}

fn own_of(over: Value) -> Value {
    let (expanded, faults) = testing::expand("Event", &base(), &over, &no_defaults());
    assert_eq!(faults, "", "{over}");
    json!(expanded.own)
}

fn faults_of(over: Value) -> String {
    testing::expand("Event", &base(), &over, &no_defaults()).1
}

#[test]
fn the_least_event_is_a_start_and_an_end_in_graphs_form() {
    let (expanded, faults) = testing::expand("Event", &base(), &json!({}), &no_defaults());
    assert_eq!(faults, "");
    assert_eq!(expanded.organizer, "alex@contoso.example");
    assert_eq!(expanded.calendar, None);
    assert!(!expanded.exclusive);
    assert!(expanded.meeting.is_empty());
    let zone = "W. Europe Standard Time";
    assert_eq!(
        json!(expanded.own),
        json!({
            "start": {"dateTime": "2026-12-01T10:00:00", "timeZone": zone},
            "end": {"dateTime": "2026-12-01T10:45:00", "timeZone": zone},
        })
    );
}

#[test]
fn what_is_ours_has_a_place_of_its_own() {
    let over = json!({"organizer": "ME", "calendar": "Training", "attendeePolicy": "exclusive"});
    let (expanded, faults) = testing::expand("Event", &base(), &over, &no_defaults());
    assert_eq!(faults, "");
    assert_eq!(expanded.organizer, "me");
    assert_eq!(expanded.calendar.as_deref(), Some("Training"));
    assert!(expanded.exclusive);
    let names: Vec<_> = expanded.own.keys().collect();
    assert_eq!(names, ["start", "end"]);
}

#[test]
fn the_workspace_gives_what_a_spec_leaves_out() {
    let over = json!({"organizer": null, "timeZone": null, "isOnlineMeeting": true});
    let (expanded, faults) = testing::expand("Event", &base(), &over, &berlin());
    assert_eq!(faults, "");
    assert_eq!(expanded.organizer, "alex@contoso.example");
    assert_eq!(expanded.own["start"]["timeZone"], "W. Europe Standard Time");
    assert_eq!(expanded.own["onlineMeetingProvider"], "teamsForBusiness");
    let (expanded, _) = testing::expand("Event", &base(), &json!({}), &berlin());
    assert!(!expanded.own.contains_key("onlineMeetingProvider"));
}

#[test]
fn an_attendee_may_be_written_with_a_name() {
    let attendees =
        own_of(json!({"attendees": ["\"Vance, Eva\" <E@c.example>", "<f@c.example>"]}))["attendees"].clone();
    assert_eq!(
        attendees,
        json!([
            {"emailAddress": {"address": "e@c.example", "name": "Vance, Eva"}, "type": "required"},
            {"emailAddress": {"address": "f@c.example"}, "type": "required"},
        ])
    );
}

#[test]
fn short_forms_become_graphs_json() {
    for (over, pointer, expect) in [
        (json!({"location": "Room Baker"}), "/location", json!({"displayName": "Room Baker"})),
        (
            json!({"location": "Room Baker <Room@C.example>"}),
            "/location",
            json!({"displayName": "Room Baker", "locationEmailAddress": "room@c.example"}),
        ),
        (
            json!({"location": "room@c.example", "attendees": ["adele@c.example"]}),
            "/attendees/1",
            json!({"emailAddress": {"address": "room@c.example"}, "type": "resource"}),
        ),
        (
            json!({"location": "room@c.example", "attendees": [{"address": "Room@c.example", "type": "optional"}]}),
            "/attendees",
            json!([{"emailAddress": {"address": "room@c.example"}, "type": "optional"}]),
        ),
        (
            json!({"location": {"displayName": "B", "locationEmailAddress": "Room@C.example"}}),
            "/location",
            json!({"displayName": "B", "locationEmailAddress": "room@c.example"}),
        ),
        (
            json!({"locations": ["A", {"displayName": "B"}]}),
            "/locations",
            json!([{"displayName": "A"}, {"displayName": "B"}]),
        ),
        (
            json!({"body": {"contentType": "text", "content": "**as it is**"}}),
            "/body",
            json!({"contentType": "text", "content": "**as it is**"}),
        ),
        (json!({"body": "**x**"}), "/body/contentType", json!("html")),
        (json!({"subject": "S", "showAs": "free"}), "/showAs", json!("free")),
        (
            json!({"attendees": [
                "Adele@C.example",
                {"address": "room@c.example", "type": "resource"},
                {"address": "b@c.example", "name": "Bo"},
                {"emailAddress": {"address": "D@c.example"}, "type": "optional"},
            ]}),
            "/attendees",
            json!([
                {"emailAddress": {"address": "adele@c.example"}, "type": "required"},
                {"emailAddress": {"address": "room@c.example"}, "type": "resource"},
                {"emailAddress": {"address": "b@c.example", "name": "Bo"}, "type": "required"},
                {"emailAddress": {"address": "d@c.example"}, "type": "optional"},
            ]),
        ),
    ] {
        assert_eq!(own_of(over.clone()).pointer(pointer), Some(&expect), "{over}");
    }
    let body = own_of(json!({"body": "**x**"}));
    let html = body["body"]["content"].as_str().unwrap_or_default();
    assert!(html.contains("<strong>x</strong>"), "{html}");
}

#[test]
fn null_clears_where_graph_allows() {
    let spec = json!({"start": "2026-12-01T10:00", "duration": "1h", "location": null, "recurrence": null});
    let spec = spec.as_object().expect("an object");
    assert_eq!(testing::refusals("Event", spec), "");
    let (expanded, faults) = (super::KIND.expand)(spec, &berlin());
    assert_eq!(testing::say(&faults), "");
    assert_eq!(expanded.own["location"], Value::Null);
    assert_eq!(expanded.own["recurrence"], Value::Null);
}

#[test]
fn people_who_cannot_be_invited_are_refused() {
    for (attendees, expect) in [
        (
            json!(["adele"]),
            "/attendees/0: not an e-mail address: `adele`; write it whole, such as `adele@contoso.example`",
        ),
        (
            json!([{"emailAddress": {"address": "a@b@c"}}]),
            "/attendees/0/emailAddress/address: not an e-mail address: `a@b@c`; \
             write it whole, such as `adele@contoso.example`",
        ),
        (
            json!(["A@c.example", "b@c.example", {"address": "a@C.example", "type": "optional"}]),
            "/attendees/2/address /attendees/0: duplicate attendee: `a@c.example`; leave one of them out",
        ),
    ] {
        assert_eq!(faults_of(json!({"attendees": attendees.clone()})), expect, "{attendees}");
    }
    let many = |count| json!({"attendees": Vec::from_iter((0..count).map(|it| format!("a{it}@c.example")))});
    assert_eq!(faults_of(many(500)), "");
    assert_eq!(
        faults_of(many(501)),
        "/attendees: 501 attendees, Graph takes 500; invite a distribution list or a Microsoft 365 group"
    );
}

#[test]
fn meeting_options_become_the_meeting_behind_the_event() {
    let over = json!({
        "isOnlineMeeting": true,
        "meetingOptions": {
            "allowedPresenters": "roleIsPresenter",
            "sensitivityLabelAssignment": {"sensitivityLabelId": "8EA6F0F4-5A1C-4A0D-9C5F-0B1F3E9A7C11"},
            "participants": ["Bo@c.example", {"upn": "adele@c.example", "role": "presenter"}],
        },
    });
    let (expanded, faults) = testing::expand("Event", &base(), &over, &no_defaults());
    assert_eq!(faults, "");
    assert!(!expanded.own.contains_key("meetingOptions"));
    assert_eq!(
        json!(expanded.meeting),
        json!({
            "allowedPresenters": "roleIsPresenter",
            "sensitivityLabelAssignment": {"sensitivityLabelId": "8ea6f0f4-5a1c-4a0d-9c5f-0b1f3e9a7c11"},
            "participants": {"attendees": [
                {"upn": "bo@c.example", "role": "attendee"},
                {"upn": "adele@c.example", "role": "presenter"},
            ]},
        })
    );
}

#[test]
fn properties_that_contradict_each_other_are_refused() {
    let options = json!({"recordAutomatically": true});
    for (over, expect) in [
        (
            json!({"meetingOptions": options}),
            "/meetingOptions: `meetingOptions` without `isOnlineMeeting: true`; add `isOnlineMeeting: true`",
        ),
        (
            json!({"onlineMeetingProvider": "teamsForBusiness", "isOnlineMeeting": false}),
            "/onlineMeetingProvider /isOnlineMeeting: `onlineMeetingProvider` without `isOnlineMeeting: true`; \
             add `isOnlineMeeting: true`",
        ),
        (
            json!({"isOnlineMeeting": true, "onlineMeetingProvider": "skypeForBusiness", "meetingOptions": options}),
            "/meetingOptions /onlineMeetingProvider: `meetingOptions` are options of a Teams meeting, not of \
             `skypeForBusiness`; leave them out, or write `onlineMeetingProvider: teamsForBusiness`",
        ),
        (
            json!({"location": "A", "locations": ["B"]}),
            "/locations /location: both `location` and `locations`, which Graph keeps as one; leave one of them out",
        ),
        (
            json!({"isOnlineMeeting": true, "meetingOptions": {"participants": [{"upn": "a@c.example", "role": "presenter"}]}}),
            "/meetingOptions/participants/0/role: `role: presenter` without `allowedPresenters: roleIsPresenter`; \
             add `allowedPresenters: roleIsPresenter` to `meetingOptions`",
        ),
        (
            json!({"isOnlineMeeting": true, "meetingOptions": {"allowedPresenters": "roleIsPresenter"}}),
            "/meetingOptions/allowedPresenters: `allowedPresenters: roleIsPresenter` without `participants`; \
             list the presenters under `participants`, such as `{upn: adele@contoso.example, role: presenter}`",
        ),
        (
            json!({"organizer": null}),
            ": no `organizer`; add `organizer: alex@contoso.example`, or `defaults.organizer` to the workspace",
        ),
    ] {
        assert_eq!(faults_of(over.clone()), expect, "{over}");
    }
}

#[test]
fn all_faults_are_reported_at_once() {
    let over = json!({
        "organizer": null, "timeZone": "Nowhere", "duration": "x", "attendees": ["a"],
        "meetingOptions": {}, "location": "A", "locations": [],
    });
    assert_eq!(faults_of(over).lines().count(), 6);
}

#[test]
fn long_lists_are_refused_or_have_their_price_noted() {
    let people = |number: usize| -> Vec<String> { (0..number).map(|it| format!("p{it}@c.example")).collect() };
    for (over, expect) in [
        (
            json!({"attendees": people(501)}),
            "/attendees: 501 attendees, Graph takes 500; invite a distribution list or a Microsoft 365 group",
        ),
        (
            json!({"attendees": people(500), "location": "room@c.example"}),
            "/location /attendees: with this room there are 501 attendees, Graph takes 500; invite a distribution list or a \
             Microsoft 365 group",
        ),
        (
            json!({"isOnlineMeeting": true, "meetingOptions": {"participants": people(1001)}}),
            "/meetingOptions/participants: 1001 participants, Teams takes 1000 in a meeting's chat; list only those who need \
             a role: whoever has the link can join, if the lobby lets them",
        ),
    ] {
        assert_eq!(faults_of(over), expect);
    }
    let over = json!({"isOnlineMeeting": true, "meetingOptions": {"participants": people(150)}});
    let (spec, faults) = testing::expand("Event", &base(), &over, &no_defaults());
    assert_eq!(faults, "");
    assert_eq!(spec.notes, ["150 participants: from 150 on they have the chat during the meeting only"]);
}

#[test]
fn of_a_time_that_comes_twice_the_note_says_which_is_meant() {
    let (spec, _) =
        testing::expand("Event", &base(), &json!({"start": "2026-10-25T02:30", "duration": "2h"}), &no_defaults());
    assert_eq!(
        spec.notes,
        ["`start`: 2026-10-25T02:30 comes twice in Europe/Berlin, where clocks go back: the first is meant, UTC+02"]
    );
}
