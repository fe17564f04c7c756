//! The schemas in a real editor engine: yaml-language-server and ajv, as npm has them, with the published schemas.
//!
//! Needs node and npm. Without them these tests say so and pass, unless `CI` is set, as `.ci/run` does.

mod corpus;
mod engine;
mod verdict;

use convoke::face::kind::schema;
use convoke::face::manifest::files::Source;
use convoke::face::manifest::{self, yaml};
use corpus::{Case, corpus};
use engine::{Engine, installed, root};
use serde_json::{Map, Value, json};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use verdict::{Verdict, verdict};

fn example(name: &str) -> String {
    fs::read_to_string(root().join("examples").join(name)).unwrap()
}

/// The files of the examples.
const EXAMPLES: [&str; 4] =
    ["convoke.yaml", "events/platform-weekly.yaml", "events/quarterly-review.yaml", "meetings/support-room.yaml"];

#[test]
fn the_editor_finds_nothing_wrong_with_the_examples() {
    let Some(installed) = installed() else { return };
    let mut engine = Engine::start(&installed);
    for name in EXAMPLES {
        let file = format!("examples/{name}");
        engine.open(&file, &example(name));
        assert_eq!(engine.diagnostics(&file), [], "{name}");
    }
}

/// A second document in a file is checked as the first is, and all of them without any setting.
#[test]
fn the_editor_checks_every_document_of_the_examples() {
    let Some(installed) = installed() else { return };
    let mut engine = Engine::start(&installed);
    let mut count = 0;
    for name in EXAMPLES {
        let text = example(name);
        for (at, line) in text.lines().enumerate().filter(|(_, line)| line.starts_with("kind: ")) {
            count += 1;
            let lines = text.lines().enumerate();
            let broken: String =
                lines.map(|(place, it)| format!("{}\n", if place == at { "kind: Nothing" } else { it })).collect();
            // Beside the example, so that its first line leads to the schema.
            let file = format!("examples/{}-{count}.yaml", name.trim_end_matches(".yaml"));
            engine.open(&file, &broken);
            let told = engine.diagnostics(&file);
            assert!(told.iter().any(|(place, _)| *place == at as u64 + 1), "{name}: `{line}`: {told:?}");
        }
    }
    assert_eq!(count, 5, "documents of the examples");
}

#[test]
fn the_editor_says_what_is_wrong_where_it_is() {
    let Some(installed) = installed() else { return };
    let mut engine = Engine::start(&installed);
    let weekly = example("events/platform-weekly.yaml");
    let cases = [
        ("kind: Event", "kind: Evnt", "Valid values: \"Event\", \"OnlineMeeting\", \"Workspace\""),
        ("apiVersion: convoke.dev/v1", "apiVersion: convoke/v2", "Value must be \"convoke.dev/v1\""),
        ("name: platform-weekly", "name: Platform Weekly", "up to 63 lower-case letters"),
        ("subject: Platform weekly", "subjct: Platform weekly", "Property subjct is not allowed"),
        ("start: 2027-01-12T10:00", "start: 5", "Incorrect type. Expected \"string"),
        ("[tuesday]", "[teusday]", "\"monday\", \"tuesday\""),
        ("endDate: 2027-05-25", "endDate: 25.5.2027", "write a date, such as"),
        ("start: 2027-01-12T10:00", "start: 12.1.2027 10:00", "write local time without an offset"),
        ("start: 2027-01-12T10:00", "start: 2027-01-12T10:00Z", "write local time without an offset"),
        ("duration: 45m", "duration: 45", "Expected \"string\""),
        ("duration: 45m", "duration: half an hour", "write `45m`, `1h 30m`"),
        ("location: Room Baker", "timeZone: CEST", "write an IANA or a Windows name"),
        ("location: Room Baker", "end: 2027-01-12T11:00", "both `duration` and `end`: leave one of them out"),
        ("duration: 45m", "showAs: free", "add `end` or `duration`"),
        ("- adele@contoso.example", "- adele", "write an address, such as"),
        ("location: Room Baker", "exceptions: [{date: 2027-02-30, cancel: true}]", "write a date, such as"),
        ("type: optional", "type: guest", "\"required\", \"optional\", \"resource\""),
        ("isOnlineMeeting: true", "isOnlineMeeting: yes", "Expected \"boolean\""),
        ("location: Room Baker", "webLink: https://outlook.example", "Graph sets this; remove it"),
        ("location: Room Baker", "joinWebUrl: https://teams.example", "`convoke status` shows the link"),
        ("scope: organization", "scope: organisation", "\"organizationAndFederated\""),
    ];
    for (index, (right, wrong, expect)) in cases.into_iter().enumerate() {
        assert!(weekly.contains(right), "{right}");
        let (name, text) = (format!("examples/events/{index}.yaml"), weekly.replacen(right, wrong, 1));
        // What is missing is told where it should stand.
        let at = if expect.starts_with("add ") { "spec:" } else { wrong };
        let line = text.lines().position(|line| line.contains(at)).unwrap() as u64 + 1;
        engine.open(&name, &text);
        let told = engine.diagnostics(&name);
        assert!(told.iter().any(|(at, text)| *at == line && text.contains(expect)), "{wrong}: {told:?}");
        assert!(told.iter().all(|(at, _)| *at == line), "{wrong}: only its own line: {told:?}");
    }
}

