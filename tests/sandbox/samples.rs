//! The HTTP examples of the pages that the project began from, as they stand there: documented status, documented properties.

use serde_json::{Value, json};

use crate::sandbox::support::{Reply, twin};

#[track_caller]
fn has(reply: &Reply, names: &[&str]) {
    let object = reply.body.as_object().expect("the answer is an object");
    let missing: Vec<&&str> = names.iter().filter(|it| !object.contains_key(**it)).collect();
    assert!(missing.is_empty(), "missing {missing:?} in {:#}", reply.body);
}

/// application-post-onlinemeetings.md of November 2019, example 1.
#[test]
fn create_an_online_meeting_with_an_application_token() {
    let reply = twin().send(
        r#"POST https://graph.microsoft.com/beta/communications/onlineMeetings
Content-Type: application/json

{
  "isBroadcast": "false",
  "startDateTime":"2019-09-09T14:33:30.8546353-07:00",
  "endDateTime":"2019-09-09T15:03:30.8566356-07:00",
  "subject":"Application Token Meeting",
  "participants": {
    "organizer": {
      "identity": {
        "user": {
          "id": "550fae72-d251-43ec-868c-373732c2704f"
        }
      }
    }
  }
}"#,
    );
    let reply = reply.expect(201);
    has(
        &reply,
        &["@odata.type", "autoAdmittedUsers", "audioConferencing", "canceledDateTime", "chatInfo", "creationDateTime"],
    );
    has(
        &reply,
        &["startDateTime", "endDateTime", "id", "isCanceled", "joinUrl", "isBroadcast", "participants", "subject"],
    );
    assert_eq!(reply.text("/startDateTime"), "2019-09-09T21:33:30.8546353Z");
    assert_eq!(reply.text("/endDateTime"), "2019-09-09T22:03:30.8566356Z");
    assert_eq!(reply.text("/subject"), "Application Token Meeting");
    assert_eq!(reply.text("/participants/organizer/identity/user/id"), "550fae72-d251-43ec-868c-373732c2704f");
    for name in ["tollNumber", "tollFreeNumber", "ConferenceId", "dialinUrl"] {
        assert!(reply.body["audioConferencing"].get(name).is_some(), "{name}");
    }
    for name in ["threadId", "messageId", "replyChainMessageId"] {
        assert!(reply.body["chatInfo"].get(name).is_some(), "{name}");
    }
}

/// The same page, example 1 under the path that is said to be old.
#[test]
fn the_app_path_creates_too() {
    let reply = twin().send(
        r#"POST /app/onlineMeetings
Content-Type: application/json

{"subject": "Old path", "participants": {"organizer": {"identity": {"user": {"id": "550fae72-d251-43ec-868c-373732c2704f"}}}}}"#,
    );
    assert_eq!(reply.expect(201).text("/subject"), "Old path");
}

/// The same page, example 2.
#[test]
fn create_an_online_meeting_with_a_user_token() {
    let reply = twin().send(
        r#"POST https://graph.microsoft.com/beta/me/onlineMeetings
Content-Type: application/json

{
  "startDateTime":"2019-07-12T14:30:34.2444915-07:00",
  "endDateTime":"2019-07-12T15:00:34.2464912-07:00",
  "subject":"User Token Meeting"
}"#,
    );
    let reply = reply.expect(201);
    has(
        &reply,
        &[
            "@odata.type",
            "@odata.context",
            "accessLevel",
            "audioConferencing",
            "canceledDateTime",
            "chatInfo",
            "creationDateTime",
        ],
    );
    has(
        &reply,
        &[
            "entryExitAnnouncement",
            "expirationDateTime",
            "id",
            "isCanceled",
            "joinUrl",
            "isBroadcast",
            "participants",
            "subject",
        ],
    );
    assert_eq!(reply.text("/startDateTime"), "2019-07-12T21:30:34.2444915Z");
    assert!(reply.text("/@odata.context").contains("/beta/$metadata#users('"));
    assert!(reply.text("/@odata.context").ends_with("/onlineMeetings/$entity"));
}

