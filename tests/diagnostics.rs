//! What people, pull requests and code scanning are told of broken manifests.
//!
//! `tests/diagnostics/` holds manifests and, beside each, what `validate` prints of it; `UPDATE=1` writes that anew.

use crate::support::{Run, program, run};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnostics")
}

fn validate(folder: &Path, args: &[&str]) -> Run {
    run(program(folder).arg("validate").args(args))
}

/// The headlines: one for each problem.
fn headlines(run: &Run) -> Vec<&str> {
    run.err.lines().filter_map(|line| line.strip_prefix("error[CVK")).collect()
}

#[test]
fn each_broken_manifest_is_told_as_it_stands_beside_it() {
    let mut told = 0;
    for path in fs::read_dir(folder()).unwrap().map(|it| it.unwrap().path()) {
        if path.extension().is_none_or(|it| it != "yaml") {
            continue;
        }
        let run = validate(&folder(), &[path.file_name().unwrap().to_str().unwrap()]);
        assert!(run.code == 1 && run.out.is_empty(), "{run:?}");
        let expect = path.with_extension("txt");
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&expect, &run.err).unwrap();
        }
        assert_eq!(run.err, fs::read_to_string(&expect).unwrap_or_default(), "{}", path.display());
        let wide = run.err.lines().find(|line| line.chars().count() > 80);
        assert!(wide.is_none(), "more than 80 columns: {wide:?}");
        told += 1;
    }
    assert!(told >= 5, "{told}");
}

#[test]
fn twelve_mistakes_are_twelve_messages_and_each_hint_mends_its_own() {
    // What is wrong, and what stands there once its hint is followed.
    let mended = [
        ("Platform-Weekly", "platform-weekly"),
        ("subjct:", "subject:"),
        ("end: 2027-01-12T09:00", "end: 2027-01-12T10:30"),
        ("sensitivity: secret", "sensitivity: private"),
        ("    - {address: Adele@contoso.example, type: optional}\n", ""),
        ("location: 4.10", "location: \"4.10\""),
        ("isOnlineMeeting: yes", "isOnlineMeeting: true"),
        ("  joinWebUrl: https://teams.microsoft.com/l/meetup-join/19%3ameeting_x\n", ""),
        (", dayOfMonth: 3", ""),
        ("reminderMinutesBeforeStart: 010", "reminderMinutesBeforeStart: 10"),
        ("OnlineMeetng", "OnlineMeeting"),
        ("[adele@contoso.example", "[adele@contoso.example]"),
    ];
    let house = tempfile::tempdir().unwrap();
    let mut text = fs::read_to_string(folder().join("twelve-mistakes.yaml")).unwrap();
    for left in (0..=mended.len()).rev() {
        fs::write(house.path().join("a.yaml"), &text).unwrap();
        let run = validate(house.path(), &["a.yaml"]);
        assert_eq!(headlines(&run).len(), left, "{}", run.err);
        assert_eq!(run.err.matches("hint: ").count(), left, "each has a way out: {}", run.err);
        assert_eq!(run.code, i32::from(left > 0));
        if let Some((wrong, right)) = mended.get(mended.len() - left) {
            assert!(text.contains(wrong), "{wrong}");
            text = text.replacen(wrong, right, 1);
        }
    }
}

#[test]
fn twenty_problems_are_shown_and_the_rest_is_counted() {
    let house = tempfile::tempdir().unwrap();
    let document =
        |index| format!("---\napiVersion: convoke.dev/v1\nkind: Evnt\nmetadata: {{name: a{index}}}\nspec: {{}}\n");
    let text: String = (0..53).map(document).collect();
    fs::write(house.path().join("a.yaml"), &text).unwrap();
    let some = validate(house.path(), &["a.yaml"]);
    assert_eq!(headlines(&some).len(), 20);
    assert!(some.err.contains("… and 33 more problems; --all shows them\n"), "{}", some.err);
    assert!(some.err.ends_with("error: 53 problems in the manifests; nothing was touched\n"), "{}", some.err);
    assert_eq!(headlines(&validate(house.path(), &["a.yaml", "--all"])).len(), 53);
    let plan = run(program(house.path()).args(["plan", "--all", "a.yaml"]));
    assert_eq!((headlines(&plan).len(), plan.code), (53, 1));
    for format in ["json", "github", "sarif"] {
        let all = validate(house.path(), &["a.yaml", "--format", format]).out;
        assert_eq!(all.matches("unknown kind `Evnt`").count(), 53, "machines get everything: {format}");
    }
}