/// Within a template an expression may stand for a part of every text, and what is none is told as it is without.
#[test]
fn the_editor_looks_into_the_template_of_a_set() {
    let Some(installed) = installed() else { return };
    let mut engine = Engine::start(&installed);
    let set = |spec: &str| {
        let head = "apiVersion: convoke.dev/v1\nkind: EventSet\nmetadata: {name: a}\nspec:\n  rows: [{x: 1}]\n  template:\n    kind: Event";
        format!("{head}\n    metadata: {{name: \"a-{{{{ row.x }}}}\"}}\n    spec: {{subject: a, {spec}}}\n")
    };
    for (index, (spec, expect)) in [
        ("start: \"{{ row.x }}T10:00\", duration: \"{{ row.x }}m\", timeZone: \"{{ row.x }}\"", ""),
        ("start: 2027-01-12T10:00, duration: 45m, attendees: [\"{{ row.x }}@contoso.example\"]", ""),
        ("start: 2027-01-12T10:00, duration: 45m, recurrence: \"{{ row.x }}\"", ""),
        ("start: 12.1.2027, duration: 45m", "write local time"),
        ("start: 2027-01-12T10:00, duration: soon", "write `45m`"),
        ("start: 2027-01-12T10:00, duration: 45m, timeZone: CEST", "write an IANA"),
        ("start: 2027-01-12T10:00, duration: 45m, recurrence: weekly", "write a rule"),
        ("start: 2027-01-12T10:00", "add `end` or `duration`"),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("{index}.yaml");
        engine.open(&name, &set(spec));
        let told = engine.diagnostics(&name);
        match expect {
            "" => assert_eq!(told, [], "{spec}"),
            expect => assert!(matches!(&told[..], [(_, text)] if text.contains(expect)), "{spec}: {told:?}"),
        }
    }
}

#[test]
fn the_editor_completes_names_and_members_and_shows_meanings() {
    let Some(installed) = installed() else { return };
    let mut engine = Engine::start(&installed);
    // What is asked for stands at the mark.
    let head = "apiVersion: convoke.dev/v1\nkind: Event\nmetadata: {name: a}\nspec:\n  start: 2027-01-12T10:00\n";
    let mut complete = |name: &str, text: &str| {
        let before = text.split('|').next().unwrap();
        let (line, column) = (before.matches('\n').count(), before.rsplit('\n').next().unwrap().len());
        engine.open(name, &text.replace('|', ""));
        engine.complete(name, line, column)
    };
    assert_eq!(complete("a.yaml", "apiVersion: convoke.dev/v1\nkind: |\n"), schema::names());
    let of_an_event = complete("g.yaml", "apiVersion: convoke.dev/v1\nkind: Event\nmetadata: {name: a}\nspec:\n  |\n");
    assert!(of_an_event.iter().all(|it| it != "rows" && it != "prune"), "of its kind alone: {of_an_event:?}");
    let providers = complete("b.yaml", &format!("{head}  onlineMeetingProvider: |\n"));
    assert_eq!(providers, ["teamsForBusiness", "skypeForBusiness", "skypeForConsumer"]);
    let days = complete(
        "c.yaml",
        &format!("{head}  recurrence:\n    pattern:\n      type: weekly\n      daysOfWeek:\n        - |\n"),
    );
    assert_eq!(days.len(), 7, "{days:?}");
    let names = complete("d.yaml", &format!("{head}  s|\n"));
    for name in ["subject", "attendees", "isOnlineMeeting", "showAs"] {
        assert!(names.iter().any(|it| it == name), "{name}: {names:?}");
    }
    for name in ["joinWebUrl", "webLink", "transactionId", "start"] {
        assert!(!names.iter().any(|it| it == name), "{name} is not to be written here: {names:?}");
    }
    let options = complete("e.yaml", &format!("{head}  meetingOptions:\n    |\n"));
    assert!(options.iter().any(|it| it == "recordAutomatically"), "{options:?}");

    engine.open(
        "f.yaml",
        &format!("{head}  showAs: oof\n  subject: Weekly\n  attendees: [{{address: a@b.example, type: resource}}]\n  body: Agenda\n"),
    );
    for (line, column, expect) in [
        (4, 3, "When it starts: local time"),
        (5, 4, "How the time shows in the organizer's calendar"),
        (5, 4, "`oof`: Out of office."),
        (6, 12, "The title of the event."),
        (7, 40, "How the attendee is invited"),
        (7, 40, "A room or other resource"),
        (8, 4, "the Teams join block below it is always kept"),
    ] {
        let shown = engine.hover("f.yaml", line, column);
        assert!(shown.contains(expect), "{line}:{column}: {shown}");
    }
}