/// The same page, example 3.
#[test]
fn create_an_online_meeting_in_a_channel() {
    let reply = twin().send(
        r#"POST https://graph.microsoft.com/beta/me/onlineMeetings
Content-Type: application/json

{
  "startDateTime":"2019-07-12T14:30:34.2444915-07:00",
  "endDateTime":"2019-07-12T15:00:34.2464912-07:00",
  "subject":"User meeting in Microsoft Teams channel.",
  "chatInfo": {
    "threadId":"19%3A3b52398f3c524556894b776357c1dd79%40thread.skype"
  }
}"#,
    );
    let reply = reply.expect(201);
    assert_eq!(reply.text("/chatInfo/threadId"), "19%3A3b52398f3c524556894b776357c1dd79%40thread.skype");
    assert_eq!(reply.text("/chatInfo/messageId"), "1563302249053");
    assert_eq!(reply.at("/chatInfo/replyChainMessageId"), Value::Null);
}

/// Only beta's create by a signed-in user shows a channel; v1.0 calls `chatInfo` read-only (onlinemeeting.md).
#[test]
fn a_channel_is_taken_nowhere_else() {
    let twin = twin();
    let user = twin.get("/v1.0/me").text("/id").to_owned();
    let body = r#"{"subject": "S", "chatInfo": {"threadId": "19:a@thread.tacv2"}}"#;
    for (place, word) in [
        ("/v1.0/me/onlineMeetings".to_owned(), "'chatInfo' is read-only"),
        (format!("/beta/users/{user}/onlineMeetings"), "'chatInfo' can be set only by a signed-in user"),
    ] {
        let reply = twin.send(&format!("POST {place}\nContent-Type: application/json\n\n{body}")).expect(400);
        assert!(reply.text("/error/message").contains(word), "{place}");
    }
    // Parameters that are not its own are passed over (onlinemeeting-createorget.md).
    let body = r#"{"externalId": "x", "chatInfo": {"threadId": "19:a@thread.tacv2"}}"#;
    let reply =
        twin.send(&format!("POST /v1.0/me/onlineMeetings/createOrGet\nContent-Type: application/json\n\n{body}"));
    assert!(reply.expect(201).text("/chatInfo/threadId").starts_with("19:meeting_"));
}

/// outlook-calendar-online-meetings.md, first example.
#[test]
fn find_whether_a_calendar_supports_any_online_meeting_provider() {
    let reply = twin().send("GET https://graph.microsoft.com/beta/me/calendar").expect(200);
    has(
        &reply,
        &[
            "@odata.context",
            "id",
            "name",
            "color",
            "hexColor",
            "isDefaultCalendar",
            "changeKey",
            "canShare",
            "canViewPrivateItems",
        ],
    );
    has(&reply, &["isShared", "isSharedWithMe", "canEdit", "isTallyingResponses", "isRemovable", "owner"]);
    assert_eq!(reply.at("/allowedOnlineMeetingProviders"), json!(["teamsForBusiness"]));
    assert_eq!(reply.text("/defaultOnlineMeetingProvider"), "teamsForBusiness");
    assert_eq!(reply.text("/owner/name"), "Alex Wilber");
}

const PREP_FOR_CUSTOMER_MEETING: &str = r#"POST https://graph.microsoft.com/beta/me/events
Prefer: outlook.timezone="Pacific Standard Time"
Content-type: application/json

{
  "subject": "Prep for customer meeting",
  "body": {
    "contentType": "HTML",
    "content": "Does this time work for you?"
  },
  "start": {
      "dateTime": "2019-11-20T13:00:00",
      "timeZone": "Pacific Standard Time"
  },
  "end": {
      "dateTime": "2019-11-20T14:00:00",
      "timeZone": "Pacific Standard Time"
  },
  "location":{
      "displayName":"Cordova conference room"
  },
  "attendees": [
    {
      "emailAddress": {
        "address":"AdeleV@contoso.OnMicrosoft.com",
        "name": "Adele Vance"
      },
      "type": "required"
    }
  ],
  "allowNewTimeProposals": true,
  "isOnlineMeeting": true,
  "onlineMeetingProvider": "teamsForBusiness"
}"#;

