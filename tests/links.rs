//! An event whose text holds the join link of another meeting: should the service take that link for the event's own, it is
//! told, and the other meeting is left alone. What a text declares stands in a plan, so these are no stories: those hold no link.

use crate::support::{House, ORGANIZER, Run};
use convoke::face::sandbox::{Options, Quirks};
use serde_json::json;

const OTHER: &str = "---
apiVersion: convoke.dev/v1
kind: Event
metadata: {name: other}
spec: {subject: Other, start: 2038-02-01T10:00, duration: 45m, isOnlineMeeting: true}
";

/// A house with an event, whose join link stands in the text of another one from then on; `more` is what that one has besides.
fn house(more: &str) -> (House, String) {
    let quirks = Quirks { borrowed_link: true, ..Quirks::default() };
    let house = House::new(Options { quirks, ..Options::default() });
    house.write("manifests.yaml", OTHER);
    let run = house.run(&["apply", "--yes"]);
    assert_eq!(run.code, 0, "{run:?}");
    let link = house.event("other")["onlineMeeting"]["joinUrl"].as_str().unwrap().to_owned();
    let weekly = format!(
        "{OTHER}---\napiVersion: convoke.dev/v1\nkind: Event\nmetadata: {{name: weekly}}\nspec:\n  subject: Weekly\n  start: \
         2038-02-02T10:00\n  duration: 45m\n  isOnlineMeeting: true\n  body: \"As in [the other one]({link})\"\n{more}"
    );
    house.write("manifests.yaml", &weekly);
    (house, link)
}

/// What is said, with white space folded.
fn folded(run: &Run) -> String {
    run.out.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_borrowed_join_link_is_told_after_the_create_and_in_later_plans() {
    let (house, link) = house("");
    let run = house.run(&["apply", "--yes"]);
    let what = "its join link stands in its own text, so it may be that of another meeting";
    assert!(run.code == 2 && folded(&run).contains(&format!("Graph took it, yet {what}")), "{run:?}");
    assert_eq!(house.event("weekly")["onlineMeeting"]["joinUrl"], json!(link));
    let plan = house.run(&["plan"]);
    assert!(plan.code == 0 && folded(&plan).contains(&format!("note: {what}")), "{plan:?}");

    // The way out that it names.
    let text = std::fs::read_to_string(house.path("manifests.yaml")).unwrap();
    house.write("manifests.yaml", &text.replace(&link, "https://wiki.example").replace("weekly", "weekly-two"));
    let run = house.run(&["apply", "--yes"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_ne!(house.event("weekly-two")["onlineMeeting"]["joinUrl"], json!(link));
}

#[test]
fn options_are_not_set_on_the_meeting_of_a_borrowed_link() {
    let (house, link) = house("  meetingOptions: {allowMeetingChat: disabled}\n");
    let chats = || -> Vec<_> { house.meetings().iter().map(|it| it["allowMeetingChat"].clone()).collect() };
    let before = chats();
    let run = house.run(&["apply", "--yes"]);
    let told = "the event took the join link of another meeting, which stands in its text; that meeting is left alone";
    assert!(run.code == 1 && folded(&run).contains(told), "{run:?}");
    let plan = house.run(&["plan"]);
    assert!(folded(&plan).contains("another meeting, whose options are left alone"), "{plan:?}");
    assert_eq!(house.run(&["apply", "--yes"]).code, 2);
    assert_eq!(chats(), before, "{ORGANIZER}'s other meeting has the link {link}");
}

/// An author may write the event's own link into its text: the block that the service wrote is there all the same.
#[test]
fn an_event_may_have_its_own_join_link_in_its_text() {
    let house = House::new(Options::default());
    house.write("manifests.yaml", OTHER);
    assert_eq!(house.run(&["apply", "--yes"]).code, 0);
    let link = house.event("other")["onlineMeeting"]["joinUrl"].as_str().unwrap().to_owned();
    for text in [format!("Join [here]({link})"), format!("Join at [this place]({link}) please")] {
        house.write("manifests.yaml", &OTHER.replace("isOnlineMeeting", &format!("body: \"{text}\", isOnlineMeeting")));
        let run = house.run(&["apply", "--yes"]);
        assert!(run.code == 0 && !run.out.contains("stands in its own text"), "{run:?}");
        assert_eq!(house.event("other")["onlineMeeting"]["joinUrl"], json!(link));
    }
}
