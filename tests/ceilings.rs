//! What the environment of a job pins against whoever writes its manifests: how much, where, for whom. Neither file nor flag goes
//! beyond it, and what can be known offline is refused offline.

use crate::support::{House, Run, WORKSPACE, run};
use convoke::face::sandbox::Options;
use std::fs;

const EVENT: &str = "apiVersion: convoke.dev/v1
kind: Event
metadata: {name: weekly}
spec:
  subject: Weekly
  start: 2038-02-02T10:00
  duration: 45m
  attendees: [adele@contoso.example, 'Lidia <lidia@fabrikam.example>', {address: megan@fabrikam.example, type: optional}]
";

/// Runs the program on the twin with these variables.
fn with(house: &House, variables: &[(&str, &str)], args: &[&str]) -> Run {
    let mut command = house.program();
    run(command.args(args).envs(variables.iter().copied()))
}

fn words(text: &str) -> String {
    text.split_whitespace().filter(|word| *word != "|").collect::<Vec<_>>().join(" ")
}

/// Holds that every command refuses it with these words before anything is asked, or remembered.
fn refused_offline(house: &House, variables: &[(&str, &str)], expect: &[&str]) {
    for args in [&["validate"][..], &["plan"], &["apply", "--yes"], &["destroy", "--yes"], &["status"], &["doctor"]] {
        let run = with(house, variables, args);
        let said = words(&run.err);
        assert!(run.code == 1 && run.out.is_empty(), "{args:?}: {run:?}");
        expect.iter().for_each(|it| assert!(said.contains(it), "{it}: {args:?}: {run:?}"));
    }
    assert_eq!(house.sandbox().counts().requests, 0);
    assert!(!house.path(".convoke").exists());
}

#[test]
fn no_file_and_no_flag_goes_above_a_ceiling() {
    let house = House::new(Options::default());
    house.write("manifests.yaml", EVENT);
    let generous = "prune: cancel\n  limits: {mails: 500, outside: 500, removals: 100%, changes: 100%}";
    house.write("convoke.yaml", &WORKSPACE.replace("prune: cancel", generous));
    for (variables, args, expect) in [
        (&[("CONVOKE_CEILING_MAILS", "2")][..], &["apply", "--yes"][..], "CONVOKE_CEILING_MAILS allows 2"),
        (
            &[("CONVOKE_CEILING_MAILS", "2")],
            &["apply", "--yes", "--max-mails", "9"],
            "send 3 mails; CONVOKE_CEILING_MAILS",
        ),
        (&[("CONVOKE_CEILING_MAILS", "2"), ("CONVOKE_MAX_MAILS", "9")], &["apply", "--yes"], "no flag allows more"),
        (
            &[("CONVOKE_CEILING_OUTSIDE", "1")],
            &["apply", "--yes", "--max-outside", "9"],
            "CONVOKE_CEILING_OUTSIDE allows 1",
        ),
        (&[("CONVOKE_CEILING_MAILS", "3")], &["apply", "--yes", "--max-mails", "2"], "(--max-mails 3 allows it)"),
        (&[], &["apply", "--yes", "--max-outside", "1"], "2 people beyond the organizer's domain; the limit is 1"),
    ] {
        let run = with(&house, variables, args);
        assert!(run.code == 1 && words(&run.out).contains(expect), "{expect}: {run:?}");
    }
    assert_eq!(house.writes(), 0);
    let run = with(&house, &[("CONVOKE_CEILING_MAILS", "3"), ("CONVOKE_CEILING_OUTSIDE", "2")], &["apply", "--yes"]);
    assert_eq!(run.code, 0, "{run:?}");
    let writes = house.writes();
    let run = with(&house, &[("CONVOKE_CEILING_REMOVALS", "0")], &["destroy", "--yes", "--max-removals", "100%"]);
    assert!(run.code == 1 && words(&run.out).contains("CONVOKE_CEILING_REMOVALS allows 0"), "{run:?}");
    house.write("manifests.yaml", &EVENT.replace("Weekly", "Daily"));
    let run = with(&house, &[("CONVOKE_CEILING_CHANGES", "0")], &["apply", "--yes", "--max-changes", "9"]);
    assert!(run.code == 1 && words(&run.out).contains("CONVOKE_CEILING_CHANGES allows 0"), "{run:?}");
    assert_eq!(house.writes(), writes);
}

