use crate::kind::testing::{self, no_defaults};
use serde_json::{Value, json};

fn base() -> Value {
    json!({"organizer": "Alex@Contoso.example", "timeZone": "Europe/Berlin"})
}

fn own_of(over: Value) -> Value {
    let (expanded, faults) = testing::expand("OnlineMeeting", &base(), &over, &no_defaults());
    assert_eq!(faults, "", "{over}");
    assert_eq!(expanded.organizer, "alex@contoso.example");
    json!(expanded.own)
}

fn faults_of(over: Value) -> String {
    testing::expand("OnlineMeeting", &base(), &over, &no_defaults()).1
}

#[test]
fn times_become_instants() {
    for (over, start, end) in [
        (
            json!({"start": "2026-12-01T08:00", "end": "2026-12-01T18:00"}),
            "2026-12-01T07:00:00Z",
            "2026-12-01T17:00:00Z",
        ),
        (json!({"start": "2026-07-01T08:00:30", "duration": "1h 30m"}), "2026-07-01T06:00:30Z", "2026-07-01T07:30:30Z"),
        (
            json!({"startDateTime": "2026-12-01T08:00:00+01:00", "endDateTime": "2026-12-01T17:00:00.0000000Z"}),
            "2026-12-01T07:00:00Z",
            "2026-12-01T17:00:00Z",
        ),
        (
            json!({"startDateTime": "2026-12-01T08:00:00Z", "duration": "1h"}),
            "2026-12-01T08:00:00Z",
            "2026-12-01T09:00:00Z",
        ),
    ] {
        let own = own_of(over.clone());
        assert_eq!(own, json!({"startDateTime": start, "endDateTime": end}), "{over}");
    }
}

#[test]
fn without_times_it_is_an_instant_meeting() {
    assert_eq!(own_of(json!({"subject": "Now"})), json!({"subject": "Now"}));
}

#[test]
fn participants_become_graphs_list() {
    let id = "112F7296-5fa4-42ca-bae8-6a692b15d4b8";
    let listed = json!({"attendees": [
        {"upn": "adele@c.example", "role": "attendee"},
        {"upn": "bo@c.example", "role": "coorganizer"},
        {"role": "attendee", "identity": {"user": {"id": id.to_lowercase()}}},
    ]});
    let list = json!([
        "Adele@c.example",
        {"upn": "bo@c.example", "role": "coorganizer"},
        {"identity": {"user": {"id": id}}},
    ]);
    for participants in [list.clone(), json!({ "attendees": list })] {
        let own = own_of(json!({ "participants": participants }));
        assert_eq!(own["participants"], listed);
    }
}

#[test]
fn options_have_a_place_of_their_own() {
    let over = json!({
        "joinMeetingIdSettings": {"isPasscodeRequired": true},
        "meetingOptions": {"allowMeetingChat": "enabled"},
    });
    let (expanded, faults) = testing::expand("OnlineMeeting", &base(), &over, &no_defaults());
    assert_eq!(faults, "");
    assert_eq!(json!(expanded.own), json!({"joinMeetingIdSettings": {"isPasscodeRequired": true}}));
    assert_eq!(json!(expanded.meeting), json!({"allowMeetingChat": "enabled"}));
}

#[test]
fn what_cannot_be_is_refused_with_the_way_out() {
    let presenter = json!([{"upn": "a@c.example", "role": "presenter"}]);
    for (over, expect) in [
        (json!({"end": "2026-12-01T18:00"}), "/end: `end` without `start`; add `start`, or leave both out"),
        (json!({"start": "2026-12-01T18:00"}), "/start: a start without `end` or `duration`; add `duration: 30m`"),
        (
            json!({"start": "2026-12-01T18:00", "end": "2026-12-01T08:00"}),
            "/end /start: the end is not after the start; write an end after `2026-12-01T18:00`",
        ),
        (
            json!({"start": "2026-12-01T08:00", "startDateTime": "2026-12-01T08:00:00Z", "duration": "1h"}),
            "/startDateTime /start: both `start` and `startDateTime`; leave one of them out",
        ),
        (
            json!({"startDateTime": "2026-12-01T08:00", "duration": "1h"}),
            "/startDateTime: not a time with an offset: `2026-12-01T08:00`; write `2026-12-01T09:00:00Z`, \
             or a local time under `start` and `end` with `timeZone`",
        ),
        (
            json!({"startDateTime": "2026-12-01T08:00:00.5Z", "duration": "1h"}),
            "/startDateTime: a meeting's times are whole seconds: `2026-12-01T08:00:00.5Z`; write `2026-12-01T08:00`",
        ),
        (
            json!({"start": "2027-03-28T02:30", "duration": "1h"}),
            "/start: no such time in `Europe/Berlin`, where clocks go from 2027-03-28T02:00 to 2027-03-28T03:00: \
             `2027-03-28T02:30`; write a time before `2027-03-28T02:00`, or from `2027-03-28T03:00` on",
        ),
        (
            json!({"participants": presenter}),
            "/participants/0/role: `role: presenter` without `allowedPresenters: roleIsPresenter`; \
             add `allowedPresenters: roleIsPresenter` to `meetingOptions`",
        ),
        (json!({"participants": presenter, "meetingOptions": {"allowedPresenters": "roleIsPresenter"}}), ""),
        (
            json!({"participants": ["a@c.example", {"upn": "A@c.example"}]}),
            "/participants/1 /participants/0: duplicate participant: `a@c.example`; leave one of them out",
        ),
        (
            json!({"chatInfo": {"threadId": "19:a@thread.tacv2"}}),
            "/chatInfo: a meeting in a channel is made by the person who signs in; write `organizer: me` and sign in as a \
             member of the channel, such as with `auth: deviceCode`",
        ),
        (json!({"organizer": "Me", "chatInfo": {"threadId": "19:a@thread.tacv2"}}), ""),
        (
            json!({"participants": [{"role": "attendee"}]}),
            "/participants/0: a participant without `upn`; add `upn: adele@contoso.example`",
        ),
    ] {
        assert_eq!(faults_of(over.clone()), expect, "{over}");
    }
}
