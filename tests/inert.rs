//! Nothing that a stranger wrote does anything where it is printed: each byte of what every command says, in every format, is text
//! or a line end of the program's own.
//!
//! Strangers are the author of a manifest, a colleague with access to a mailbox, a server, and whoever named a file.

use crate::support::{House, ORGANIZER, Run, program, run};
use convoke::face::route::encoded;
use convoke::face::sandbox::Options;
use serde_json::{Value, json};
use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;

/// Ends its line, forges another one, moves the cursor, turns the direction and speaks to three runners.
const HOSTILE: &str = "B\n    FORGED: https://x.example\r\u{1b}[2J\u{1b}]8;;x\u{7}\u{9b}31m\u{7f}\u{202e}\u{2066}\u{2028}\u{85} ##[add-mask]x \
                       ##vso[task.setvariable variable=a]b section_start:1:x </td><script>alert(1)</script>| @octocat #123\n::set-output name=a::b";

/// What a page for a browser or a comment must not have in it as it was written.
const MARKUP: [&str; 4] = ["<script>alert", "</td><script", "@octocat", "#123"];

/// What a line begins with that the hostile text forges; where words are wrapped, other indents stand before them.
const FORGED: &str = "    FORGED";

/// The plain marks of right-to-left scripts, which stay.
const WELCOME: &str = "\u{200e}\u{200f}\u{61c}";

const EVENT: &str = "apiVersion: convoke.dev/v1
kind: Event
metadata: {name: weekly}
spec: {subject: Weekly, start: 2038-02-02T10:00, duration: 45m, isOnlineMeeting: true, location: Baker, categories: [red], body: Agenda}
";

/// Every way in which a command may be asked to speak.
const PLANS: [&[&str]; 10] = [
    &["plan"],
    &["plan", "-vv", "--occurrences=3"],
    &["plan", "--format", "json"],
    &["plan", "--format", "html", "--occurrences=3"],
    &["plan", "--format", "markdown", "--occurrences=3"],
    &["plan", "--format", "ics"],
    &["plan", "--log", "json", "--color", "never"],
    &["apply", "--yes", "--format", "markdown", "--show-addresses"],
    &["apply", "--yes", "--format", "json"],
    &["apply", "--yes", "-v"],
];

