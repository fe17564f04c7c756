//! What people see who are invited (event.md, event-accept.md, event-cancel.md, event-delete.md).

use serde_json::{Value, json};

use crate::sandbox::support::{Twin, encode, event, people, twin};

const MARK: &str = "String {66f5a359-4659-4830-9070-00047ec6ac6e} Name convoke";

fn invited() -> (Twin, String, String) {
    let twin = twin();
    let body =
        event(json!({"attendees": people(&["adele@contoso.example", "ben@contoso.example"]), "transactionId": "t",
        "singleValueExtendedProperties": [{"id": MARK, "value": "ws/a"}]}));
    let own = twin.json("POST", "/users/alex@contoso.example/events", &body).expect(201).text("/id");
    let copy = twin.get("/users/adele@contoso.example/events").expect(200).text("/value/0/id");
    (twin, own, copy)
}

#[test]
fn a_copy_has_its_own_id_and_key_and_none_of_the_organizers_marks() {
    let (twin, own, copy) = invited();
    assert_ne!(own, copy);
    let expand = encode(&format!("singleValueExtendedProperties($filter=id eq '{MARK}')"));
    let read = twin.get(&format!("/users/adele@contoso.example/events/{}?$expand={expand}", encode(&copy))).expect(200);
    let original = twin.get(&format!("/users/alex@contoso.example/events/{}", encode(&own)));
    assert_ne!(read.text("/changeKey"), original.text("/changeKey"));
    assert_eq!(read.text("/iCalUId"), original.text("/iCalUId"));
    assert_eq!(read.at("/organizer"), original.at("/organizer"));
    assert_eq!((read.at("/isOrganizer"), read.text("/responseStatus/response")), (json!(false), "notResponded".into()));
    assert_eq!((read.at("/singleValueExtendedProperties"), read.at("/transactionId")), (Value::Null, Value::Null));
    let filter = encode(&format!("singleValueExtendedProperties/any(ep: ep/id eq '{MARK}' and ep/value eq 'ws/a')"));
    assert_eq!(twin.get(&format!("/users/adele@contoso.example/events?$filter={filter}")).at("/value"), json!([]));
    twin.get(&format!("/users/eve@contoso.example/events/{}", encode(&copy))).refused(404, "ErrorItemNotFound", "");
}

#[test]
fn only_the_organizer_cancels_and_changes() {
    let (twin, own, copy) = invited();
    let path = format!("/users/adele@contoso.example/events/{}", encode(&copy));
    twin.send(&format!("POST {path}/cancel")).refused(
        400,
        "ErrorInvalidRequest",
        "You need to be an organizer to cancel a meeting.",
    );
    twin.json("PATCH", &path, &json!({"subject": "Mine"})).refused(403, "ErrorAccessDenied", "organizer");
    let own = format!("/users/alex@contoso.example/events/{}", encode(&own));
    twin.send(&format!("POST {own}/accept")).refused(400, "ErrorInvalidRequest", "you're the meeting organizer");
}

#[test]
fn an_answer_reaches_the_organizer_and_a_removed_copy_does_not_cancel() {
    let (twin, own, copy) = invited();
    let path = format!("/users/adele@contoso.example/events/{}", encode(&copy));
    let own = format!("/users/alex@contoso.example/events/{}", encode(&own));
    twin.mails();
    twin.send(&format!("POST {path}/accept")).expect(202);
    assert_eq!(twin.get(&own).text("/attendees/0/status/response"), "accepted");
    assert_eq!(twin.get(&path).text("/responseStatus/response"), "accepted");
    twin.send(&format!("DELETE {path}")).expect(204);
    twin.get(&path).refused(404, "ErrorItemNotFound", "");
    twin.get(&own).expect(200);
    assert_eq!(twin.mails(), Vec::<String>::new());
}

#[test]
fn a_copy_goes_with_its_event_and_with_its_invitation() {
    let (twin, own, _) = invited();
    let own = format!("/users/alex@contoso.example/events/{}", encode(&own));
    let count = |upn: &str| twin.get(&format!("/users/{upn}/events")).at("/value").as_array().map(Vec::len);
    twin.json("PATCH", &own, &json!({"attendees": people(&["ben@contoso.example"])})).expect(200);
    assert_eq!((count("adele@contoso.example"), count("ben@contoso.example")), (Some(0), Some(1)));
    twin.send(&format!("DELETE {own}")).expect(204);
    assert_eq!(count("ben@contoso.example"), Some(0));
}

#[test]
fn an_occurrence_that_is_taken_out_of_a_copy_stays_for_everybody_else() {
    let twin = twin();
    let range = json!({"type": "numbered", "startDate": "2026-12-01", "numberOfOccurrences": 3});
    twin.event(json!({"attendees": people(&["adele@contoso.example"]),
        "recurrence": {"pattern": {"type": "daily", "interval": 1}, "range": range}}));
    let window = "startDateTime=2026-12-01&endDateTime=2026-12-31";
    let view = |upn: &str| twin.get(&format!("/users/{upn}/calendarView?{window}"));
    let second = view("adele@contoso.example").text("/value/1/id");
    twin.send(&format!("DELETE /users/adele@contoso.example/events/{}", encode(&second))).expect(204);
    let count = |upn: &str| view(upn).at("/value").as_array().map(Vec::len);
    assert_eq!((count("adele@contoso.example"), count("alex@contoso.example")), (Some(2), Some(3)));
}
