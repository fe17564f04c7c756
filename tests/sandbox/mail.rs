//! The mail ledger: who would have been mailed, and why (event-update.md, event-delete.md, event-cancel.md).

use serde_json::{Value, json};

use crate::sandbox::support::{Twin, encode, event, people, twin, twin_quirks};

const ALEX: &str = "/users/alex@contoso.example";

fn invited(twin: &Twin, more: Value) -> String {
    let mut body =
        json!({"attendees": people(&["adele@contoso.example", "eve@outside.example", "Alex@contoso.example"])});
    more.as_object().into_iter().flatten().for_each(|(name, value)| body[name] = value.clone());
    let id = twin.event(body);
    assert_eq!(
        twin.mails(),
        ["invitation adele@contoso.example", "invitation eve@outside.example"],
        "the organizer is not mailed"
    );
    id
}

#[test]
fn a_change_mails_by_what_it_holds() {
    let all = |kind: &str| vec![format!("{kind} adele@contoso.example"), format!("{kind} eve@outside.example")];
    let mark = json!({"singleValueExtendedProperties": [{"id": "String 0x4001001E", "value": "x"}]});
    let cases = [
        (json!({"subject": "New"}), all("update")),
        // Mailed although nothing changes: Graph mails on every PATCH that attendees could see (user-post-events.md).
        (json!({"subject": "Weekly"}), all("update")),
        (
            json!({"categories": ["a"], "showAs": "free", "isReminderOn": false, "reminderMinutesBeforeStart": 5}),
            all("possible"),
        ),
        (mark, all("possible")),
        (json!({"categories": ["a"], "subject": "New"}), all("update")),
        (
            json!({"attendees": people(&["adele@contoso.example", "ben@contoso.example"])}),
            vec!["invitation ben@contoso.example".into(), "cancellation eve@outside.example".into()],
        ),
        (
            json!({"attendees": people(&["ADELE@contoso.example", "ben@contoso.example"]), "categories": ["a"]}),
            vec![
                "update ADELE@contoso.example".into(),
                "invitation ben@contoso.example".into(),
                "cancellation eve@outside.example".into(),
            ],
        ),
    ];
    for (body, expected) in cases {
        let twin = twin();
        let id = invited(&twin, json!({}));
        twin.json("PATCH", &format!("{ALEX}/events/{id}"), &body).expect(200);
        assert_eq!(twin.mails(), expected, "{body}");
    }
}

#[test]
fn a_delete_and_a_cancel_mail_one_cancellation_each() {
    let twin = twin();
    for cancel in [false, true] {
        let id = invited(&twin, json!({}));
        match cancel {
            false => twin.send(&format!("DELETE {ALEX}/events/{id}")).expect(204),
            true => twin.send(&format!("POST {ALEX}/events/{id}/cancel")).expect(202),
        };
        assert_eq!(twin.mails(), ["cancellation adele@contoso.example", "cancellation eve@outside.example"]);
    }
}

#[test]
fn occurrences_count_like_events_and_a_master_mails_for_each_exception() {
    let twin = twin();
    let recurrence = json!({"pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["tuesday"]}, "range": {"type": "numbered", "startDate": "2026-12-01", "numberOfOccurrences": 4}});
    let id = invited(&twin, json!({"recurrence": recurrence}));
    let window = "startDateTime=2026-12-01&endDateTime=2027-01-01";
    let all = twin.get(&format!("{ALEX}/events/{id}/instances?{window}")).expect(200);
    let occurrence = |place: usize| {
        format!("{ALEX}/events/{}", crate::sandbox::support::encode(&all.text(&format!("/value/{place}/id"))))
    };
    twin.json("PATCH", &occurrence(1), &json!({"subject": "Special"})).expect(200);
    assert_eq!(twin.mails().len(), 2);
    twin.send(&format!("DELETE {}", occurrence(2))).expect(204);
    assert_eq!(twin.mails(), ["cancellation adele@contoso.example", "cancellation eve@outside.example"]);
    twin.json("PATCH", &format!("{ALEX}/events/{id}"), &json!({"importance": "high"})).expect(200);
    assert_eq!(twin.mails().len(), 4, "one for the series, one for the exception, to two people");
}

#[test]
fn a_refused_change_and_a_repeated_create_mail_nobody() {
    let twin = twin();
    let body = event(json!({"attendees": people(&["adele@contoso.example"]), "transactionId": "t"}));
    twin.json("POST", &format!("{ALEX}/events"), &body).expect(201);
    twin.json("POST", &format!("{ALEX}/events"), &body).expect(201);
    assert_eq!(twin.mails(), ["invitation adele@contoso.example"]);
    let id = twin.event(json!({}));
    twin.json("PATCH", &format!("{ALEX}/events/{id}"), &json!({"webLink": "x"})).expect(400);
    assert_eq!(twin.mails(), Vec::<String>::new());
}

#[test]
fn somebody_elses_edit_mails_nobody_and_moves_the_change_key() {
    let twin = twin();
    let id = invited(&twin, json!({}));
    let tag = twin.get(&format!("{ALEX}/events/{id}")).text("/@odata.etag");
    twin.json("PATCH", &format!("/sandbox/users/alex@contoso.example/events/{id}"), &json!({"subject": "Drifted"}))
        .expect(204);
    let after = twin.get(&format!("{ALEX}/events/{id}"));
    assert_eq!(after.text("/subject"), "Drifted");
    assert_ne!(after.text("/@odata.etag"), tag);
    assert_eq!(twin.mails(), Vec::<String>::new());
}

#[test]
fn who_joins_a_series_may_hear_of_each_date_that_stands_apart() {
    for (quirks, more) in
        [("joiners-mailed-by-date=no", &[][..]), ("joiners-mailed-by-date", &["update ben@contoso.example"])]
    {
        let twin = twin_quirks(quirks.parse().expect("quirks"));
        let range = json!({"type": "numbered", "startDate": "2026-12-01", "numberOfOccurrences": 4});
        let series = json!({"pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["tuesday"]}, "range": range});
        let id = twin.event(json!({"attendees": people(&["adele@contoso.example"]), "recurrence": series}));
        let path = format!("/users/alex@contoso.example/events/{id}");
        let all = twin.get(&format!("{path}/instances?startDateTime=2026-11-01&endDateTime=2027-01-01"));
        let one = |place: u32| {
            let id = encode(&all.text(&format!("/value/{place}/id")));
            format!("/users/alex@contoso.example/events/{id}")
        };
        let at = |hour: u8| json!({"dateTime": format!("2026-12-08T{hour}:00:00"), "timeZone": "Europe/Berlin"});
        twin.json("PATCH", &one(1), &json!({"start": at(14), "end": at(15)})).expect(200);
        twin.send(&format!("DELETE {}", one(2))).expect(204);
        twin.mails();
        let both = json!({"attendees": people(&["adele@contoso.example", "ben@contoso.example"])});
        twin.json("PATCH", &path, &both).expect(200);
        assert_eq!(twin.mails(), [&["invitation ben@contoso.example"], more].concat());
    }
}
