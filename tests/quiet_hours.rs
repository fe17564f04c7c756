//! A pipeline at night: Graph throttles, answers get lost, permissions are missing; nothing is made or mailed twice, and
//! no secret is seen.

use crate::support::{House, WORKSPACE, program, run};
use convoke::face::sandbox::Options;
use std::collections::BTreeMap;

/// Five hundred events over twenty mailboxes, one attendee each.
fn manifests() -> String {
    let event = |number: usize| {
        format!(
            "apiVersion: convoke.dev/v1\nkind: Event\nmetadata: {{name: e{number}}}\nspec:\n  organizer: user{}@contoso.example\n  \
             subject: Event {number}\n  start: 2038-03-{:02}T10:00\n  duration: 45m\n  attendees: [adele@contoso.example]\n",
            number % 20,
            1 + number % 28
        )
    };
    (0..500).map(event).collect::<Vec<_>>().join("---\n")
}

fn settles_under(faults: &str) {
    let house = House::new(Options { faults: Some(faults.parse().unwrap()), ..Options::default() });
    house.write("convoke.yaml", &WORKSPACE.replace("prune: cancel", "prune: cancel\n  limits: {mails: 500}"));
    house.write("manifests.yaml", &manifests());
    let ended = house.run(&["apply", "--yes", "-v"]);
    assert_eq!(ended.code, 0, "{}", ended.err);
    assert!(ended.out.contains("result: 500 applied"), "{}", ended.err);

    let counts = house.sandbox().counts();
    let over: BTreeMap<_, _> = counts.peak.iter().filter(|(_, peak)| **peak > 4).collect();
    assert!(over.is_empty() && counts.peak.len() >= 20, "more than four at once: {over:?}");
    let mut made = BTreeMap::new();
    for mailbox in 0..20 {
        for (name, _) in house.events(&format!("user{mailbox}@contoso.example")) {
            *made.entry(name).or_insert(0) += 1;
        }
    }
    assert!(made.len() == 500 && made.values().all(|times| *times == 1), "every event once: {made:?}");
    let mut mails = BTreeMap::new();
    for mail in house.sandbox().mails() {
        *mails.entry((mail.subject, mail.kind)).or_insert(0) += 1;
    }
    let once = mails.iter().all(|((_, kind), times)| *kind == "invitation" && *times == 1);
    assert!(mails.len() == 500 && once, "everybody once: {mails:?}");
    let plan = house.run(&["plan"]);
    assert!(plan.out.contains("nothing to do, 500 unchanged"), "{plan:?}");
}

#[test]
fn thirty_per_cent_throttled_and_it_settles_without_crowding_a_mailbox() {
    settles_under("429=30%,retry-after=1s..3s,seed=1");
}

#[test]
fn ten_per_cent_of_the_answers_lost_and_nothing_is_twice() {
    settles_under("drop-after=10%,seed=2");
}

#[test]
fn a_missing_access_policy_is_said_with_both_cmdlets_and_the_rest_goes_on() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let tenant = "users: [{upn: alex@contoso.example, accessPolicy: false}]\nprovision: true\n";
    std::fs::write(file.path(), tenant).unwrap();
    let house = House::new(Options { tenant: Some(file.path().into()), ..Options::default() });
    house.write(
        "manifests.yaml",
        "apiVersion: convoke.dev/v1\nkind: OnlineMeeting\nmetadata: {name: room}\nspec: {subject: Room}\n---\n\
         apiVersion: convoke.dev/v1\nkind: Event\nmetadata: {name: one}\nspec: {subject: One, start: 2038-02-02T10:00, duration: 45m}\n",
    );
    let mut command = program(house.folder.path());
    command
        .env("CONVOKE_GRAPH_URL", &house.sandbox().url)
        .env("CONVOKE_ACCESS_TOKEN", "t")
        .env("AZURE_CLIENT_ID", "the-app");
    let ended = run(command.args(["apply", "--yes"]));
    assert_eq!(ended.code, 1, "{ended:?}");
    let words: Vec<&str> = ended.out.split_whitespace().collect();
    let text = words.join(" ");
    assert!(text.contains("New-CsApplicationAccessPolicy -Identity convoke -AppIds the-app Grant-Cs"), "{text}");
    let (_, user) = house.call("GET", "/v1.0/users/alex@contoso.example", None);
    let grant =
        format!("Grant-CsApplicationAccessPolicy -PolicyName convoke -Identity {} ", user["id"].as_str().unwrap());
    assert!(text.contains(&grant), "{text}");
    assert!(text.contains("+ Event/one create for alex@contoso.example · applied"), "{text}");
}

