//! Sets: many events from a template and rows, and everything that may be wrong with either.

use crate::support::{WORKSPACE, program, run};
use convoke::face::manifest::{Manifests, files, read};
use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

const HEAD: &str = "apiVersion: convoke.dev/v1\nkind: EventSet\nmetadata: {name: timetable}\nspec:\n";

const TEMPLATE: &str = "  template:
    kind: Event
    metadata: {name: \"class-{{ row.class }}\"}
    spec:
      subject: Class {{ row.class | upper }}
      start: \"{{ row.date }}T08:00\"
      duration: 45m
      attendees: [\"{{ row.teacher }}\"]
";

const TABLE: &str = "class,teacher,date\n5a,adele@contoso.example,2031-02-03\n5b,megan@contoso.example,2031-02-04\n";

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [("convoke.yaml", WORKSPACE)].iter().chain(files) {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn manifests(files: &[(&str, &str)]) -> Manifests {
    let folder = folder(files);
    read(files::gather(&[folder.path().to_owned()]).unwrap().sources, None)
}

/// What is declared, without where it stands.
fn declared(manifests: &Manifests) -> String {
    assert!(manifests.problems.is_empty(), "{:?}", manifests.problems);
    format!("{:#?}", manifests.desired)
}

/// Each problem with the place of it and of the cell that it is in: `2:4 3:5 message; hint`.
fn problems(files: &[(&str, &str)]) -> Vec<String> {
    let folder = folder(files);
    let run = run(program(folder.path()).args(["validate", "--format", "json"]));
    let told: Value = serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {run:?}"));
    let place = |it: &Value| format!("{}:{}:{}", it["file"].as_str().unwrap(), it["line"], it["column"]);
    let all = told["problems"].as_array().unwrap_or_else(|| panic!("{told}"));
    let one = |it: &Value| {
        let also: Vec<String> = it["related"].as_array().unwrap().iter().map(place).collect();
        format!("{} {} {}", place(it), also.join(" "), it["message"].as_str().unwrap())
    };
    all.iter().map(one).collect()
}

#[test]
fn a_set_makes_what_its_rows_written_out_would_make_whatever_the_rows_are_written_in() {
    let one = |class: &str, teacher: &str, date: &str| {
        format!(
            "---\napiVersion: convoke.dev/v1\nkind: Event\nmetadata: {{name: class-{class}}}\nspec: {{subject: Class {}, start: \
             {date}T08:00, duration: 45m, attendees: [{teacher}@contoso.example]}}\n",
            class.to_uppercase()
        )
    };
    let plain = one("5a", "adele", "2031-02-03") + &one("5b", "megan", "2031-02-04");
    let expect = declared(&manifests(&[("plain.yaml", &plain)]));
    let named = |name: &str| format!("{HEAD}  rows: {name}\n{TEMPLATE}");
    let listed = "  - {class: 5a, teacher: adele@contoso.example, date: 2031-02-03}\n  - {class: 5b, teacher: megan@contoso.example, date: 2031-02-04}\n";
    let inline = format!("{HEAD}  rows:\n{listed}{TEMPLATE}");
    assert_eq!(declared(&manifests(&[("set.yaml", &inline)])), expect);
    let json = "[{\"class\": \"5a\", \"teacher\": \"adele@contoso.example\", \"date\": \"2031-02-03\"},\n{\"class\": \"5b\", \
                \"teacher\": \"megan@contoso.example\", \"date\": \"2031-02-04\"}]";
    for (name, text) in [
        ("rows.yaml", listed),
        ("rows.json", json),
        ("rows.csv", TABLE),
        ("rows.CSV", &TABLE.replace(',', ";")),
        ("rows.csv", &TABLE.replace(',', "\t")),
        ("rows.csv", &format!("\u{feff}{}", TABLE.replace('\n', "\r\n"))),
        ("rows.csv", &format!("{TABLE},,\n\n\"\",\" \",\n")),
    ] {
        let read = manifests(&[("set.yaml", &named(name)), (name, text)]);
        assert_eq!(declared(&read), expect, "{name}");
        assert_eq!(read.documents, 2, "the rows are no manifest");
    }
}

#[test]
fn a_text_that_is_one_expression_keeps_the_type_of_its_value() {
    let set = HEAD.to_owned()
        + "  rows: [{name: a, busy: false, size: 10, who: [x@contoso.example, y@contoso.example]}]
  template:
    kind: Event
    metadata: {name: \"{{ row.name }}\"}
    spec:
      subject: \"{{ row.size }} of {{ row.size + 2 }}, {{ row.busy }}, {% and {# stay\"
      start: 2031-02-03T08:00
      duration: 45m
      responseRequested: \"{{ row.busy }}\"
      reminderMinutesBeforeStart: \"{{ row.size * 2 }}\"
      attendees: \"{{ row.who }}\"
";
    let read = manifests(&[("set.yaml", &set)]);
    assert!(read.problems.is_empty(), "{:?}", read.problems);
    let own = &read.desired[0].spec.own;
    assert_eq!(own["subject"], "10 of 12, false, {% and {# stay");
    assert_eq!((&own["responseRequested"], &own["reminderMinutesBeforeStart"]), (&false.into(), &20.into()));
    assert_eq!(own["attendees"].as_array().map(Vec::len), Some(2));
}

#[test]
fn when_leaves_rows_out() {
    let rows = "class,teacher,date,runs\n5a,adele@contoso.example,2031-02-03,yes\n5b,,,no\n";
    let set = |when: &str| format!("{HEAD}  rows: rows.csv\n  when: {when}\n{TEMPLATE}");
    let read = manifests(&[("set.yaml", &set("row.runs == \"yes\"")), ("rows.csv", rows)]);
    assert!(read.problems.is_empty(), "{:?}", read.problems);
    assert_eq!(read.desired.iter().map(|it| it.key.name()).collect::<Vec<_>>(), ["class-5a"]);
    for (when, expect) in [
        ("row.runs == \"Yes\"", "set.yaml:6:9  this leaves out every row"),
        ("row.runs", "set.yaml:6:9 rows.csv:2:1 `when` must give true or false"),
        ("row.run == \"yes\"", "set.yaml:6:9 rows.csv:2:1 the row has no `run`"),
        ("\"{{ row.runs }}\"", "set.yaml:6:9  an expression stands alone here"),
    ] {
        assert_eq!(problems(&[("set.yaml", &set(when)), ("rows.csv", rows)]), [expect]);
    }
}

/// What `expand` prints stands in place of the set.
#[test]
fn expand_prints_manifests_that_say_the_same() {
    let set = format!("{HEAD}  rows: rows.csv\n{}", TEMPLATE.replace("spec:\n", "spec:\n      body: |\n        # {{ row.class }}\n\n        - {{ row.date }}: '5'\n"))
        .replace("metadata: {name: \"class-{{ row.class }}\"}", "metadata: {name: \"class-{{ row.class }}\", labels: {year: \"{{ row.class | first }}\"}}\n    lifecycle: {protect: true}");
    let folder = folder(&[("set.yaml", &set), ("rows.csv", TABLE)]);
    let expanded = run(program(folder.path()).arg("expand"));
    assert_eq!(expanded.code, 0, "{expanded:?}");
    let plain = manifests(&[("plain.yaml", &expanded.out)]);
    assert_eq!(declared(&plain), declared(&manifests(&[("set.yaml", &set), ("rows.csv", TABLE)])));
    let none = run(program(folder.path()).args(["expand", "convoke.yaml"]));
    assert!(
        none.code == 0
            && none.out.is_empty()
            && none.err.contains("no set among these manifests, and nothing that names a roster"),
        "{none:?}"
    );
    fs::write(folder.path().join("rows.csv"), "class,teacher,date\n").unwrap();
    let refused = run(program(folder.path()).arg("expand"));
    assert!(refused.code == 1 && refused.out.is_empty(), "{refused:?}");
}

#[test]
fn values_of_the_workspace_stand_in_sets_and_in_its_defaults_and_nowhere_else() {
    let workspace = |values: &str, organizer: &str| {
        format!(
            "apiVersion: convoke.dev/v1\nkind: Workspace\nmetadata: {{name: contoso}}\nspec:\n  prune: cancel\n  values: {{{values}}}\n  \
             defaults: {{organizer: \"{organizer}\", timeZone: Europe/Berlin}}\n"
        )
    };
    let set = format!(
        "{HEAD}  rows: [{{class: a, teacher: adele, date: 2031-02-03}}]\n{}",
        TEMPLATE.replace("{{ row.teacher }}", "{{ row.teacher }}@{{ values.domain }}")
    );
    let plain = "apiVersion: convoke.dev/v1\nkind: Event\nmetadata: {name: b}\nspec: {subject: \"{{ values.domain }}\", start: 2031-02-03T08:00, duration: 1h}\n";
    let read = |workspace: &str| {
        let sources = [("a.yaml", plain), ("b.yaml", &set), ("w.yaml", workspace)];
        let folder = tempfile::tempdir().unwrap();
        sources.iter().for_each(|(name, text)| fs::write(folder.path().join(name), text).unwrap());
        read(files::gather(&[folder.path().to_owned()]).unwrap().sources, None)
    };
    let good = read(&workspace("domain: contoso.example", "office@{{ values.domain }}"));
    assert!(good.problems.is_empty(), "{:?}", good.problems);
    assert!(good.desired.iter().all(|it| it.spec.organizer == "office@contoso.example"), "{:?}", good.desired);
    assert_eq!(good.desired[0].spec.own["subject"], "{{ values.domain }}");
    assert_eq!(good.desired[1].spec.own["attendees"][0]["emailAddress"]["address"], "adele@contoso.example");
    for (values, organizer, expect) in [
        ("", "office@{{ values.domain }}", "the workspace has no value `domain`"),
        ("domain: x.example", "office@{{ row.domain }}", "unknown name `row`"),
        ("domain: x example", "office@{{ values.domain }}", "`organizer` must match"),
        ("domain: \"{{ x }}\"", "{{ values.domain }}", "an expression gives another one"),
        ("domain: [x]", "office@x.example", "`domain` must be"),
    ] {
        let told: Vec<String> = read(&workspace(values, organizer)).problems.into_iter().map(|it| it.message).collect();
        assert!(told.iter().any(|it| it.contains(expect)), "{expect}: {told:?}");
    }
}

#[test]
fn what_is_wrong_stands_in_the_template_and_in_the_row() {
    let set = format!("{HEAD}  rows: rows.csv\n{TEMPLATE}");
    let good = "5a,adele@contoso.example,2031-02-03\n";
    for (rows, expect) in [
        // A row that lacks a column.
        (
            format!("class,teacher\n{}", "5a,adele@contoso.example\n"),
            "set.yaml:11:14 rows.csv:2:1 the row has no `date`",
        ),
        (
            format!("class,teacher,date\n{good}5b,x\n"),
            "rows.csv:3:1  this row has 2 cells, and the first line names 3 columns",
        ),
        // A date that there is not, an address with a blank, a name that is none.
        (
            format!("class,teacher,date\n{good}5b,megan@contoso.example,2031-02-30\n"),
            "set.yaml:11:14 rows.csv:3:26 no such day or time: `2031-02-30T08:00`",
        ),
        (
            format!("class,teacher,date\n{good}5b,megan @contoso.example,2031-02-03\n"),
            "set.yaml:13:19 rows.csv:3:4 not an e-mail address: `megan @contoso.example`",
        ),
        (
            format!("class,teacher,date\n{good}\n\"5, B\",megan@contoso.example,2031-02-03\n"),
            "set.yaml:8:22 rows.csv:4:1 `name` must match `^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$`: `class-5, B`",
        ),
        (
            format!("class,teacher,date\n{good}{good}"),
            "set.yaml:8:22 rows.csv:3:1 rows.csv:2:1 `Event/class-5a` is declared twice",
        ),
        // A sign that is no text.
        (
            format!("class,teacher,date\n{good}\"5\tb\",megan@contoso.example,2031-02-03\n"),
            "set.yaml:10:16 rows.csv:3:1 `subject` holds a tab: U+0009",
        ),
        (
            format!("class,teacher,date\r\n{}5b,\"x,2031\r\n", good.replace('\n', "\r\n")),
            "rows.csv:3:1  this row has 2 cells, and the first line names 3 columns",
        ),
        (
            format!("class,teacher,date\n{good}5b,megan@contoso.example,\"2031\n5c,x,y\n"),
            "rows.csv:3:1  a quotation mark is not closed in this row",
        ),
        ("class,teacher,date\n".into(), "set.yaml:5:9  this set has no rows"),
        (String::new(), "set.yaml:5:9  this set has no rows"),
        ("class,class,date\n".into(), "rows.csv:1:1  two columns are called `class`"),
    ] {
        let told = problems(&[("set.yaml", &set), ("rows.csv", &rows)]);
        assert!(told.contains(&expect.to_owned()), "{expect}: {told:#?}");
    }
    // The same mistake in many rows is told once.
    let many: String = (0..500).map(|it| format!("c{it},x,2031-02-30\n")).collect();
    let told = problems(&[("set.yaml", &set), ("rows.csv", &format!("class,teacher,date\n{many}"))]);
    assert_eq!(told.len(), 2, "{told:#?}");
}

#[test]
fn a_template_is_held_against_the_schema_of_its_kind_and_expressions_are_read_before_the_first_row() {
    for (from, to, expect) in [
        ("subject:", "subjct:", "unknown property `subjct`"),
        ("duration: 45m", "showAs: bsy", "unknown value for `showAs`: `bsy`"),
        ("duration: 45m", "isAllDay: \"yes\"", "`isAllDay` must be true or false, not a string"),
        ("row.class |", "rwo.class |", "unknown name `rwo`"),
        ("row.class |", "row.class ||", "this expression cannot be read: "),
        ("| upper", "| shout", "unknown filter: "),
        ("kind: Event\n", "kind: Evnt\n", "unknown value for `kind`: `Evnt`"),
        ("{{ row.date }}T08:00", "{{ values.day }}", "the workspace has no value `day`"),
    ] {
        let set = format!("{HEAD}  rows: rows.csv\n{}", TEMPLATE.replacen(from, to, 1));
        let told = problems(&[("set.yaml", &set), ("rows.csv", TABLE)]);
        assert!(told.iter().any(|it| it.contains(expect)), "{expect}: {told:#?}");
    }
}

#[test]
fn rows_stand_beside_their_set_and_nowhere_else() {
    let set = |name: &str| format!("{HEAD}  rows: {name}\n{TEMPLATE}");
    for name in ["../rows.csv", "/etc/passwd.csv", ".git/rows.csv", "a/../../rows.csv", "rows.txt", "a\\..\\rows.csv"] {
        let told = problems(&[("set.yaml", &set(name))]);
        assert!(told.len() == 1 && told[0].contains("`rows` must match"), "{name}: {told:?}");
    }
    let gone = problems(&[("set.yaml", &set("rows.csv"))]);
    assert!(gone.len() == 1 && gone[0].contains("set.yaml:5:9  the rows in `rows.csv` cannot be read"), "{gone:?}");
    let latin = folder(&[("set.yaml", &set("rows.csv"))]);
    fs::write(latin.path().join("rows.csv"), b"class,teacher,date\n5\xe4,x,y\n").unwrap();
    let run = run(program(latin.path()).arg("validate"));
    assert!(run.code == 1 && run.err.contains("rows.csv:2:2") && run.err.contains("not UTF-8"), "{run:?}");
}

#[cfg(unix)]
#[test]
fn no_link_leads_to_rows_elsewhere_and_standard_input_stands_nowhere() {
    let set = format!("{HEAD}  rows: rows.csv\n{TEMPLATE}");
    let folder = folder(&[("set.yaml", &set)]);
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("rows.csv"), "canary-1234,teacher,date\n").unwrap();
    std::os::unix::fs::symlink(outside.path().join("rows.csv"), folder.path().join("rows.csv")).unwrap();
    let linked = run(program(folder.path()).arg("validate"));
    assert!(linked.code == 1 && linked.err.contains("it is a link that leads"), "{linked:?}");
    assert!(!linked.err.contains("canary"), "{linked:?}");
    let given = PathBuf::from("set.yaml");
    let piped = program(folder.path())
        .args(["validate", "-"])
        .stdin(fs::File::open(folder.path().join(given)).unwrap())
        .output();
    let said = String::from_utf8(piped.unwrap().stderr).unwrap();
    assert!(said.contains("write the rows as a list"), "{said}");
}
