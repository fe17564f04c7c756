//! GitHub Actions.

use crate::forges::github::{GitHub, JOB};
use crate::forges::server::Server;
use crate::forges::{EVENT, commit, house, no_token, output};
use crate::support::{House, Run, run};
use serde_json::{Value, json};

/// A repository with a workflow.
struct Repository {
    house: House,
    github: Server<GitHub>,
}

impl Repository {
    fn new() -> Repository {
        Repository { house: house(), github: Server::new(GitHub::default()) }
    }

    /// A job for pull request 7 with such a last commit.
    fn pull_request(&self, head: &str, args: &[&str]) -> Run {
        let from = json!({"full_name": "contoso/meetings"});
        self.job(&json!({"pull_request": {"number": 7, "head": {"sha": head, "repo": from}}}), &commit('f'), args)
    }

    /// A job for a push of such a commit.
    fn push(&self, commit: &str, args: &[&str]) -> Run {
        self.job(&json!({"ref": "refs/heads/main"}), commit, args)
    }

    fn job(&self, event: &Value, commit: &str, args: &[&str]) -> Run {
        self.house.write(".git/event.json", &event.to_string());
        let mut program = self.house.program();
        program.env("GITHUB_ACTIONS", "true").env("GITHUB_API_URL", format!("{}/api/v3", self.github.url));
        program.env("GITHUB_REPOSITORY", "contoso/meetings").env("GITHUB_TOKEN", JOB).env("GITHUB_SHA", commit);
        program.env("GITHUB_SERVER_URL", "https://github.example").env("GITHUB_RUN_ID", "42");
        program.env("GITHUB_EVENT_PATH", self.house.path(".git/event.json"));
        program.env("GITHUB_OUTPUT", self.house.path(".git/output"));
        program.env("GITHUB_STEP_SUMMARY", self.house.path(".git/summary.md"));
        let run = run(program.args(args));
        no_token(&run, JOB);
        run
    }

    /// The comments of a bot's with such a first line.
    fn comments(&self, kind: &str) -> Vec<(u64, String)> {
        let first = format!("<!-- convoke {kind} contoso -->\n");
        let ours = |it: &&Value| it["user"]["type"] == "Bot" && it["body"].as_str().unwrap().starts_with(&first);
        let told = |it: &Value| (it["id"].as_u64().unwrap(), it["body"].as_str().unwrap().to_owned());
        self.github.with(|it| it.comments.iter().filter(ours).map(told).collect())
    }

    /// The one comment of that kind.
    fn comment(&self, kind: &str) -> (u64, String) {
        let mut all = self.comments(kind);
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0)
    }
}