/// A ceiling is of each apply, and of the window that the workspace counts in.
#[test]
fn a_ceiling_is_of_the_window_too() {
    let house = House::new(Options::default());
    house.write("manifests.yaml", EVENT);
    let window = "prune: cancel\n  limits: {changes: 100%, removals: 100%, per: 24h}";
    house.write("convoke.yaml", &WORKSPACE.replace("prune: cancel", window));
    let ceiling = &[("CONVOKE_CEILING_MAILS", "4")];
    let run = with(&house, ceiling, &["apply", "--yes"]);
    assert_eq!(run.code, 0, "{run:?}");
    let writes = house.writes();
    house.write("manifests.yaml", &EVENT.replace("Weekly", "Daily"));
    let run = with(&house, ceiling, &["apply", "--yes", "--max-mails", "9"]);
    let said = words(&run.out);
    let expect =
        "this would send 3 mails, after 3 in the last 24h; CONVOKE_CEILING_MAILS allows 4 in 24h: it fits from 20";
    assert!(run.code == 1 && said.contains(expect), "{run:?}");
    assert!(said.contains(" (Europe/Berlin) on, and no flag allows more"), "{run:?}");
    assert_eq!(house.writes(), writes);
    let run = with(&house, &[], &["apply", "--yes"]);
    assert_eq!(run.code, 0, "{run:?}");
}

#[test]
fn the_workspace_may_limit_how_many_strangers_are_mailed() {
    let house = House::new(Options::default());
    house.write("manifests.yaml", EVENT);
    house.write("convoke.yaml", &WORKSPACE.replace("prune: cancel", "prune: cancel\n  limits: {outside: 1}"));
    let run = house.run(&["apply", "--yes"]);
    let expect = "this would mail 2 people beyond the organizer's domain; the limit is 1 (--max-outside 2 allows it)";
    assert!(run.code == 1 && words(&run.out).contains(expect), "{run:?}");
    assert_eq!(house.run(&["apply", "--yes", "--max-outside", "2"]).code, 0);
}

#[test]
fn what_cannot_be_read_is_no_ceiling_less() {
    let house = House::new(Options::default());
    house.write("manifests.yaml", EVENT);
    for (name, value) in [
        ("CONVOKE_CEILING_MAILS", "many"),
        ("CONVOKE_CEILING_MAILS", ""),
        ("CONVOKE_CEILING_REMOVALS", "-1"),
        ("CONVOKE_CEILING_OUTSIDE", "5%"),
        ("CONVOKE_CEILING_MIALS", "5"),
        ("CONVOKE_EXPECT_WORKSPACE", " "),
        ("CONVOKE_MAILBOXES", ","),
    ] {
        refused_offline(&house, &[(name, value)], &[name, "hint: "]);
    }
}

#[test]
fn a_workspace_has_the_name_the_tenant_and_the_state_that_its_job_expects() {
    let house = House::new(Options::default());
    house.write("manifests.yaml", EVENT);
    let graph = "prune: cancel\n  graph: {tenantId: fabrikam.example}\n  state: records/state.json";
    house.write("convoke.yaml", &WORKSPACE.replace("prune: cancel", graph));
    for (name, value, expect) in [
        (
            "CONVOKE_EXPECT_WORKSPACE",
            "payroll",
            ["called `contoso`", "CONVOKE_EXPECT_WORKSPACE says `payroll`", "convoke.yaml:3:18"],
        ),
        (
            "CONVOKE_EXPECT_TENANT",
            "contoso.example",
            ["tenant `fabrikam.example`", "says `contoso.example`", "convoke.yaml:6:21"],
        ),
        ("CONVOKE_EXPECT_STATE", ".convoke/", ["is `records/state.json`", "says `.convoke/`", "convoke.yaml:7:10"]),
    ] {
        refused_offline(&house, &[(name, value)], &expect);
    }
    // The manifests alone do not hide it, nor does another file.
    let run = with(&house, &[("CONVOKE_EXPECT_WORKSPACE", "payroll")], &["plan", "manifests.yaml"]);
    assert!(run.code == 1 && words(&run.err).contains("convoke.yaml:3:18"), "{run:?}");
    let flag = ["plan", "--state", "elsewhere.json"];
    let run = with(&house, &[("CONVOKE_EXPECT_STATE", "records/")], &flag);
    assert!(run.code == 1 && words(&run.err).contains("the state is `elsewhere.json`"), "{run:?}");
    assert_eq!(house.sandbox().counts().requests, 0);
    let all = [
        ("CONVOKE_EXPECT_WORKSPACE", "contoso"),
        ("CONVOKE_EXPECT_TENANT", "Fabrikam.example"),
        ("CONVOKE_EXPECT_STATE", "records/"),
    ];
    assert_eq!(with(&house, &all, &["plan"]).code, 0);
}