/// What the page shows of the event that is made, but for its ids, links and dates of change.
fn customer_meeting() -> Vec<(&'static str, Value)> {
    let place = json!({"displayName": "Cordova conference room", "locationType": "default", "uniqueId": "Cordova conference room", "uniqueIdType": "private"});
    vec![
        ("/categories", json!([])),
        ("/originalStartTimeZone", json!("Pacific Standard Time")),
        ("/originalEndTimeZone", json!("Pacific Standard Time")),
        ("/reminderMinutesBeforeStart", json!(15)),
        ("/isReminderOn", json!(true)),
        ("/hasAttachments", json!(false)),
        ("/subject", json!("Prep for customer meeting")),
        ("/importance", json!("normal")),
        ("/sensitivity", json!("normal")),
        ("/isAllDay", json!(false)),
        ("/isCancelled", json!(false)),
        ("/isOrganizer", json!(true)),
        ("/responseRequested", json!(true)),
        ("/seriesMasterId", Value::Null),
        ("/showAs", json!("busy")),
        ("/type", json!("singleInstance")),
        ("/onlineMeetingUrl", Value::Null),
        ("/isOnlineMeeting", json!(true)),
        ("/onlineMeetingProvider", json!("teamsForBusiness")),
        ("/allowNewTimeProposals", json!(true)),
        ("/recurrence", Value::Null),
        ("/responseStatus", json!({"response": "organizer", "time": "0001-01-01T00:00:00Z"})),
        ("/start", json!({"dateTime": "2019-11-20T13:00:00.0000000", "timeZone": "Pacific Standard Time"})),
        ("/end", json!({"dateTime": "2019-11-20T14:00:00.0000000", "timeZone": "Pacific Standard Time"})),
        ("/location", place.clone()),
        ("/locations", json!([place])),
        (
            "/attendees",
            json!([{"type": "required", "status": {"response": "none", "time": "0001-01-01T00:00:00Z"},
                "emailAddress": {"name": "Adele Vance", "address": "AdeleV@contoso.OnMicrosoft.com"}}]),
        ),
        ("/organizer", json!({"emailAddress": {"name": "Alex Wilber", "address": "alex@contoso.example"}})),
    ]
}

/// outlook-calendar-online-meetings.md, second example: the whole answer.
#[test]
fn create_and_make_a_meeting_available_as_an_online_meeting() {
    let reply = twin().send(PREP_FOR_CUSTOMER_MEETING);
    let reply = reply.expect(201);
    let url = reply.text("/onlineMeeting/joinUrl");
    assert!(url.starts_with("https://teams.microsoft.com/l/meetup-join/19%3ameeting_"), "{url}");
    assert!(url.contains("%40thread.v2/0?context=%7b%22Tid%22%3a%22") && url.ends_with("%22%7d"), "{url}");
    assert!(reply.text("/body/content").contains(&format!("href=\"{url}\"")));
    assert!(reply.text("/bodyPreview").starts_with("Does this time work for you?\r\n____"));
    assert_eq!(reply.text("/@odata.etag"), format!("W/\"{}\"", reply.text("/changeKey")));
    for (pointer, value) in customer_meeting() {
        assert_eq!(reply.at(pointer), value, "{pointer}");
        assert!(reply.body.pointer(pointer).is_some(), "{pointer}");
    }
    has(&reply, &["@odata.context", "id", "createdDateTime", "lastModifiedDateTime", "uid", "webLink"]);
    assert_eq!(reply.text("/onlineMeeting/conferenceId").len(), 9);
    assert_eq!(reply.text("/onlineMeeting/tollNumber"), "+1 323-555-0166");
}