#[test]
fn a_plan_is_commented_once_and_its_id_stands_beside_the_commit() {
    let it = Repository::new();
    let head = commit('a');
    let run = it.pull_request(&head, &["ci", "plan"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.out.contains("Event/weekly") && run.err.contains("what the identity of this job may read"), "{run:?}");
    let (id, text) = it.comment("plan");
    let plan = output(&it.house, ".git/output", "plan-id");
    assert!(text.contains("Event/weekly") && text.contains(&plan) && text.contains("/actions/runs/42"), "{text}");
    assert!(!text.contains("adele@contoso.example"), "addresses are masked: {text}");
    for (name, value) in [("changes", "1"), ("mails", "1"), ("blocked", "0")] {
        assert_eq!(output(&it.house, ".git/output", name), value, "{name}");
    }
    let summary = std::fs::read_to_string(it.house.path(".git/summary.md")).unwrap();
    assert!(summary.contains("Event/weekly") && !summary.contains("<!--"), "{summary}");
    let check = it.github.with(|it| it.checks[0].clone());
    assert_eq!(check["name"], "convoke plan (contoso)");
    assert_eq!((&check["head_sha"], &check["external_id"]), (&json!(head), &json!(plan)));
    assert_eq!(check["conclusion"], "success", "a pull request with differences is green");

    // Another push: the comment is changed in its place.
    it.house.write("weekly.yaml", &EVENT.replace("subject: Weekly", "subject: Every week"));
    assert_eq!(it.pull_request(&commit('b'), &["ci", "plan"]).code, 0);
    let (again, text) = it.comment("plan");
    let other = output(&it.house, ".git/output", "plan-id");
    assert!(again == id && other != plan && text.contains(&other) && !text.contains(&plan), "{text}");
    // The same once more writes no comment.
    it.github.asked();
    assert_eq!(it.pull_request(&commit('b'), &["ci", "plan"]).code, 0);
    let asked = it.github.asked();
    assert!(
        asked.iter().all(|it| !it.starts_with("PATCH") && !it.contains("POST /api/v3/repos/contoso/meetings/issues")),
        "{asked:?}"
    );
    assert_eq!(it.house.writes(), 0, "a plan writes nothing to Graph");
}

#[test]
fn what_others_wrote_is_never_changed_and_ours_is_found_on_any_page() {
    let it = Repository::new();
    let marked = "<!-- convoke plan contoso -->\nby somebody else";
    it.github.with(|it| it.comment(7, "mallory", marked));
    assert_eq!(it.pull_request(&commit('a'), &["ci", "plan"]).code, 0);
    it.github.with(|it| (0..250).for_each(|count| it.comment(7, "adele", &format!("{count}"))));
    // Before ours, and quoted within another comment of the bot's.
    it.github.with(|it| it.comments.rotate_left(1));
    it.github.with(|it| it.comments.insert(0, json!({"id": 1, "issue": "7", "user": {"login": "github-actions[bot]", "type": "Bot"}, "body": format!("> quoted\n{marked}")})));
    it.house.write("weekly.yaml", &EVENT.replace("subject: Weekly", "subject: Every week"));
    assert_eq!(it.pull_request(&commit('b'), &["ci", "plan"]).code, 0);
    it.comment("plan");
    let bodies: Vec<Value> = it.github.with(|it| it.comments.iter().map(|it| it["body"].clone()).collect());
    assert_eq!(bodies.iter().filter(|it| **it == marked).count(), 1, "mallory's comment is as it was");
    assert_eq!(bodies.len(), 253);
}

#[test]
fn a_comment_of_which_the_answer_was_lost_is_not_made_twice() {
    let it = Repository::new();
    it.github.lose(1, "/comments");
    let run = it.pull_request(&commit('a'), &["ci", "plan"]);
    assert_eq!(run.code, 0, "{run:?}");
    it.comment("plan");
}

#[test]
fn a_plan_of_two_thousand_steps_fits_into_a_comment_and_says_what_is_left_out() {
    let it = Repository::new();
    let event = |number: usize| EVENT.replace("name: weekly", &format!("name: meeting-number-{number}"));
    it.house.write("many.yaml", &(0..2000).map(event).collect::<Vec<_>>().join("---\n"));
    let flags = ["ci", "plan", "--max-mails", "9999", "--max-changes", "100%"];
    let run = it.pull_request(&commit('a'), &flags);
    assert!([0, 1].contains(&run.code), "{run:?}");
    let (_, text) = it.comment("plan");
    assert!(text.chars().count() <= 65_536 && text.contains("left out"), "{} characters", text.chars().count());
    assert!(text.contains(&output(&it.house, ".git/output", "plan-id")));
}

#[test]
fn a_pull_request_from_a_fork_is_planned_and_writes_nothing() {
    let it = Repository::new();
    for from in [json!({"full_name": "mallory/meetings"}), Value::Null] {
        let request = json!({"number": 7, "head": {"sha": commit('a'), "repo": from}});
        let run = it.job(&json!({"pull_request": request}), &commit('f'), &["ci", "plan"]);
        assert!(run.code == 0 && run.out.contains("Event/weekly") && run.err.contains("from a fork"), "{run:?}");
    }
    assert_eq!(it.github.asked(), Vec::<String>::new());
}

#[test]
fn a_mistake_in_a_manifest_is_an_annotation_and_a_failure() {
    let it = Repository::new();
    it.house.write("weekly.yaml", &EVENT.replace("duration", "durration"));
    let run = it.pull_request(&commit('a'), &["ci", "plan"]);
    assert_eq!(run.code, 1, "{run:?}");
    assert!(
        run.out.contains("::error file=weekly.yaml,line=4") && run.err.contains("did you mean `duration`?"),
        "{run:?}"
    );
    assert_eq!(it.comments("plan"), []);
}

#[test]
fn what_is_blocked_exits_with_3_and_is_no_good_plan() {
    let it = Repository::new();
    it.house.write("weekly.yaml", &EVENT.replace("spec:", "lifecycle: {protect: true}\nspec:"));
    assert_eq!(it.house.run(&["apply", "--yes"]).code, 0);
    std::fs::remove_file(it.house.path("weekly.yaml")).unwrap();
    let run = it.pull_request(&commit('a'), &["ci", "plan", "--allow-empty"]);
    assert_eq!(run.code, 3, "{run:?}");
    assert_eq!(output(&it.house, ".git/output", "blocked"), "1");
    assert_eq!(it.github.with(|it| it.checks[0]["conclusion"].clone()), "failure");
}

#[test]
fn exactly_the_reviewed_plan_is_applied_after_the_merge_and_nothing_a_second_time() {
    let it = Repository::new();
    let (head, merged) = (commit('a'), commit('c'));
    assert_eq!(it.pull_request(&head, &["ci", "plan"]).code, 0);
    it.github.with(|it| it.merge(7, &head, &merged));
    let run = it.push(&merged, &["ci", "apply"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert!(run.out.contains("applied"), "{run:?}");
    let event = it.house.event("weekly");
    assert_eq!(event["subject"], "Weekly");
    let (_, plan) = it.comment("plan");
    let (id, text) = it.comment("apply");
    assert!(text.contains("applied") && !plan.contains("applied"), "each kind has its own: {text}");
    let writes = it.house.writes();
    let again = it.push(&merged, &["ci", "apply"]);
    assert!(again.code == 0 && again.out.contains("nothing to do"), "{again:?}");
    assert_eq!((it.house.writes(), it.comment("apply").0), (writes, id));
}

/// One approval, three jobs one after the other: each sends its part of the plan that was reviewed.
#[test]
fn the_reviewed_plan_is_applied_in_shards() {
    let it = Repository::new();
    for name in ["ben", "megan", "lee", "isaiah", "nestor"] {
        let event = EVENT.replace("name: weekly", &format!("name: {name}"));
        let whose = format!("spec: {{organizer: {name}@contoso.example, ");
        it.house.write(&format!("{name}.yaml"), &event.replace("spec: {", &whose));
    }
    let (head, merged) = (commit('a'), commit('c'));
    assert_eq!(it.pull_request(&head, &["ci", "plan", "--shard", "1/3"]).code, 0);
    assert!(!it.comment("plan").1.contains("by another shard"), "what is reviewed is the whole");
    it.github.with(|it| it.merge(7, &head, &merged));
    let mut before = 0;
    for (shard, least) in [("2/3", 0), ("1/3", 0), ("3/3", 6)] {
        let run = it.push(&merged, &["ci", "apply", "--shard", shard]);
        assert!(run.code == 0 && run.out.contains("shard: "), "{shard}: {run:?}");
        let sent = it.house.sandbox().mails().len();
        assert!(sent >= before.max(least), "{shard}: {run:?}");
        before = sent;
    }
    let run = it.push(&merged, &["ci", "apply"]);
    assert!(run.code == 0 && run.out.contains("nothing to do") && before == 6, "{run:?}");
}

#[test]
fn a_plan_that_became_another_is_not_applied_until_its_own_id_is_approved() {
    let it = Repository::new();
    let (head, merged) = (commit('a'), commit('c'));
    it.house.write("second.yaml", &EVENT.replace("name: weekly", "name: second"));
    assert_eq!(it.pull_request(&head, &["ci", "plan"]).code, 0);
    let reviewed = output(&it.house, ".git/output", "plan-id");
    it.github.with(|it| it.merge(7, &head, &merged));
    // The base had moved: another text, one resource less, and one more.
    it.house.write("weekly.yaml", &EVENT.replace("subject: Weekly", "subject: Every week"));
    std::fs::remove_file(it.house.path("second.yaml")).unwrap();
    it.house.write("third.yaml", &EVENT.replace("name: weekly", "name: third"));
    let run = it.push(&merged, &["ci", "apply"]);
    assert_eq!((run.code, it.house.writes()), (1, 0), "{run:?}");
    let now = output(&it.house, ".git/output", "plan-id");
    let (_, text) = it.comment("apply");
    assert!(now != reviewed && text.contains(&now), "{text}");
    for (text, what) in [(&run.err, "standard error"), (&text, "the comment")] {
        let line = |key: &str| {
            text.lines()
                .find(|it| it.contains(key) && it.contains("to ") || it.contains(key) && it.contains("as before"))
        };
        assert!(line("Event/weekly").is_some_and(|it| it.contains("create as before")), "{what}: {text}");
        assert!(line("Event/third").is_some_and(|it| it.contains("nothing was to be done")), "{what}: {text}");
        assert!(
            text.contains("was to create, and nothing is to be done now") || text.contains("1 more resource"),
            "{what}: {text}"
        );
    }
    // Somebody looks at it and starts it again by its own id.
    let run = it.push(&merged, &["ci", "apply", "--plan-id", &now]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(it.house.event("weekly")["subject"], "Every week");
    it.comment("apply");
}

#[test]
fn an_edit_between_plan_and_apply_is_told_and_nothing_is_written() {
    let it = Repository::new();
    assert_eq!(it.house.run(&["apply", "--yes"]).code, 0);
    it.house.write("weekly.yaml", &EVENT.replace("subject: Weekly", "subject: Every week"));
    let (head, merged) = (commit('a'), commit('c'));
    assert_eq!(it.pull_request(&head, &["ci", "plan"]).code, 0);
    it.github.with(|it| it.merge(7, &head, &merged));
    let id = it.house.event("weekly")["id"].as_str().unwrap().to_owned();
    let path = format!("/v1.0/users/alex@contoso.example/events/{id}");
    assert_eq!(it.house.call("PATCH", &path, Some(&json!({"subject": "Edited"}))).0, 200);
    let writes = it.house.writes();
    let run = it.push(&merged, &["ci", "apply"]);
    assert_eq!((run.code, it.house.writes()), (1, writes), "{run:?}");
    assert!(it.comment("apply").1.contains("over other live values"));
}

#[test]
fn nothing_is_applied_that_was_approved_nowhere_or_by_somebody_else() {
    let it = Repository::new();
    let (head, merged) = (commit('a'), commit('c'));
    let refused = |why: &str| {
        let run = it.push(&merged, &["ci", "apply"]);
        assert_eq!((run.code, it.house.writes()), (1, 0), "{run:?}");
        let said = run.out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(why), "{why}: {run:?}");
    };
    refused("the commit came with no pull request");
    it.github.with(|it| it.merge(7, &head, &merged));
    refused("no plan of this workspace stands beside");
    // What a comment says counts for nothing, and neither does a check of another app, workspace or commit.
    assert_eq!(it.pull_request(&head, &["ci", "plan"]).code, 0);
    let mut check = it.github.with(|it| it.checks.remove(0));
    for (name, other) in [
        ("/app/slug", json!("other-app")),
        ("/name", json!("convoke plan (contoso-b)")),
        ("/head_sha", json!(commit('b'))),
        ("/external_id", json!("")),
    ] {
        let kept = std::mem::replace(check.pointer_mut(name).unwrap(), other);
        it.github.with(|it| it.checks = vec![check.clone()]);
        refused("no plan of this workspace stands beside");
        *check.pointer_mut(name).unwrap() = kept;
    }
    it.github.with(|it| it.checks = vec![check]);
    assert_eq!(it.push(&merged, &["ci", "apply"]).code, 0);
}

#[test]
fn two_workspaces_have_each_their_comment_id_and_outputs() {
    let it = Repository::new();
    for (folder, name) in [("a", "contoso"), ("b", "contoso-b")] {
        it.house.write(
            &format!("{folder}/convoke.yaml"),
            &crate::support::WORKSPACE.replace("name: contoso", &format!("name: {name}")),
        );
        it.house.write(&format!("{folder}/weekly.yaml"), &EVENT.replace("Weekly", name));
    }
    let both = ["--workspace", "a/convoke.yaml", "--workspace", "b/convoke.yaml"];
    let (head, merged) = (commit('a'), commit('c'));
    let run = it.pull_request(&head, &[&["ci", "plan"][..], &both].concat());
    assert_eq!(run.code, 0, "{run:?}");
    let ids = ["contoso", "contoso-b"].map(|name| output(&it.house, ".git/output", &format!("plan-id-{name}")));
    assert_ne!(ids[0], ids[1]);
    assert_eq!(output(&it.house, ".git/output", "changes"), "2");
    assert_eq!(it.github.with(|it| it.comments.len()), 2);
    it.github.with(|it| it.merge(7, &head, &merged));
    let run = it.push(&merged, &[&["ci", "apply"][..], &both].concat());
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(it.github.with(|it| it.comments.len()), 4);
    let run = it.house.run(&[&["plan"][..], &both].concat());
    assert!(run.code == 1 && run.err.contains("--workspace names 2 files"), "{run:?}");
}

#[test]
fn what_the_token_may_not_is_said_with_the_way_out() {
    let it = Repository::new();
    let root = format!("{}/api/v3", it.github.url);
    for (token, root, expect) in [
        (crate::forges::github::PERSON, root.as_str(), "checks: write"),
        ("unknown-canary", &root, "Bad credentials"),
        (JOB, "http://github.example/api/v3", "only this machine may be asked without"),
        (JOB, "https://name:pass@github.example", "user name or password"),
        (JOB, "http://127.0.0.1:9/", "Connection refused"),
    ] {
        let from = json!({"full_name": "contoso/meetings"});
        let event = json!({"pull_request": {"number": 7, "head": {"sha": commit('a'), "repo": from}}});
        it.house.write(".git/event.json", &event.to_string());
        let mut program = it.house.program();
        program.env("GITHUB_ACTIONS", "true").env("GITHUB_API_URL", root).env("GITHUB_TOKEN", token);
        program.env("GITHUB_REPOSITORY", "contoso/meetings").env("GITHUB_EVENT_PATH", it.house.path(".git/event.json"));
        let run = run(program.args(["ci", "plan"]));
        assert_eq!(run.code, 1, "{run:?}");
        let said = run.err.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(expect), "{expect}: {run:?}");
        no_token(&run, token);
    }
}

#[test]
fn drift_is_one_issue_that_is_opened_changed_closed_and_opened_again() {
    let it = Repository::new();
    let night = |code: i32| {
        let run = it.job(&json!({"schedule": "0 3 * * *"}), &commit('c'), &["ci", "drift"]);
        assert_eq!(run.code, code, "{run:?}");
        let issues = it.github.with(|it| it.issues.clone());
        assert!(issues.len() <= 2, "{issues:?}");
        issues.get(1).map(|it| (it["state"].as_str().unwrap().to_owned(), it["body"].as_str().unwrap().to_owned()))
    };
    let edit = |with: Value| {
        let id = it.house.event("weekly")["id"].as_str().unwrap().to_owned();
        assert_eq!(
            it.house.call("PATCH", &format!("/v1.0/users/alex@contoso.example/events/{id}"), Some(&with)).0,
            200
        );
    };
    // Somebody has opened one that looks like ours.
    let marked = "<!-- convoke drift contoso -->\nby somebody else";
    it.github.with(|it| {
        it.issues.push(
            json!({"number": 9000, "state": "open", "body": marked, "user": {"login": "mallory", "type": "User"}}),
        )
    });
    assert_eq!(it.house.run(&["apply", "--yes"]).code, 0);
    assert_eq!(night(0), None, "nothing to tell opens no issue");
    edit(json!({"subject": "Edited"}));
    it.github.lose(1, "/issues");
    let (state, first) = night(2).unwrap();
    assert!(state == "open" && first.contains("Event/weekly"), "{first}");
    edit(
        json!({"start": {"dateTime": "2038-02-02T11:00:00", "timeZone": "Europe/Berlin"}, "end": {"dateTime": "2038-02-02T11:45:00", "timeZone": "Europe/Berlin"}}),
    );
    let (state, second) = night(2).unwrap();
    assert!(state == "open" && second != first, "{second}");
    // A job for a pull request has manifests that nobody has approved.
    let from = json!({"full_name": "contoso/meetings"});
    it.house.write("weekly.yaml", &EVENT.replace("subject: Weekly", "subject: Edited"));
    it.job(
        &json!({"pull_request": {"number": 7, "head": {"sha": commit('a'), "repo": from}}}),
        &commit('f'),
        &["ci", "drift"],
    );
    it.house.write("weekly.yaml", EVENT);
    assert_eq!(night(2).unwrap(), (state, second));
    assert_eq!(it.house.run(&["apply", "--yes"]).code, 0);
    assert_eq!(night(0).unwrap().0, "closed");
    assert_eq!(night(0).unwrap().0, "closed");
    edit(json!({"subject": "Edited again"}));
    assert_eq!(night(2).unwrap().0, "open");
    assert_eq!(it.github.with(|it| it.issues[0]["body"].clone()), marked);
}
