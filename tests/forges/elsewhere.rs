//! GitLab CI and Azure Pipelines: the same stories, each between its own service and a Graph twin.

use crate::forges::azure::{self, Azure};
use crate::forges::gitlab::{self, GitLab};
use crate::forges::server::Server;
use crate::forges::{EVENT, commit, house, no_token};
use crate::support::{House, Run, run};
use serde_json::{Value, json};

/// A pipeline of either.
trait Pipeline {
    const TOKEN: &'static str;
    fn url(&self) -> &str;
    /// What the runner sets in every job, and in one for pull request 7.
    fn variables(&self, commit: &str) -> Vec<(&'static str, String)>;
    fn for_request(&self, head: &str) -> Vec<(&'static str, String)>;
    /// The texts of all comments in their order.
    fn comments(&self) -> Vec<String>;
    /// Somebody else comments, and says beside a commit what is approved.
    fn by_somebody_else(&self, comment: &str, head: &str, description: &str);
    fn merge(&self, head: &str, commit: &str);
    fn lose(&self);
    /// The output of that name.
    fn output(&self, house: &House, run: &Run, name: &str) -> String;
}

impl Pipeline for Server<GitLab> {
    const TOKEN: &'static str = gitlab::BOT;

    fn url(&self) -> &str {
        &self.url
    }

    fn variables(&self, commit: &str) -> Vec<(&'static str, String)> {
        vec![
            ("GITLAB_CI", "true".into()),
            ("CI_API_V4_URL", format!("{}/api/v4", self.url)),
            ("CI_PROJECT_ID", "17".into()),
            ("CI_COMMIT_SHA", commit.into()),
            ("CI_JOB_URL", "https://gitlab.example/contoso/meetings/-/jobs/42".into()),
            ("CONVOKE_GITLAB_TOKEN", gitlab::BOT.into()),
        ]
    }

    fn for_request(&self, head: &str) -> Vec<(&'static str, String)> {
        vec![
            ("CI_MERGE_REQUEST_IID", "7".into()),
            ("CI_MERGE_REQUEST_PROJECT_ID", "17".into()),
            ("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "17".into()),
            ("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", head.into()),
        ]
    }

    fn comments(&self) -> Vec<String> {
        self.with(|it| it.notes.iter().map(|it| it["body"].as_str().unwrap().to_owned()).collect())
    }

    fn by_somebody_else(&self, comment: &str, head: &str, description: &str) {
        let author = json!({"id": 28, "username": "adele"});
        self.with(|it| {
            it.add(json!({"body": comment, "author": author, "system": false}), "body", |it| &mut it.notes);
            it.statuses.push(json!({"id": 9999, "sha": head, "name": "convoke plan (contoso)", "description": description, "author": author}));
        });
    }

    fn merge(&self, head: &str, commit: &str) {
        let merged = json!({"iid": 7, "state": "merged", "sha": head, "merge_commit_sha": commit});
        self.with(|it| it.requests.push(merged));
    }

    fn lose(&self) {
        Server::lose(self, 1, "/notes");
    }

    fn output(&self, house: &House, _: &Run, name: &str) -> String {
        crate::forges::output(house, "convoke.env", &format!("CONVOKE_{}", name.to_uppercase().replace('-', "_")))
    }
}

impl Pipeline for Server<Azure> {
    const TOKEN: &'static str = azure::JOB;

    fn url(&self) -> &str {
        &self.url
    }

    fn variables(&self, commit: &str) -> Vec<(&'static str, String)> {
        vec![
            ("TF_BUILD", "True".into()),
            ("SYSTEM_COLLECTIONURI", format!("{}/contoso/", self.url)),
            ("SYSTEM_TEAMPROJECTID", "it".into()),
            ("BUILD_REPOSITORY_ID", "r1".into()),
            ("BUILD_REPOSITORY_PROVIDER", "TfsGit".into()),
            ("BUILD_SOURCEVERSION", commit.into()),
            ("BUILD_BUILDID", "42".into()),
            ("SYSTEM_ACCESSTOKEN", azure::JOB.into()),
        ]
    }

    fn for_request(&self, head: &str) -> Vec<(&'static str, String)> {
        vec![
            ("SYSTEM_PULLREQUEST_PULLREQUESTID", "7".into()),
            ("SYSTEM_PULLREQUEST_SOURCECOMMITID", head.into()),
            ("SYSTEM_PULLREQUEST_ISFORK", "False".into()),
        ]
    }

    fn comments(&self) -> Vec<String> {
        let text = |it: &Value| it["comments"][0]["content"].as_str().unwrap().to_owned();
        self.with(|it| it.threads.iter().map(text).collect())
    }

    fn by_somebody_else(&self, comment: &str, head: &str, description: &str) {
        let account = json!({"id": "7a0e1c52-0000-4e3b-9f3e-0d1b5b4b0f00"});
        self.with(|it| {
            it.thread(&json!({"comments": [{"content": comment}]}), account.clone());
            it.statuses.push(json!({
                "id": 9999, "commit": head, "context": {"genre": "convoke", "name": "plan (contoso)"},
                "description": description, "createdBy": account,
            }));
        });
    }

    fn merge(&self, head: &str, commit: &str) {
        let (head, commit) = (json!({"commitId": head}), json!({"commitId": commit}));
        let merged = json!({"pullRequestId": 7, "status": "completed", "lastMergeSourceCommit": head, "lastMergeCommit": commit});
        self.with(|it| it.requests.push(merged));
    }

    fn lose(&self) {
        Server::lose(self, 1, "/threads");
    }

    fn output(&self, _: &House, run: &Run, name: &str) -> String {
        let lead = format!("##vso[task.setvariable variable={name};isOutput=true;]");
        let found = run.out.lines().find_map(|line| line.strip_prefix(&lead));
        found.unwrap_or_else(|| panic!("no {name}: {run:?}")).to_owned()
    }
}

fn job<P: Pipeline>(it: &P, house: &House, variables: &[(&'static str, String)], args: &[&str]) -> Run {
    let mut program = house.program();
    // The runner of these very tests may be a pipeline for a pull request itself.
    for (name, _) in it.for_request("") {
        program.env_remove(name);
    }
    program.envs(variables.iter().map(|(name, value)| (*name, value))).env("AGENT_TEMPDIRECTORY", house.folder.path());
    let run = run(program.args(args));
    no_token(&run, P::TOKEN);
    run
}

/// A merge request is planned twice, merged and applied; the base moves; others say what they like.
fn from_review_to_apply<P: Pipeline>(it: &P) {
    let house = house();
    let (head, merged) = (commit('a'), commit('c'));
    let request = |head: &str| [it.variables(&commit('f')), it.for_request(head)].concat();
    let (push, marked) = (it.variables(&merged), "<!-- convoke plan contoso -->\nby somebody else");
    it.by_somebody_else(marked, &head, &format!("plan {}: all fine", "0".repeat(64)));
    it.lose();
    let run = job(it, &house, &request(&head), &["ci", "plan"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(it.comments().len(), 2, "the answer was lost, the comment was not");
    let first = it.output(&house, &run, "plan-id");
    assert!(it.comments()[1].contains(&first) && it.output(&house, &run, "changes") == "1", "{run:?}");

    house.write("weekly.yaml", &EVENT.replace("subject: Weekly", "subject: Every week"));
    let run = job(it, &house, &request(&head), &["ci", "plan"]);
    let second = it.output(&house, &run, "plan-id");
    let comments = it.comments();
    assert_eq!((run.code, comments.len(), comments[0].as_str()), (0, 2, marked), "{run:?}");
    assert!(comments[1].contains(&second) && !comments[1].contains(&first), "{}", comments[1]);

    let run = job(it, &house, &push, &["ci", "apply"]);
    assert!(run.code == 1 && run.out.contains("no pull request"), "{run:?}");
    it.merge(&head, &merged);
    house.write("weekly.yaml", EVENT);
    let run = job(it, &house, &push, &["ci", "apply"]);
    assert_eq!((run.code, house.writes()), (1, 0), "{run:?}");
    let comments = it.comments();
    assert!(
        comments.len() == 3 && comments[2].contains("create as before") && comments[2].contains(&first),
        "{comments:?}"
    );
    house.write("weekly.yaml", &EVENT.replace("subject: Weekly", "subject: Every week"));
    let run = job(it, &house, &push, &["ci", "apply"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(house.event("weekly")["subject"], "Every week");
    let writes = house.writes();
    let run = job(it, &house, &push, &["ci", "apply"]);
    assert_eq!((run.code, house.writes(), it.comments().len()), (0, writes, 3), "{run:?}");
}

#[test]
fn gitlab_has_a_note_a_status_and_the_apply_of_exactly_that_plan() {
    let it = Server::new(GitLab::default());
    from_review_to_apply(&it);
    assert!(it.asked().iter().all(|it| it.contains("/api/v4/")));
}

#[test]
fn azure_devops_has_a_thread_a_status_and_the_apply_of_exactly_that_plan() {
    let it = Server::new(Azure::default());
    from_review_to_apply(&it);
    assert!(it.asked().iter().all(|it| it.contains("/contoso/")));
    it.with(|it| assert_eq!(it.threads[1]["status"], "closed", "it holds up no merge"));
}

/// Without a token, from a fork, or with a token that may not.
fn nothing_is_written<P: Pipeline>(it: &P, token: &'static str, fork: (&'static str, &str)) {
    let house = house();
    let request = [it.variables(&commit('f')), it.for_request(&commit('a'))].concat();
    for (change, expect) in [((token, ""), "is not set"), (fork, "from a fork")] {
        let changed = [request.clone(), vec![(change.0, change.1.to_owned())]].concat();
        let run = job(it, &house, &changed, &["ci", "plan"]);
        let said = run.err.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(run.code == 0 && run.out.contains("Event/weekly") && said.contains(expect), "{run:?}");
    }
    let unknown = [request, vec![(token, "unknown-canary".to_owned())]].concat();
    let run = job(it, &house, &unknown, &["ci", "plan"]);
    assert!(run.code == 1 && run.err.contains("401") && !run.err.contains("unknown-canary"), "{run:?}");
    assert_eq!(it.comments(), Vec::<String>::new());
}

#[test]
fn gitlab_gets_nothing_without_a_token_of_its_own_or_from_a_fork() {
    let it = Server::new(GitLab::default());
    nothing_is_written(&it, "CONVOKE_GITLAB_TOKEN", ("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "18"));
}

#[test]
fn azure_devops_gets_nothing_without_the_token_of_the_job_or_from_a_fork() {
    let it = Server::new(Azure::default());
    nothing_is_written(&it, "SYSTEM_ACCESSTOKEN", ("SYSTEM_PULLREQUEST_ISFORK", "True"));
}

#[test]
fn gitlab_shows_the_counts_in_its_merge_request_and_azure_the_summary_of_the_run() {
    let (house, it) = (house(), Server::new(GitLab::default()));
    assert_eq!(job(&it, &house, &it.variables(&commit('f')), &["ci", "plan"]).code, 0);
    let counts: Value =
        serde_json::from_str(&std::fs::read_to_string(house.path("convoke-plan.json")).unwrap()).unwrap();
    assert_eq!(counts, json!({"create": 1, "update": 0, "delete": 0}));
    let it = Server::new(Azure::default());
    let run = job(&it, &house, &it.variables(&commit('f')), &["ci", "plan"]);
    let file = run.out.lines().find_map(|line| line.strip_prefix("##vso[task.uploadsummary]")).unwrap();
    assert!(std::fs::read_to_string(file).unwrap().contains("Event/weekly"), "{run:?}");
    house.write("weekly.yaml", &EVENT.replace("duration", "durration"));
    let run = job(&it, &house, &it.variables(&commit('f')), &["ci", "plan"]);
    assert!(
        run.code == 1 && run.out.contains("##vso[task.logissue type=error;sourcepath=weekly.yaml;linenumber=4;"),
        "{run:?}"
    );
    assert!(!it.url().is_empty());
}

#[test]
fn a_pipeline_of_another_kind_plans_and_leaves_nothing() {
    let house = house();
    let run = run(house.program().env("CI", "true").args(["ci", "plan"]));
    assert!(run.code == 0 && run.out.contains("Event/weekly"), "{run:?}");
    let id = house.json(&["plan"])["planId"].as_str().unwrap().to_owned();
    let refused = run_plain(&house, &["ci", "apply"]);
    assert!(refused.code == 1 && refused.out.contains("nobody approved this plan"), "{refused:?}");
    let run = run_plain(&house, &["ci", "apply", "--plan-id", &id]);
    assert_eq!(run.code, 0, "{run:?}");
}

fn run_plain(house: &House, args: &[&str]) -> Run {
    run(house.program().env("CI", "true").args(args))
}

/// Drift is opened, closed and opened again; `issues` tells of each whether it is open, and what it says.
fn nightly<P: Pipeline>(it: &P, issues: impl Fn() -> Vec<(bool, String)>) {
    let house = house();
    assert_eq!(house.run(&["apply", "--yes"]).code, 0);
    let edit = |subject: &str| {
        let path = format!("/v1.0/users/alex@contoso.example/events/{}", house.event("weekly")["id"].as_str().unwrap());
        assert_eq!(house.call("PATCH", &path, Some(&json!({"subject": subject}))).0, 200);
    };
    let night = |code: i32| {
        let run = job(it, &house, &it.variables(&commit('c')), &["ci", "drift"]);
        assert_eq!(run.code, code, "{run:?}");
        issues()
    };
    assert_eq!(night(0), []);
    edit("Edited");
    let all = night(2);
    assert!(all.len() == 1 && all[0].0 && all[0].1.contains("Event/weekly"), "{all:?}");
    assert_eq!(house.run(&["apply", "--yes"]).code, 0);
    assert!(matches!(&night(0)[..], [(false, _)]));
    edit("Edited again");
    assert!(matches!(&night(2)[..], [(true, _)]));
}

#[test]
fn gitlab_keeps_one_issue_about_drift() {
    let it = Server::new(GitLab::default());
    let told = |it: &Value| (it["state"] == "opened", it["description"].as_str().unwrap().to_owned());
    nightly(&it, || it.with(|it| it.issues.iter().map(told).collect()));
}

#[test]
fn azure_devops_keeps_one_issue_about_drift_where_its_process_has_any() {
    let it = Server::new(Azure { issues: true, ..Azure::default() });
    let told = |it: &Value| {
        (it["fields"]["System.State"] != "Done", it["fields"]["System.Description"].as_str().unwrap().to_owned())
    };
    nightly(&it, || it.with(|it| it.items.iter().map(told).collect()));
    assert!(it.with(|it| it.items[0]["fields"]["System.Description"].as_str().unwrap().starts_with("<pre>")));

    let (house, it) = (house(), Server::new(Azure::default()));
    assert_eq!(house.run(&["apply", "--yes"]).code, 0);
    let path = format!("/v1.0/users/alex@contoso.example/events/{}", house.event("weekly")["id"].as_str().unwrap());
    assert_eq!(house.call("PATCH", &path, Some(&json!({"subject": "Edited"}))).0, 200);
    let run = job(&it, &house, &it.variables(&commit('c')), &["ci", "drift"]);
    assert!(run.code == 1 && run.err.contains("cannot keep the issue"), "{run:?}");
}