/// What an editor leaves of a snippet when nothing is typed over its placeholders.
fn left_alone(snippet: &str) -> String {
    let mut parts = snippet.split("${");
    let before = parts.next().unwrap_or_default().to_owned();
    parts.fold(before, |text, part| {
        let (value, after) = part.split_once('}').unwrap();
        text + value.split_once(':').unwrap().1 + after
    })
}

#[test]
fn the_editor_puts_in_whole_documents_that_hold() {
    let Some(installed) = installed() else { return };
    let mut engine = Engine::start(&installed);
    engine.open("a.yaml", "");
    let offered = engine.insertions("a.yaml", 0, 0);
    for label in ["weekly online series", "single online event", "all-day event", "channel meeting"] {
        let (_, text) = offered.iter().find(|(it, _)| it == label).unwrap_or_else(|| panic!("{label}: {offered:?}"));
        let source = Source { file: "case.yaml".into(), text: left_alone(text).into(), found: false };
        let read = manifest::read(vec![source], None);
        let problems: Vec<_> = read.problems.iter().map(|it| &it.message).collect();
        assert!(problems.is_empty(), "{label}: {problems:?}\n{text}");
    }
    let set = offered.iter().find(|(label, _)| label == "set of events").map(|(_, text)| left_alone(text));
    assert!(set.is_some_and(|it| it.contains("start: \"{{ row.start }}\"")), "{offered:?}");
}

/// A list of people that several properties share has a place of its own, to editor and program.
#[test]
fn anchors_have_a_place_at_the_top_of_a_document() {
    let weekly = example("events/platform-weekly.yaml").replacen(
        "apiVersion:",
        "x-people: &people [adele@contoso.example]\napiVersion:",
        1,
    );
    let text = weekly.replacen("  subject:", "  categories: *people\n  subject:", 1);
    assert!(program_accepts(&text), "{text}");
    assert!(!program_accepts(&text.replace("x-people", "people")), "any other name is a slip");
    let Some(installed) = installed() else { return };
    let mut engine = Engine::start(&installed);
    engine.open("examples/events/a.yaml", &text);
    assert_eq!(engine.diagnostics("examples/events/a.yaml"), []);
}

#[test]
fn the_editor_puts_in_examples_as_they_are_written() {
    let Some(installed) = installed() else { return };
    let mut engine = Engine::start(&installed);
    for kind in ["Event", "OnlineMeeting"] {
        let schema = schema::document(kind).unwrap();
        let spec = schema.pointer("/properties/spec/properties").and_then(Value::as_object).unwrap();
        for name in spec.iter().filter(|(_, it)| it.get("not").is_none()).map(|(name, _)| name) {
            let line = format!("  {name}: ");
            let file = format!("{kind}-{name}.yaml");
            let head = format!("apiVersion: convoke.dev/v1\nkind: {kind}\nmetadata:\n  name: a\nspec:\n");
            engine.open(&file, &format!("{head}{line}\n"));
            for (label, text) in engine.insertions(&file, 5, line.len()) {
                assert!(!label.contains("[object") && !text.contains("[object"), "{kind}.{name}: {label}: {text}");
            }
        }
    }
}

/// Whether the program accepts the shape of a document; what its values mean beside each other is no matter of a schema.
fn program_accepts(text: &str) -> bool {
    verdict(text) != Verdict::OfAnotherShape
}

