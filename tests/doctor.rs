//! What the doctor says of mailboxes that are not whose they were, and of zones that a mailbox does not know.

use crate::support::{House, Run};
use convoke::face::sandbox::Options;
use serde_json::{Value, json};

const EVENT: &str = "---
apiVersion: convoke.dev/v1
kind: Event
metadata: {name: weekly}
spec: {organizer: alex@contoso.example, subject: Weekly, start: 2031-02-04T10:00, duration: 45m, timeZone: Europe/Berlin}
---
apiVersion: convoke.dev/v1
kind: OnlineMeeting
metadata: {name: room}
spec: {organizer: alex@contoso.example, subject: Room, start: 2031-02-04T10:00, end: 2031-02-04T11:00}
";

/// A tenant in which only these exist; what the manifests declare is applied, and the state knows the object id.
fn house() -> House {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "users: [{upn: alex@contoso.example}, {upn: ben@contoso.example}]\n").unwrap();
    let house = House::new(Options { tenant: Some(file.path().into()), ..Options::default() });
    house.write("manifests.yaml", EVENT);
    let run = house.run(&["apply", "--yes"]);
    assert_eq!(run.code, 0, "{run:?}");
    let run = house.run(&["doctor"]);
    assert!(run.code == 0 && run.out.contains("ok     mailbox of alex@contoso.example: exists\n"), "{run:?}");
    house
}

fn rename(house: &House, from: &str, to: &str) {
    let (status, answer): (u16, Value) =
        house.call("PATCH", &format!("/sandbox/users/{from}"), Some(&json!({"userPrincipalName": to})));
    assert_eq!(status, 204, "{answer}");
}

/// What the doctor says, with white space folded; it reads only.
fn doctor(house: &House) -> (i32, String) {
    let writes = house.writes();
    let Run { code, out, .. } = house.run(&["doctor"]);
    assert_eq!(house.writes(), writes);
    (code, out.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[test]
fn the_doctor_says_whose_address_has_changed_and_the_way_out_works() {
    let house = house();
    rename(&house, "alex@contoso.example", "alexandra@contoso.example");
    let (code, said) = doctor(&house);
    let expect = "failed mailbox of alex@contoso.example: its address has changed to `alexandra@contoso.example` mend: write \
                  `alexandra@contoso.example` in its manifests: what it has stays what it is";
    assert!(code == 1 && said.contains(expect), "{said}");
    // What it advises leads to nothing to do.
    for file in ["manifests.yaml", "convoke.yaml"] {
        let text = std::fs::read_to_string(house.path(file)).unwrap();
        house.write(file, &text.replace("alex@", "alexandra@"));
    }
    let run = house.run(&["plan"]);
    assert!(run.code == 0 && run.out.contains("nothing to do, 2 unchanged"), "{run:?}");
}

#[test]
fn the_doctor_says_that_an_address_belongs_to_somebody_else_now() {
    let house = house();
    rename(&house, "alex@contoso.example", "alexandra@contoso.example");
    rename(&house, "ben@contoso.example", "alex@contoso.example");
    let (code, said) = doctor(&house);
    let expect = "failed mailbox of alex@contoso.example: the address belongs to somebody else than before; the one of before is \
                  `alexandra@contoso.example` now mend: write";
    assert!(code == 1 && said.contains(expect), "{said}");
}

#[test]
fn the_doctor_says_who_has_left() {
    let house = house();
    // Nobody is told apart from somebody who was never there by the object id in the state: it is nobody's.
    let state = std::fs::read_to_string(house.path(".convoke/state.json")).unwrap();
    let id =
        serde_json::from_str::<Value>(&state).unwrap()["users"]["alex@contoso.example"].as_str().unwrap().to_owned();
    house.write(".convoke/state.json", &state.replace(&id, "00000000-1111-2222-3333-444444444444"));
    rename(&house, "alex@contoso.example", "somebody@contoso.example");
    let (code, said) = doctor(&house);
    let expect = "failed mailbox of alex@contoso.example: its owner has left: nobody has the address, nor the object id that it \
                  had mend: give";
    assert!(code == 1 && said.contains(expect), "{said}");
}

/// `Antarctica/Troll` has no name of Windows, so it goes out as it is, and no mailbox server knows it.
#[test]
fn the_doctor_names_zones_that_the_mailbox_does_not_know() {
    let house = house();
    house.write("manifests.yaml", &EVENT.replace("timeZone: Europe/Berlin", "timeZone: Antarctica/Troll"));
    let (code, said) = doctor(&house);
    let expect = "failed time zones of alex@contoso.example: not known to the mailbox: `Antarctica/Troll` mend:";
    assert!(code == 1 && said.contains(expect), "{said}");
}
