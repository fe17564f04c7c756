//! Who may ask what, and what is never answered, by the real program.

use crate::serve::{event, house, house_of, settled};
use crate::support::program;
use crate::support::serving::Serving;
use convoke::face::sandbox::Options;
use std::net::TcpListener;

#[test]
fn what_changes_something_takes_a_program_on_this_machine_and_little_text() {
    let house = house(1, "");
    let serving = Serving::start(&house, &[]);
    let host = serving.at.as_str();
    let json = "Content-Type: application/json";
    let long = "x".repeat(5000);
    for (line, host, header, body, expect) in [
        ("GET /healthz", host, "A: b", "", 200),
        ("GET /readyz", host, "A: b", "", 503),
        ("GET /plan", host, "A: b", "", 200),
        ("GET /plan", "evil.example", "A: b", "", 421),
        ("GET /nothing", host, "A: b", "", 404),
        ("GET /approve", host, json, "", 405),
        ("POST /plan", host, json, "", 405),
        ("POST /reconcile", "evil.example", json, "", 421),
        ("POST /reconcile", host, "A: b", "", 415),
        ("POST /reconcile", host, "Content-Type: text/plain", "", 415),
        ("POST /reconcile", host, "Content-Type: application/json\r\nOrigin: http://evil.example", "", 403),
        ("POST /reconcile", host, "Content-Type: application/json\r\nX-Forwarded-For: 10.0.0.1", "", 403),
        ("POST /approve", host, json, "", 400),
        ("POST /approve", host, json, "[]", 400),
        ("POST /approve", host, json, "{\"planId\": 1}", 400),
        ("POST /approve", host, json, "{\"planId\": \"1\", \"force\": true}", 400),
        ("POST /approve", host, json, "{\"planId\": \"\u{1b}[2J\"}", 400),
        ("POST /approve", host, json, &long, 413),
        ("POST /approve", host, json, "{\"planId\": \"1\"}", 409),
    ] {
        let length = body.len();
        let head =
            format!("{line} HTTP/1.1\r\nHost: {host}\r\n{header}\r\nContent-Length: {length}\r\nConnection: close");
        let (status, answer) = serving.ask(&format!("{head}\r\n\r\n{body}"));
        assert_eq!(status, expect, "{line} {host} {header} {body:.40}: {answer}");
    }
    assert_eq!(house.sandbox().counts().requests, 0, "none of them made a round");
    assert_eq!((serving.reconcile().as_str(), serving.get("/readyz").0), ("applied", 200));
    serving.stop();
}

#[test]
fn neither_log_nor_answers_hold_what_opens_a_meeting_or_names_a_person() {
    let house = house(4, "");
    house.write("e1.yaml", &event("e1", "First").replace("adele@contoso.example", "lidia@fabrikam.example"));
    let serving = settled(&house, &[]);
    serving.until_told("1 outside contoso.example: l…a@fabrikam.example");
    crate::serve::remove(&house, 1..4);
    assert_eq!(serving.reconcile(), "pending");
    let mut all = serving.get("/plan").1 + &serving.get("/metrics").1;
    let plan = serving.pending()["planId"].as_str().unwrap().to_owned();
    assert_eq!(serving.approve(&plan).0, 200);
    all += &serving.stop();
    assert!(all.contains("Event/e1"));
    for secret in ["meetup-join", "passcode", "adele", "alex", "lidia", &house.sandbox().token] {
        assert!(!all.contains(secret), "{secret}: {all}");
    }
}

#[test]
fn a_sign_in_that_fails_is_told_once_and_ends_nothing() {
    let house = house_of(Options { strict_tokens: true, ..Options::default() }, 2, "");
    let serving = Serving::start_with(&house, &[], &[("CONVOKE_ACCESS_TOKEN", "expired")]);
    assert_eq!((serving.reconcile(), serving.reconcile()), ("failed".to_owned(), "failed".to_owned()));
    let metrics = serving.get("/metrics").1;
    assert!(metrics.contains("convoke_rounds_total{workspace=\"contoso\",ended=\"failed\"} 2"), "{metrics}");
    let told = serving.stop();
    assert_eq!(told.matches("not everything could be read").count(), 1, "{told}");
    assert!(told.contains("token") && !told.contains("expired\""), "{told}");
    // Nobody is there to type a code.
    house.write(
        "convoke.yaml",
        &crate::serve::workspace(
            "  graph: {auth: deviceCode, tenantId: contoso.example, clientId: 5f0e4b7b-9c43-4f6f-aa7f-0e116d1c8a52}\n",
        ),
    );
    let serving = Serving::start_with(&house, &[], &[("CONVOKE_ACCESS_TOKEN", "")]);
    assert_eq!(serving.reconcile(), "failed");
    assert!(serving.stop().contains("waits for a person"));
}

/// What metrics and approvals are of does not change under whoever reads them.
#[test]
fn another_name_of_the_workspace_is_told_and_nothing_is_written_for_it() {
    let house = house(2, "");
    let serving = settled(&house, &[]);
    let writes = house.writes();
    house.write(
        "convoke.yaml",
        &crate::serve::workspace("  previously: [contoso]\n").replace("{name: contoso}", "{name: fabrikam}"),
    );
    assert_eq!((serving.reconcile(), house.writes()), ("failed".to_owned(), writes));
    assert!(serving.stop().contains("the workspace is called `fabrikam` now"));
}

#[test]
fn what_cannot_begin_says_so() {
    let house = house(1, "");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    let empty = tempfile::tempdir().unwrap();
    for (folder, args, expect) in [
        (house.folder.path(), vec!["--listen", &taken], "cannot listen on"),
        (house.folder.path(), vec!["--listen", "8484"], "invalid value '8484'"),
        (house.folder.path(), vec!["--interval", "5s"], "not a time from `1m` to `24h`"),
        (house.folder.path(), vec!["-"], "standard input can be read once"),
        (house.folder.path(), vec!["e0.yaml.gone"], "cannot read `e0.yaml.gone`"),
        (empty.path(), vec![], "no `*.yaml` or `*.yml` file"),
    ] {
        let run = crate::support::run(program(folder).arg("serve").args(&args));
        let told = run.err.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(run.code == 1 && told.contains(expect), "{args:?}: {} {told}", run.code);
    }
}