/// outlook-calendar-online-meetings.md, third example; the event with that id is put there first.
#[test]
fn get_online_meeting_information() {
    let twin = twin();
    let made = r#"PUT /sandbox/users/me/events/AAMkADAGu0AABIGYDZAAA=
Content-Type: application/json

{"subject": "Prep", "start": {"dateTime": "2019-11-20T13:00:00"}, "end": {"dateTime": "2019-11-20T14:00:00"},
 "isOnlineMeeting": true, "onlineMeetingProvider": "teamsForBusiness"}"#;
    twin.send(made).expect(201);
    let reply = twin
        .send("GET https://graph.microsoft.com/beta/me/events/AAMkADAGu0AABIGYDZAAA=?$select=isOnlineMeeting,onlineMeetingProvider,onlineMeeting")
        .expect(200);
    let names: Vec<&String> = reply.body.as_object().expect("an object").keys().collect();
    assert_eq!(
        names,
        ["@odata.context", "@odata.etag", "id", "isOnlineMeeting", "onlineMeetingProvider", "onlineMeeting"]
    );
    assert!(
        reply.text("/@odata.context").ends_with("/events(isOnlineMeeting,onlineMeetingProvider,onlineMeeting)/$entity")
    );
    assert_eq!(reply.text("/id"), "AAMkADAGu0AABIGYDZAAA=");
    assert_eq!(reply.at("/isOnlineMeeting"), json!(true));
    assert!(reply.text("/onlineMeeting/joinUrl").starts_with("https://teams.microsoft.com/"));
}

/// outlook-calendar-online-meetings.md, fourth example: without a Content-Type, as it stands there.
#[test]
fn update_a_meeting_to_make_it_available_as_an_online_meeting() {
    let twin = twin();
    let made = r#"PUT /sandbox/users/me/events/AAMkADAGu0AABIGYDaAAA=
Content-Type: application/json

{"subject": "Price strategy", "body": {"contentType": "html", "content": "<div>Let's define our strategy.</div>"},
 "start": {"dateTime": "2019-11-18T23:00:00"}, "end": {"dateTime": "2019-11-19T00:00:00"},
 "location": {"displayName": "Conf Room Baker", "locationUri": "Baker@contoso.onmicrosoft.com"},
 "attendees": [{"type": "resource", "emailAddress": {"name": "Conf Room Baker", "address": "Baker@contoso.onmicrosoft.com"}}]}"#;
    twin.send(made).expect(201);
    let reply = twin
        .send(
            r#"PATCH https://graph.microsoft.com/beta/me/events/AAMkADAGu0AABIGYDaAAA=

{
  "isOnlineMeeting": true,
  "onlineMeetingProvider": "teamsForBusiness"
}"#,
        )
        .expect(200);
    assert_eq!(reply.text("/subject"), "Price strategy");
    assert_eq!(reply.at("/isOnlineMeeting"), json!(true));
    assert_eq!(reply.text("/onlineMeetingProvider"), "teamsForBusiness");
    assert!(reply.text("/body/content").contains("Let's define our strategy."));
    assert!(reply.text("/body/content").contains(&reply.text("/onlineMeeting/joinUrl")));
    assert_eq!(reply.at("/start"), json!({"dateTime": "2019-11-18T23:00:00.0000000", "timeZone": "UTC"}));
    let address =
        json!({"type": "unknown", "street": "", "city": "", "state": "", "countryOrRegion": "", "postalCode": ""});
    let place = json!({"displayName": "Conf Room Baker", "locationUri": "Baker@contoso.onmicrosoft.com", "locationType": "conferenceRoom",
        "uniqueId": "Baker@contoso.onmicrosoft.com", "uniqueIdType": "directory", "address": address, "coordinates": {}});
    assert_eq!(reply.at("/location"), place);
    assert_eq!(reply.at("/locations"), json!([place]));
}