/// A former name makes what carries its mark ours: who writes the workspace file does not choose whose events those are.
#[test]
fn a_workspace_had_no_name_but_those_that_its_job_expects() {
    let house = House::new(Options::default());
    house.write("manifests.yaml", EVENT);
    house.write("convoke.yaml", &WORKSPACE.replace("prune: cancel", "prune: cancel\n  previously: payroll"));
    let expect = ["was called `payroll`", "CONVOKE_EXPECT_WORKSPACE says `contoso`", "convoke.yaml:6:15"];
    refused_offline(&house, &[("CONVOKE_EXPECT_WORKSPACE", "contoso")], &expect);
    assert_eq!(with(&house, &[("CONVOKE_EXPECT_WORKSPACE", "contoso,payroll")], &["plan"]).code, 0);
    assert_eq!(with(&house, &[], &["plan"]).code, 0);
}

/// A text without blanks: an address may be broken at the end of a line.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect()
}

fn with_state(place: &str) -> House {
    let house = House::new(Options::default());
    house.write("manifests.yaml", EVENT);
    house.write("convoke.yaml", &WORKSPACE.replace("prune: cancel", &format!("prune: cancel\n  state: \"{place}\"")));
    house
}

#[test]
fn a_state_is_read_where_file_and_environment_name_one_place() {
    for (file, named) in [
        ("az://records/a.json", "az://records/b.json"),
        ("az://records/a.json", "s3://records/a.json"),
        ("az://records/a.json", "elsewhere.json"),
        ("records/a.json", "gs://records/a.json"),
    ] {
        let (house, variables) = (with_state(file), [("CONVOKE_STATE", named)]);
        refused_offline(&house, &variables, &["and CONVOKE_STATE says", "convoke.yaml:6:10"]);
        let said = squeezed(&with(&house, &variables, &["plan"]).err);
        assert!(said.contains(&format!("`{file}`,andCONVOKE_STATEsays`{named}`")), "{said}");
    }
    let house = with_state("az://records/a.json");
    let expect = "`--state` is `az://records/b.json`, and CONVOKE_STATE says `az://records/a.json`";
    let run = with(&house, &[("CONVOKE_STATE", "az://records/a.json")], &["plan", "--state", "az://records/b.json"]);
    assert!(run.code == 1 && squeezed(&run.err).contains(&squeezed(expect)), "{run:?}");
}

#[test]
fn in_a_pipeline_no_file_and_no_flag_leads_to_a_store_alone() {
    let (house, expect) = (with_state("az://records/a.json"), "nothing in the environment of this pipeline says so");
    for pipeline in [("CI", "true"), ("TF_BUILD", "True")] {
        for args in [&["plan"][..], &["apply", "--yes"], &["state", "list"], &["plan", "--state", "az://other/a.json"]]
        {
            let run = with(&house, &[pipeline], args);
            assert!(run.code == 1 && run.out.is_empty() && words(&run.err).contains(expect), "{args:?}: {run:?}");
            assert!(run.err.contains("hint: set CONVOKE_STATE to `az://"), "{run:?}");
        }
        // The environment may name its beginning; what comes then is another matter.
        let run = with(&house, &[pipeline, ("CONVOKE_EXPECT_STATE", "az://records/")], &["plan"]);
        assert!(run.code == 1 && !run.err.contains(expect), "{run:?}");
        assert_eq!(with(&house, &[pipeline], &["validate"]).code, 0);
    }
    assert_eq!(house.sandbox().counts().requests, 0);
}

#[test]
fn what_is_no_place_of_a_state_is_refused_where_it_stands() {
    for place in [
        "https://records.blob.core.windows.net/a?sig=secret",
        "az://records",
        "az://records/../other/a.json",
        "s3://re:secret@cords/a.json",
        "gs://records/a b",
    ] {
        let house = with_state(place);
        refused_offline(&house, &[], &["convoke.yaml:6:10", "hint: write `"]);
        // A file is shown with its own line; a flag is shown without what could open a store.
        house.write("convoke.yaml", WORKSPACE);
        let run = with(&house, &[], &["plan", "--state", place]);
        assert!(run.code == 1 && run.err.contains("hint: write `") && !run.err.contains("secret"), "{run:?}");
    }
}

