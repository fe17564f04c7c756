//! `plan --drift` tells what somebody changed live and nothing else, and a pipeline shows none of the words that they wrote.

use crate::support::{House, ORGANIZER, Run, run};
use convoke::face::route::encoded;
use convoke::face::sandbox::Options;
use serde_json::{Value, json};

const REPORT: &str = "apiVersion: convoke.dev/v1\nkind: Workspace\nmetadata: {name: contoso}\nspec:\n  prune: cancel\n  onDrift: report\n  \
                      defaults: {organizer: alex@contoso.example, timeZone: Europe/Berlin}\n";

fn event(name: &str, subject: &str) -> String {
    format!(
        "apiVersion: convoke.dev/v1\nkind: Event\nmetadata: {{name: {name}}}\nspec: {{subject: {subject}, start: 2031-02-04T10:00, \
         duration: 45m, location: Baker, showAs: busy, attendees: [adele@contoso.example]}}\n---\n"
    )
}

/// Three events as they were applied.
fn applied() -> (House, String) {
    let house = House::new(Options::default());
    let manifests = event("a", "Alpha") + &event("b", "Beta") + &event("c", "Gamma");
    house.write("manifests.yaml", &manifests);
    let run = house.run(&["apply", "--yes"]);
    assert_eq!(run.code, 0, "{run:?}");
    (house, manifests)
}

fn edit(house: &House, name: &str, with: Value) {
    let path = path(house, name);
    let (status, answer) = house.call("PATCH", &path, Some(&with));
    assert!((200..300).contains(&status), "{answer}");
}

fn path(house: &House, name: &str) -> String {
    let id = encoded(house.event(name)["id"].as_str().unwrap());
    format!("/sandbox/users/{ORGANIZER}/events/{id}")
}

fn drift(house: &House) -> Run {
    house.run(&["plan", "--drift", "--detailed-exitcode"])
}

#[test]
fn only_what_somebody_changed_is_told_and_the_exit_code_says_whether_there_is_any() {
    let (house, manifests) = applied();
    // What the author changes is no drift.
    house.write("manifests.yaml", &manifests.replace("Gamma", "Delta"));
    let none = drift(&house);
    assert_eq!((none.code, none.out.as_str()), (0, "contoso: nobody changed anything outside, 2 as applied\n"));
    edit(&house, "a", json!({"subject": "Theirs"}));
    edit(&house, "c", json!({"subject": "Theirs", "showAs": "free"}));
    house.call("DELETE", &path(&house, "b"), None);
    let some = drift(&house);
    let expect = "\
~ Event/a  changed outside for alex@contoso.example, put back by the next apply
    subject: \"Theirs\" -> \"Alpha\"  (drift: changed outside)
- Event/b  deleted outside for alex@contoso.example, made again by the next
      apply
    note: it was applied before, and somebody deleted it: it is made again, and
          invited again: adele@contoso.example
~ Event/c  changed outside for alex@contoso.example, put back by the next apply
    subject: \"Theirs\" -> \"Delta\"  (changed here and outside)
    showAs: \"free\" -> \"busy\"  (drift: changed outside)

contoso: 2 changed outside, 1 gone
";
    assert_eq!((some.code, some.out.as_str()), (2, expect));
    assert_eq!(house.run(&["plan", "--drift"]).code, 0);
    let json = house.json(&["plan", "--drift"]);
    assert_eq!(json["drift"], json!({"changed": 2, "gone": 1, "unread": 0}));
    assert_eq!(json["steps"][1]["gone"], "deleted");
    let fields =
        |step: &Value| step["changes"].as_array().unwrap().iter().map(|it| it["field"].clone()).collect::<Vec<_>>();
    assert_eq!(fields(&json["steps"][2]), ["subject", "showAs"]);
    assert_eq!(json["steps"][0]["mail"], json!([]));

    // What is left so is drift as well, and an apply that leaves it ends well.
    house.write("convoke.yaml", REPORT);
    house.write("manifests.yaml", &manifests);
    let left = drift(&house);
    assert_eq!(left.code, 2, "{left:?}");
    assert!(left.out.contains("- Event/b  deleted outside for alex@contoso.example, left so\n"), "{}", left.out);
    let writes = house.writes();
    assert_eq!((house.run(&["apply", "--yes"]).code, house.writes()), (0, writes));
    assert_eq!(drift(&house).out, left.out);
}

#[test]
fn what_could_not_be_read_is_no_drift_and_no_peace() {
    let (house, _) = applied();
    let (status, answer) = house.call("PATCH", &format!("/sandbox/users/{ORGANIZER}"), Some(&json!({"denied": true})));
    assert!((200..300).contains(&status), "{answer}");
    let run = drift(&house);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.out.contains("contoso: nobody changed anything outside, 3 could not be read"), "{}", run.out);
    assert_eq!(house.json(&["plan", "--drift"])["drift"]["unread"], 3);
}

#[test]
fn a_pipeline_shows_no_words_that_somebody_wrote_live() {
    let (house, _) = applied();
    edit(&house, "a", json!({"subject": "Layoffs", "location": {"displayName": "Cellar"}, "showAs": "free"}));
    let pipeline = |args: &[&str]| {
        let mut command = house.program();
        run(command.args(args).env("CI", "true"))
    };
    let words = ["Layoffs", "Cellar"];
    for args in
        [&["plan"][..], &["plan", "--format", "json"], &["plan", "--drift"], &["plan", "--drift", "--format", "json"]]
    {
        let shown = pipeline(args);
        assert!(words.iter().all(|word| !shown.out.contains(word)), "{shown:?}");
        // What is no text of anybody's is shown, and so is what the author wrote.
        assert!(
            shown.out.contains("(not shown)") && shown.out.contains("free") && shown.out.contains("Alpha"),
            "{shown:?}"
        );
        let asked = pipeline(&[args, &["--show-live"]].concat());
        assert!(words.iter().all(|word| asked.out.contains(word)), "{asked:?}");
        assert!(words.iter().all(|word| house.run(args).out.contains(word)), "a person sees it");
    }
    // The id of a plan does not hang on what is shown of it.
    let id = |run: Run| serde_json::from_str::<Value>(&run.out).unwrap()["planId"].clone();
    let all = [pipeline(&["plan", "--format", "json"]), house.run(&["plan", "--format", "json"])].map(id);
    assert_eq!(all[0], all[1]);
    // What goes is named as its author named it, and not as somebody else does.
    house.write("manifests.yaml", &event("c", "Gamma"));
    let gone = pipeline(&["plan"]);
    assert!(gone.out.contains("it is `Beta`") && gone.out.contains("it is `(not shown)`"), "{gone:?}");
    let applied = pipeline(&["apply", "--yes", "--max-removals", "2"]);
    assert!(words.iter().all(|word| !applied.out.contains(word) && !applied.err.contains(word)), "{applied:?}");
}
