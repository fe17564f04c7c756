//! What a story leaves in the tenant, imported as a stranger would who has never seen it: it plans to nothing.

use crate::support::{House, inside};
use convoke::face::reconcile::Imported;
use convoke::face::route::encoded;
use serde_json::{Value, json};

/// A workspace that knows nothing of the tenant: whatever counts has to stand in the manifests.
const WORKSPACE: &str = "apiVersion: convoke.dev/v1
kind: Workspace
metadata: {name: stranger}
spec: {prune: cancel}
";

const MARK: &str = "String {6d1c8a52-5f0e-4b7b-9c43-1f6f2a7f0e11} Name convoke";

/// What can be taken over of a mailbox, counted by somebody else.
#[derive(Debug, Default, PartialEq)]
struct There {
    events: usize,
    meetings: usize,
}

/// Takes our marks and our memory away, imports every calendar and every meeting, and takes them over. Returns what was otherwise
/// than it should be.
pub fn comes_back(house: &House) -> Vec<String> {
    house.write("convoke.yaml", WORKSPACE);
    for ours in ["manifests.yaml", ".convoke"] {
        let path = house.path(ours);
        let _ = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
    }
    let mut wrong = vec![];
    let mut manifests: Vec<String> = vec![];
    for user in list(house, "/v1.0/users?$top=999&$select=userPrincipalName") {
        let user = user["userPrincipalName"].as_str().unwrap();
        let mut links = vec![];
        let mailbox = format!("/v1.0/users/{}", encoded(user));
        for calendar in list(house, &format!("{mailbox}/calendars?$top=100")) {
            let named = calendar["isDefaultCalendar"] != true;
            let name = named.then(|| calendar["name"].as_str().unwrap());
            let place = format!("{mailbox}/calendars/{}/events?$top=500", encoded(calendar["id"].as_str().unwrap()));
            let events = list(house, &place);
            links.extend(events.iter().map(|it| it["onlineMeeting"]["joinUrl"].clone()));
            let mine = |it: &&Value| it["isOrganizer"] == true && it["isCancelled"] != true;
            events.iter().filter(mine).for_each(|event| unmark(house, user, event));
            let there = There { events: events.iter().filter(mine).count(), meetings: 0 };
            if there != There::default() {
                take(inside::import(house, user, name, &[]), &there, &mut manifests, &mut wrong);
            }
        }
        // What no event leads to.
        let alone: Vec<String> = list(house, &format!("/sandbox/users/{}/onlineMeetings", encoded(user)))
            .iter()
            .map(|it| it["joinWebUrl"].clone())
            .filter(|link| !links.contains(link))
            .filter_map(|link| link.as_str().map(str::to_owned))
            .collect();
        if !alone.is_empty() {
            let there = There { events: 0, meetings: alone.len() };
            take(inside::import(house, user, None, &alone), &there, &mut manifests, &mut wrong);
        }
    }
    if manifests.is_empty() {
        return wrong;
    }
    house.write("manifests.yaml", &manifests.join("---\n"));
    wrong.extend(adopt(house, manifests.len()).into_iter().map(|it| format!("{it}\n{}", manifests.join("---\n"))));
    wrong
}

fn take(imported: Imported, there: &There, manifests: &mut Vec<String>, wrong: &mut Vec<String>) {
    let Imported { manifests: found, others, failures, .. } = imported;
    let open = format!("{found:?}{others:?}{failures:?}");
    if ["meetup-join", "teams.microsoft.com", "passcode:"].iter().any(|secret| open.to_lowercase().contains(secret)) {
        wrong.push(format!("what is imported tells how to join: {open}"));
    }
    let of = |kind: &str| found.iter().filter(|(_, text)| text.contains(&format!("\nkind: {kind}\n"))).count();
    let are = There { events: of("Event"), meetings: of("OnlineMeeting") };
    if are != *there {
        wrong.push(format!("there are {there:?}, imported {are:?}: {others:#?} {failures:#?}"));
    }
    manifests.extend(found.into_iter().map(|(_, text)| text));
}

/// Plans, which finds nothing but what is to be taken over; takes it over, which sends nothing; plans again, which finds nothing.
fn adopt(house: &House, count: usize) -> Vec<String> {
    let (mails, writes) = (house.sandbox().mails().len(), house.writes());
    let (plan, json) = inside::plan(house);
    let steps = json["steps"].as_array().map_or(&[][..], Vec::as_slice);
    let plain = |it: &Value| it["action"] == "adopt" && it["changes"] == json!([]) && it["mail"] == json!([]);
    if plan.code != 0 || steps.len() != count || !steps.iter().all(plain) {
        return vec![format!("what was imported plans to something: {}{}", plan.out, plan.err)];
    }
    let apply = inside::apply(house);
    let mut wrong = vec![];
    if apply.code != 0 {
        wrong.push(format!("it is not taken over: {}{}", apply.out, apply.err));
    }
    if (house.sandbox().mails().len(), house.writes()) != (mails, writes) {
        wrong.push(format!("taking over wrote or mailed something: {}", apply.out));
    }
    let (plan, _) = inside::plan(house);
    if !plan.out.contains("nothing to do") {
        wrong.push(format!("once it is taken over it plans to something: {}{}", plan.out, plan.err));
    }
    wrong
}

fn unmark(house: &House, user: &str, event: &Value) {
    let path = format!("/sandbox/users/{}/events/{}", encoded(user), encoded(event["id"].as_str().unwrap()));
    let nobodys = json!({"singleValueExtendedProperties": [{"id": MARK, "value": "nobody"}]});
    let (status, answer) = house.call("PATCH", &path, Some(&nobodys));
    assert!(status < 300, "{answer}");
}

/// A list of Graph's; what cannot be read holds nothing.
fn list(house: &House, path: &str) -> Vec<Value> {
    let (_, answer) = house.call("GET", path, None);
    answer["value"].as_array().cloned().unwrap_or_default()
}