#[test]
fn a_mailbox_that_the_job_does_not_name_organizes_nothing() {
    let house = House::new(Options::default());
    let own = EVENT.replace("subject: Weekly", "subject: Weekly\n  organizer: boss@contoso.example");
    house.write("manifests.yaml", &own);
    let only = [("CONVOKE_MAILBOXES", "alex@contoso.example, team-*@contoso.example")];
    refused_offline(
        &house,
        &only,
        &["the mailbox `boss@contoso.example` is outside of CONVOKE_MAILBOXES", "manifests.yaml:6:14"],
    );
    house.write("manifests.yaml", &own.replace("boss@contoso.example", "me"));
    refused_offline(&house, &only, &["the mailbox `me` is outside"]);
    house.write("manifests.yaml", EVENT);
    let theirs = WORKSPACE.replace("alex@contoso.example", "boss@contoso.example");
    house.write("convoke.yaml", &theirs);
    refused_offline(&house, &only, &["the mailbox `boss@contoso.example`", "convoke.yaml:6:25"]);
    house.write(
        "convoke.yaml",
        &WORKSPACE.replace("prune: cancel", "prune: cancel\n  mailboxes: [boss@contoso.example]"),
    );
    refused_offline(&house, &only, &["the mailbox `boss@contoso.example`", "convoke.yaml:6:15"]);
    house.write("convoke.yaml", WORKSPACE);
    house.write("manifests.yaml", &own.replace("boss@", "Team-A@"));
    assert_eq!(with(&house, &only, &["plan"]).code, 0);
}

/// What is remembered of a mailbox is no way around the list either.
#[test]
fn nothing_is_cancelled_in_a_mailbox_that_the_job_does_not_name() {
    let house = House::new(Options::default());
    house.write(
        "manifests.yaml",
        &EVENT.replace("subject: Weekly", "subject: Weekly\n  organizer: boss@contoso.example"),
    );
    assert_eq!(house.run(&["apply", "--yes"]).code, 0);
    fs::remove_file(house.path("manifests.yaml")).unwrap();
    let writes = house.writes();
    let only = [("CONVOKE_MAILBOXES", "alex@contoso.example")];
    for args in [&["apply", "--yes", "--allow-empty", "--max-removals", "9"][..], &["destroy", "--yes"]] {
        let run = with(&house, &only, args);
        assert!(
            run.code == 1 && words(&run.out).contains("Event/weekly: the mailbox `boss@contoso.example` is"),
            "{run:?}"
        );
    }
    assert_eq!(house.writes(), writes);
}

#[test]
fn nobody_is_invited_from_where_the_job_does_not_say() {
    let house = House::new(Options::default());
    house.write("manifests.yaml", EVENT);
    let domains = [("CONVOKE_ATTENDEE_DOMAINS", "contoso.example *.contoso.example")];
    let expect = [
        "`lidia@fabrikam.example` is outside of CONVOKE_ATTENDEE_DOMAINS",
        "manifests.yaml:8:",
        "`megan@fabrikam.example`",
    ];
    refused_offline(&house, &domains, &expect);
    let room = EVENT.split("  attendees").next().unwrap().to_owned() + "  location: Room <room@else.example>\n";
    house.write("manifests.yaml", &room);
    refused_offline(&house, &domains, &["`room@else.example` is outside", "manifests.yaml:8:13"]);
    let place =
        room.replace("Room <room@else.example>", "{displayName: Room, locationEmailAddress: room@else.example}");
    house.write("manifests.yaml", &place);
    refused_offline(&house, &domains, &["`room@else.example` is outside"]);
    let meeting = "apiVersion: convoke.dev/v1
kind: OnlineMeeting
metadata: {name: room}
spec:
  subject: Room
  participants: [adele@contoso.example, {upn: lidia@fabrikam.example}]
";
    house.write("manifests.yaml", meeting);
    refused_offline(&house, &domains, &["`lidia@fabrikam.example` is outside", "manifests.yaml:6:"]);
    house.write("manifests.yaml", &EVENT.replace("fabrikam.example", "mail.contoso.example"));
    assert_eq!(with(&house, &domains, &["plan"]).code, 0);
    assert!(fs::read_dir(house.folder.path()).unwrap().count() == 2, "a plan leaves nothing");
}