#[test]
fn the_schemas_accept_what_the_program_accepts_to_another_validator() {
    let Some(installed) = installed() else { return };
    let cases = corpus();
    assert!(cases.len() > 1000, "{}", cases.len());
    let mut schemas: Map<String, Value> =
        schema::names().iter().map(|kind| ((*kind).to_owned(), schema::document(kind).unwrap())).collect();
    schemas.insert("any".into(), schema::any());
    let kind = |case: &Case| {
        case.document["kind"].as_str().filter(|it| schema::names().contains(it)).unwrap_or("any").to_owned()
    };
    let mut documents: Vec<Value> = cases.iter().map(|it| json!(["any", it.document])).collect();
    documents.extend(cases.iter().map(|it| json!([kind(it), it.document])));
    let answers = ajv(&installed, &json!({"schemas": schemas, "documents": documents}));
    let (any, own) = answers.split_at(cases.len());
    let (mut counts, mut differ) = ([0; 4], vec![]);
    for ((case, any), own) in cases.iter().zip(any).zip(own) {
        let program = verdict(&case.document.to_string());
        counts[program as usize] += 1;
        counts[3] += usize::from(program == Verdict::MeansNothing && !any);
        if any != own || !program.agrees(*any) {
            differ.push(format!("{}: program {program:?}, ajv {any} and {own}", case.what));
        }
    }
    assert_eq!(differ, [""; 0]);
    assert!(
        counts.iter().all(|it| *it > 150),
        "taken, without meaning, of another shape; without meaning and seen: {counts:?}"
    );
}

fn ajv(installed: &Path, input: &Value) -> Vec<bool> {
    let mut command = Command::new("node");
    command.arg("ajv.mjs").current_dir(installed).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let text = input.to_string();
    let writer = std::thread::spawn(move || std::io::Write::write_all(&mut stdin, text.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_editor_accepts_what_the_program_accepts() {
    let Some(installed) = installed() else { return };
    let all = corpus();
    let (valid, broken): (Vec<&Case>, Vec<&Case>) =
        all.iter().partition(|it| program_accepts(&it.document.to_string()));
    // Half of each, from all over the corpus.
    let (of_valid, of_broken) = (valid.len() / 150, broken.len() / 150);
    let cases: Vec<&Case> =
        valid.into_iter().step_by(of_valid).take(150).chain(broken.into_iter().step_by(of_broken).take(150)).collect();
    assert_eq!(cases.len(), 300);
    let mut engine = Engine::start(&installed);
    let texts: Vec<String> = cases.iter().map(|it| serde_json::to_string_pretty(&it.document).unwrap()).collect();
    for (index, text) in texts.iter().enumerate() {
        engine.open(&format!("{index}.yaml"), text);
    }
    let mut differ = vec![];
    for (index, (case, text)) in cases.iter().zip(&texts).enumerate() {
        let (program, told) = (verdict(text), engine.diagnostics(&format!("{index}.yaml")));
        if !program.agrees(told.is_empty()) {
            differ.push(format!("{}: program {program:?}, editor {told:?}", case.what));
        }
    }
    assert_eq!(differ, [""; 0]);
}

#[test]
fn yaml_itself_is_read_alike() {
    let Some(installed) = installed() else { return };
    let mut engine = Engine::start(&installed);
    let head = "apiVersion: convoke.dev/v1\nkind: Event\nmetadata: {name: a}\nspec:\n  start: 2027-01-12T10:00\n  duration: 45m\n";
    let tails = [
        "  subject: yes\n",
        "  subject: 10:00\n",
        "  subject: 2027-01-12\n",
        "  subject: 5\n",
        "  subject: 1e3\n",
        "  subject: 0x1F\n",
        "  subject: ~\n",
        "  subject:\n",
        "  subject: true\n",
        "  subject: !!str 5\n",
        "  subject: 'it''s'\n",
        "  subject: \"a\\u00fc\"\n",
        "  body: |\n    two\n    lines\n",
        "  subject: >-\n    folded\n    lines\n",
        "  subject: a\n  subject: b\n",
        "  subject: [a\n",
        "  subject: a: b\n",
        "  isAllDay: off\n",
        "  isAllDay: True\n",
        "  isAllDay: \"true\"\n",
        "  reminderMinutesBeforeStart: 15\n",
        "  reminderMinutesBeforeStart: 15.5\n",
        "  reminderMinutesBeforeStart: \"15\"\n",
        "  categories: &all [a@b.example]\n  attendees: *all\n",
        "  categories: *none\n",
        "  ? subject\n  : a\n",
        "  \"subject\": a\n",
        "  subject: a # and a comment\n",
        "\n\n# nothing more\n",
    ];
    for (index, tail) in tails.iter().enumerate() {
        engine.open(&format!("{index}.yaml"), &format!("{head}{tail}"));
    }
    let mut differ = vec![];
    for (index, tail) in tails.iter().enumerate() {
        let told = engine.diagnostics(&format!("{index}.yaml"));
        let program = program_accepts(&format!("{head}{tail}"));
        if told.is_empty() != program {
            let problems = yaml::documents("a", &format!("{head}{tail}")).1;
            differ.push(format!("{tail:?}: program {program} {problems:?}, editor {told:?}"));
        }
    }
    assert_eq!(differ, [""; 0]);
}