#[test]
fn columns_count_characters_whatever_the_file_is_made_of() {
    let house = tempfile::tempdir().unwrap();
    let head = "apiVersion: convoke.dev/v1\nkind: Workspace\nmetadata: {name: a}\nspec: {prune: keep, ";
    for (what, text, place) in [
        ("several bytes", format!("{head}defaults: {{ü会: 1}}}}\n"), "4:32"),
        ("wide characters", format!("{head}\"会会会\": 1}}\n"), "4:21"),
        ("CRLF", format!("{head}x: 1}}\n").replace('\n', "\r\n"), "4:21"),
        ("carriage returns alone", format!("{head}x: 1}}\n").replace('\n', "\r"), "4:21"),
        ("a byte order mark", "\u{feff}kind: Evnt\n".into(), "1:7"),
        ("a tab", "kind: Workspace\nspec:\n\tprune: keep\n".into(), "3:1"),
        ("no line feed at the end", "kind: Evnt".into(), "1:7"),
        ("nothing behind the colon", "kind:".into(), "1:6"),
    ] {
        fs::write(house.path().join("a.yaml"), text).unwrap();
        let run = validate(house.path(), &["a.yaml"]);
        assert!(run.err.contains(&format!("--> a.yaml:{place}\n")), "{what}: {}", run.err);
    }
}

#[test]
fn no_secret_is_repeated_in_any_format() {
    for format in ["human", "json", "github", "sarif"] {
        let run = validate(&folder(), &["secrets.yaml", "--format", format]);
        assert_eq!(run.code, 1);
        for secret in ["hunter2", "canary"] {
            assert!(!run.err.contains(secret) && !run.out.contains(secret), "{format}: {run:?}");
        }
    }
}

#[test]
fn json_holds_each_span_to_its_end() {
    let run = validate(&folder(), &["two-places.yaml", "--format", "json"]);
    assert!(run.code == 1 && run.err.is_empty(), "{run:?}");
    let found: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(found["formatVersion"], 1);
    assert_eq!(found["summary"]["files"], 1);
    assert_eq!(found["summary"]["problems"].as_u64(), found["problems"].as_array().map(|it| it.len() as u64));
    let first = &found["problems"][0];
    let span = |it: &Value| ["line", "column", "endLine", "endColumn"].map(|name| it[name].as_u64().unwrap());
    assert_eq!(span(first), [7, 8, 7, 24]);
    assert_eq!(span(&first["related"][0]), [9, 10, 9, 26]);
    assert_eq!(first["rule"], "meaning");
    assert_eq!(first["message"], "the end is not after the start");
    let clean = validate(&folder().join("../../examples"), &[".", "--format", "json"]);
    let clean: Value = serde_json::from_str(&clean.out).unwrap();
    assert_eq!(clean["summary"]["problems"], 0);
}

#[test]
fn github_gets_one_escaped_command_for_each_problem() {
    let house = tempfile::tempdir().unwrap();
    let name = "50%, a:b.yaml";
    fs::write(house.path().join(name), "kind: Evnt\n").unwrap();
    let run = validate(house.path(), &[name, "--format", "github"]);
    assert_eq!(run.code, 1);
    let expect = "::error file=50%25%2C a%3Ab.yaml,line=1,endLine=1,col=7,endColumn=10,title=convoke CVK0106::\
                  unknown kind `Evnt`%0Ahint: did you mean `Event`?\n";
    assert_eq!(run.out, expect);
    fs::write(house.path().join(name), "").unwrap();
    let run = validate(house.path(), &[name, "--format", "github"]);
    assert_eq!((run.code, run.out.as_str()), (0, "0 documents in 1 file: no problems\n"));
}

#[test]
fn sarif_is_what_its_schema_asks_for() {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/sarif-2.1.0.schema.json");
    // One pattern in it has a bracket too many and is no regular expression.
    let schema = fs::read_to_string(schema).unwrap().replace("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}$");
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let mut results = 0;
    for file in ["twelve-mistakes.yaml", "two-places.yaml", "shapes.yaml", "secrets.yaml", "../../examples"] {
        let run = validate(&folder(), &[file, "--format", "sarif"]);
        let log: Value = serde_json::from_str(&run.out).unwrap();
        let errors: Vec<_> = schema.iter_errors(&log).map(|it| format!("{}: {it}", it.instance_path())).collect();
        assert_eq!(errors, [""; 0], "{file}");
        let run = &log["runs"][0];
        for result in run["results"].as_array().unwrap() {
            let index = result["ruleIndex"].as_u64().unwrap() as usize;
            assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
            results += 1;
        }
    }
    assert!(results > 30, "{results}");
}

#[test]
fn each_command_takes_the_formats_that_it_has() {
    let run = run(program(&folder()).args(["plan", "--format", "sarif"]));
    assert!(run.code == 1 && run.err.contains("[possible values: human, json, markdown, html, ics]"), "{run:?}");
}