/// Signs that move the cursor, end lines or turn the direction, line feeds apart.
fn is_sign(it: char) -> bool {
    it != '\n' && it.is_control()
        || matches!(it, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// What a text does where it is printed, or what the runner of a pipeline would do.
fn deeds(text: &str, commands: bool) -> Vec<String> {
    let mut deeds: Vec<String> = text.chars().filter(|it| is_sign(*it)).map(|it| format!("{it:?}")).collect();
    for line in text.lines() {
        let start = line.trim_start();
        let ours = commands && start.starts_with("::error file=");
        let runs = ["##[", "##vso[", "section_start:", "section_end:"].iter().any(|it| line.contains(it));
        if line.starts_with(FORGED) || runs || start.starts_with("::") && !ours {
            deeds.push(line.to_owned());
        }
    }
    deeds
}

/// Runs it as a person does and as each pipeline does; nothing of what is said may do anything.
fn inert(name: &str, of: impl Fn() -> std::process::Command, args: &[&str]) -> Run {
    let commands = args.contains(&"github");
    // A calendar file ends its lines with a carriage return too, and folds long ones.
    let calendar = args.contains(&"ics");
    let of_calendar = |text: &str| if calendar { text.replace("\r\n", "\n") } else { text.to_owned() };
    for pipeline in ["GITHUB_ACTIONS", "GITLAB_CI", "TF_BUILD"] {
        let run = run(of().args(args).env(pipeline, "true"));
        let deeds = deeds(&of_calendar(&format!("{}\n{}", run.out, run.err)), commands);
        assert!(deeds.is_empty(), "{name} {args:?} {pipeline}: {deeds:#?}\n{}\n{}", run.out, run.err);
    }
    let mut run = run(of().args(args));
    if calendar {
        run.out = of_calendar(&run.out.replace("\r\n ", ""));
    }
    for text in [&run.out, &run.err] {
        let signs: Vec<char> = text.chars().filter(|it| is_sign(*it)).collect();
        assert!(signs.is_empty(), "{name} {args:?}: {signs:?}\n{text}");
        assert!(!text.lines().any(|line| line.starts_with(FORGED)), "{name} {args:?}\n{text}");
    }
    run
}

/// What a colleague wrote into everything that can be written.
fn edited(house: &House) {
    let id = encoded(house.event("weekly")["id"].as_str().unwrap());
    let live = house.event("weekly")["body"]["content"].as_str().unwrap().to_owned();
    let with = json!({
        "subject": format!("{HOSTILE}{WELCOME}"),
        "location": {"displayName": HOSTILE, "uniqueId": HOSTILE},
        "categories": [HOSTILE],
        "body": {"contentType": "html", "content": live.replacen("Agenda", HOSTILE, 1)},
    });
    let (status, answer) = house.call("PATCH", &format!("/sandbox/users/{ORGANIZER}/events/{id}"), Some(&with));
    assert!((200..300).contains(&status), "{status} {answer}");
}

#[test]
fn what_a_colleague_wrote_into_an_event_is_text_wherever_it_is_shown() {
    let house = House::new(Options::default());
    house.write("manifests.yaml", EVENT);
    assert_eq!(house.run(&["apply", "--yes"]).code, 0);
    edited(&house);
    let of = || house.program();
    for args in [&["status"][..], &["status", "--format", "json"], &["status", "--call", "--language", "en-US"]] {
        inert("status", of, args);
    }
    let status = house.json(&["status"]);
    assert_eq!(status["resources"][0]["subject"], format!("{HOSTILE}{WELCOME}"), "the data are intact");
    for args in PLANS {
        edited(&house);
        let run = inert("plan", of, args);
        // The calendar file tells what will be, not what is.
        let told = args[0] == "plan" && !args.contains(&"ics");
        assert!(!told || run.out.contains("FORGED"), "{run:?}");
        assert!(!told || run.out.contains(WELCOME), "{run:?}");
        let marked = if args.contains(&"markdown") { &MARKUP[..] } else { &MARKUP[..2] };
        let written = marked.iter().find(|it| run.out.contains(**it));
        let renders = args.contains(&"markdown") || args.contains(&"html");
        assert!(!renders || written.is_none(), "{args:?}: {written:?}\n{}", run.out);
    }
    edited(&house);
    let plan = house.json(&["plan"]);
    let changes = plan["steps"][0]["changes"].as_array().unwrap();
    let subject = changes.iter().find(|it| it["field"] == "subject").unwrap();
    assert_eq!(subject["current"], format!("{HOSTILE}{WELCOME}"), "the data are intact");
    inert("doctor", of, &["doctor"]);
    inert("doctor", of, &["doctor", "--format", "json"]);
    inert("destroy", of, &["destroy", "--yes"]);
}

#[test]
fn what_stands_in_a_manifest_is_text_wherever_it_is_shown() {
    let quoted = serde_json::to_string(HOSTILE).unwrap();
    let texts = [
        EVENT.replace("kind: Event", &format!("kind: {quoted}")),
        EVENT.replace("subject: Weekly", &format!("subject: {quoted}")),
        EVENT.replace("location: Baker", &format!("location: {quoted}, {quoted}: 1")),
        EVENT.replace("[red]", &format!("[{quoted}, {{a: {quoted}}}]")),
        EVENT.replace("{name: weekly}", &format!("{{name: {quoted}, labels: {{{quoted}: {quoted}}}}}")),
        EVENT.replace("isOnlineMeeting: true", &format!("isOnlineMeeting: {quoted}, attendees: [{quoted}]")),
        EVENT.replace("duration: 45m", &format!("duration: {quoted}, timeZone: {quoted}, organizer: {quoted}")),
        EVENT.replace(
            "body: Agenda",
            "body: \"##[stop]\", locatio: \"##vso[a]b section_start:1:a\", x: '::stop-commands::x'",
        ),
        EVENT.replace("body: Agenda", &format!("body: Agenda}} # {}", HOSTILE.replace(['\n', '\r'], " "))),
        format!("{EVENT}x: [\n# {HOSTILE}\n"),
        format!("- {}\n- &a {quoted}\n- *{quoted}", "x ".repeat(200)),
    ];
    for (place, text) in texts.iter().enumerate() {
        let folder = tempfile::tempdir().unwrap();
        let file =
            if cfg!(unix) { "x\n::error file=a::b\u{1b}[2J\u{202e}##[a] ##vso[b] section_end:.yaml" } else { "x.yaml" };
        fs::write(folder.path().join(file), text).unwrap();
        let of = || program(folder.path());
        for format in ["human", "json", "github", "sarif"] {
            for all in [&["validate", "--format", format][..], &["validate", "--format", format, "--all"]] {
                let run = inert(&format!("text {place}"), of, all);
                assert_eq!(run.code, 1, "text {place}: {run:?}");
            }
        }
        inert("plan", of, &["plan"]);
        inert("plan", of, &["plan", "--workspace", file]);
    }
}

#[test]
fn what_the_command_line_and_the_state_hold_is_text() {
    let house = House::new(Options::default());
    house.write("manifests.yaml", EVENT);
    assert_eq!(house.run(&["apply", "--yes"]).code, 0);
    let of = || house.program();
    let key = format!("Event/{HOSTILE}");
    for args in [
        &["explain", HOSTILE][..],
        &["schema", HOSTILE],
        &["status", &key],
        &["plan", "--only", &key],
        &["plan", HOSTILE],
        &["plan", "--select", &format!("a={}", HOSTILE.replace(',', ""))],
        &["plan", &format!("--{HOSTILE}")],
        &["plan", "--quiet-hours", HOSTILE],
        &["state", "show", &key],
    ] {
        inert("words", of, args);
    }
    let mut state: Value =
        serde_json::from_str(&fs::read_to_string(house.path(".convoke/state.json")).unwrap()).unwrap();
    let mut record = state["resources"]["Event/weekly"].clone();
    record["organizer"] = HOSTILE.into();
    state["resources"][&key] = record;
    state["mailboxes"] = json!([ORGANIZER, HOSTILE]);
    house.write(".convoke/state.json", &state.to_string());
    for args in
        [&["state", "list"][..], &["state", "show", &key], &["state", "show", "Event/x"], &["doctor"], &["plan"]]
    {
        let run = inert("state", of, args);
        assert!(
            run.out.contains("FORGED") || run.err.contains("FORGED") || args.contains(&"Event/x"),
            "{args:?} {run:?}"
        );
    }
    inert("state", of, &["state", "rm", &key]);
    inert("init", of, &["init", "manifests.yaml/\u{1b}[2J"]);
    inert("init", of, &["init", "new\u{1b}[2J##[a]"]);
}

/// A server that answers everything with one refusal.
fn refusing(answer: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut asked = [0; 65536];
            let _ = stream.read(&mut asked);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    format!("http://{address}/v1.0")
}

#[test]
fn what_a_server_says_is_text() {
    let body = json!({"error": {"code": HOSTILE, "message": HOSTILE}}).to_string();
    let page = format!("<html><title>{HOSTILE}</title></html>");
    for (kind, body) in [("application/json", body), ("text/html", page)] {
        let head = "HTTP/1.1 403 Forbidden\r\nconnection: close\r\nrequest-id: ##[add-mask]x";
        let url = refusing(format!("{head}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n{body}", body.len()));
        let house = House::new(Options::default());
        house.write("manifests.yaml", EVENT);
        let of = || {
            let mut command = program(house.folder.path());
            command.env("CONVOKE_GRAPH_URL", &url).env("CONVOKE_ACCESS_TOKEN", "t");
            command
        };
        for args in [&["plan", "-vv"][..], &["plan", "--format", "json", "--log", "json"], &["doctor"], &["status"]] {
            let run = inert("server", of, args);
            assert_eq!(run.code, 1, "{run:?}");
        }
    }
}