#[test]
fn the_doctor_names_everything_that_is_missing_and_what_mends_it() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let tenant = "users:\n  - {upn: alex@contoso.example, accessPolicy: false}\n  - {upn: ben@contoso.example, mailbox: false}\n";
    std::fs::write(file.path(), tenant).unwrap();
    let house = House::new(Options { tenant: Some(file.path().into()), ..Options::default() });
    let event = |name: &str, spec: &str| {
        format!(
            "---\napiVersion: convoke.dev/v1\nkind: Event\nmetadata: {{name: {name}}}\nspec:\n  subject: S\n  start: 2038-02-02T10:00\n  \
             duration: 45m\n{spec}"
        )
    };
    house.write(
        "manifests.yaml",
        &[
            event("skype", "  isOnlineMeeting: true\n  onlineMeetingProvider: skypeForBusiness\n"),
            event("training", "  calendar: Training\n"),
            event("nobody", "  organizer: nobody@contoso.example\n"),
            event("ben", "  organizer: ben@contoso.example\n"),
            "---\napiVersion: convoke.dev/v1\nkind: OnlineMeeting\nmetadata: {name: room}\nspec: {subject: Room}\n"
                .into(),
        ]
        .concat(),
    );
    let ended = house.run(&["doctor"]);
    assert_eq!(ended.code, 1, "{ended:?}");
    for expect in [
        "ok     mailbox of alex@contoso.example: exists",
        "ok     calendar of alex@contoso.example, default calendar: can be edited",
        "failed provider of alex@contoso.example, default calendar: `skypeForBusiness` is\n       not allowed\n",
        "failed calendar of alex@contoso.example, calendar `Training`: is not there",
        "failed online meetings of alex@contoso.example: ",
        "mend: a Teams administrator must allow the app for this organizer",
        "           New-CsApplicationAccessPolicy -Identity convoke -AppIds",
        "failed mailbox of nobody@contoso.example: ",
        "mend: no such user in this tenant",
        "failed calendar of ben@contoso.example: ",
        "no Exchange Online mailbox",
        "ok     time zones of alex@contoso.example: all known to the mailbox",
    ] {
        assert!(ended.out.contains(expect), "{expect}\n{}", ended.out);
    }
    assert_eq!(house.writes(), 0);
}

#[test]
fn a_canary_token_and_a_canary_passcode_are_seen_nowhere_but_the_passcode_in_status() {
    let house =
        House::new(Options { faults: Some("500=10%,drop-after=5%,seed=5".parse().unwrap()), ..Options::default() });
    house.write(
        "manifests.yaml",
        "apiVersion: convoke.dev/v1\nkind: OnlineMeeting\nmetadata: {name: room}\nspec: {subject: Room}\n---\n\
         apiVersion: convoke.dev/v1\nkind: Event\nmetadata: {name: one}\nspec: {subject: One, start: 2038-02-02T10:00, duration: 45m, \
         body: Agenda, isOnlineMeeting: true, meetingOptions: {allowMeetingChat: disabled}}\n",
    );
    let convoke = |args: &[&str]| {
        let mut command = program(house.folder.path());
        command.env("CONVOKE_GRAPH_URL", &house.sandbox().url).env("CONVOKE_ACCESS_TOKEN", "canary-token");
        run(command.args(args))
    };
    assert_eq!(convoke(&["apply", "--yes"]).code, 0);
    let id = house.record("OnlineMeeting/room")["id"].as_str().unwrap().to_owned();
    let path = format!("/sandbox/users/alex@contoso.example/onlineMeetings/{}", convoke::face::route::encoded(&id));
    let canary = serde_json::json!({"joinMeetingIdSettings": {"isPasscodeRequired": true, "passcode": "canary-pass"}});
    assert_eq!(house.call("PATCH", &path, Some(&canary)).0, 204);
    let status = convoke(&["status", "--reveal", "-vv"]);
    assert!(status.out.contains("canary-pass"), "{status:?}");
    let masked = convoke(&["status", "--details", "-vv"]);
    assert!(
        masked.code == 0 && !masked.out.contains("canary-pass") && !masked.err.contains("canary-pass"),
        "{masked:?}"
    );
    let join = house.record("OnlineMeeting/room")["joinWebUrl"].as_str().unwrap().to_owned();

    let changed = std::fs::read_to_string(house.path("manifests.yaml"))
        .unwrap()
        .replace("Agenda", "Other")
        .replace("Room", "Hall");
    house.write(
        "manifests.yaml",
        &changed.replace("{subject: Hall}", "{subject: Hall, joinMeetingIdSettings: {isPasscodeRequired: false}}"),
    );
    let commands: [&[&str]; 9] = [
        &["validate"],
        &["plan"],
        &["plan", "--format", "json"],
        &["doctor"],
        &["doctor", "--format", "json"],
        &["apply", "--yes"],
        &["schema"],
        &["status", "Event/none"],
        &["destroy", "--yes"],
    ];
    for args in commands {
        for verbosity in ["-v", "-vv", "-vvv"] {
            let ended = convoke(&[args, &[verbosity]].concat());
            for secret in ["canary-token", "canary-pass", join.as_str(), "meetup-join/19"] {
                assert!(
                    !ended.out.contains(secret) && !ended.err.contains(secret),
                    "`{secret}` in {args:?} {verbosity}: {ended:?}"
                );
            }
        }
    }
    assert!(!status.out.contains("canary-token") && !status.err.contains("canary-token"), "{status:?}");
}
