//! From an empty repository to an apply and a quiet night: a person's few commands, and the workflow's own steps as a runner starts
//! them.

use crate::forges::commit;
use crate::forges::github::{GitHub, JOB};
use crate::forges::server::Server;
use crate::support::{House, ORGANIZER, Run, run};
use convoke::face::route::encoded;
use convoke::face::sandbox::Options;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

/// What a person types, besides the push and the two buttons of the pull request.
const TYPED: [&str; 6] = [
    "git init -q -b main",
    "convoke init --ci github",
    "sed -i 's/^  subject: .*/  subject: Every week/' events/team-weekly.yaml",
    "git switch -q -c every-week",
    "git add -A",
    "git commit -q -m 'Every week'",
];

struct Repository {
    house: House,
    github: Server<GitHub>,
}

impl Repository {
    /// A shell in the folder, with the program and git as somebody has them.
    fn shell(&self, script: &str) -> Command {
        let mut bash = Command::new("bash");
        let folder = Path::new(env!("CARGO_BIN_EXE_convoke")).parent().unwrap();
        let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
        bash.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script]).current_dir(self.house.path("."));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("CONVOKE_") || name == "CI") {
            bash.env_remove(name);
        }
        bash.env("PATH", path).env("NO_COLOR", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
        for role in ["AUTHOR", "COMMITTER"] {
            bash.env(format!("GIT_{role}_NAME"), "Alex").env(format!("GIT_{role}_EMAIL"), "alex@contoso.example");
        }
        bash
    }

    /// All steps of a job that are commands, one after the other; the last one's end.
    fn job(&self, job: &str, event: &Value, commit: &str) -> Run {
        let text = std::fs::read_to_string(self.house.path(".github/workflows/convoke.yml")).unwrap();
        let workflow: Value = serde_yaml::from_str(&text).unwrap();
        self.house.write(".git/event.json", &event.to_string());
        // Each job begins with a fresh checkout.
        let _ = std::fs::remove_dir_all(self.house.path("snapshot"));
        let mut last = None;
        let steps = workflow["jobs"][job]["steps"].as_array().unwrap();
        for script in steps.iter().filter_map(|step| step["run"].as_str()) {
            let mut bash = self.shell(script);
            let variables = [&workflow["env"], &workflow["jobs"][job]["env"]];
            for (name, value) in variables.into_iter().flat_map(|it| it.as_object().unwrap()) {
                bash.env(name, self.filled(value.as_str().unwrap()));
            }
            bash.env("CONVOKE_GRAPH_URL", &self.house.sandbox().url);
            bash.env("CONVOKE_ACCESS_TOKEN", &self.house.sandbox().token);
            bash.env("CI", "true").env("GITHUB_ACTIONS", "true").env("GITHUB_SHA", commit);
            bash.env("GITHUB_API_URL", format!("{}/api/v3", self.github.url)).env("GITHUB_RUN_ID", "42");
            bash.env("GITHUB_REPOSITORY", "contoso/meetings").env("GITHUB_SERVER_URL", "https://github.example");
            for (name, file) in [("EVENT_PATH", "event.json"), ("OUTPUT", "output"), ("STEP_SUMMARY", "summary.md")] {
                bash.env(format!("GITHUB_{name}"), self.house.path(&format!(".git/{file}")));
            }
            let ended = run(&mut bash);
            let code = ended.code;
            last = Some(ended);
            if code != 0 {
                break;
            }
        }
        last.expect("a job has steps")
    }

    /// A variable as the runner fills it: what nobody has set is empty.
    fn filled(&self, text: &str) -> String {
        match text {
            "${{ github.token }}" => JOB.into(),
            "${{ vars.CONVOKE_STATE }}" => self.house.path(".kept/state.json").display().to_string(),
            _ if text.starts_with("${{") => String::new(),
            _ => text.into(),
        }
    }

    fn comments(&self, kind: &str) -> Vec<String> {
        let first = format!("<!-- convoke {kind} ");
        let bodies = self.github.with(|it| it.comments.clone()).into_iter();
        bodies.map(|it| it["body"].as_str().unwrap().to_owned()).filter(|it| it.starts_with(&first)).collect()
    }
}

#[test]
fn from_an_empty_repository_a_few_commands_lead_to_a_plan_its_apply_and_a_quiet_night() {
    let it = Repository { house: House::new(Options::default()), github: Server::new(GitHub::default()) };
    std::fs::remove_file(it.house.path("convoke.yaml")).unwrap();
    for typed in TYPED {
        let ended = run(&mut it.shell(typed));
        assert_eq!(ended.code, 0, "{typed}: {ended:?}");
    }
    let head = run(&mut it.shell("git rev-parse HEAD")).out.trim().to_owned();
    let from = json!({"full_name": "contoso/meetings"});
    let request = json!({"pull_request": {"number": 7, "head": {"sha": head, "repo": from}}});
    let plan = it.job("plan", &request, &commit('f'));
    assert!(plan.code == 0 && plan.out.contains("2 to create"), "{plan:?}");
    let comments = it.comments("plan");
    assert!(comments.len() == 1 && comments[0].contains("Every week"), "{comments:?}");
    assert_eq!(it.house.writes(), 0);

    it.github.with(|github| github.merge(7, &head, &commit('c')));
    let (push, merged) = (json!({"ref": "refs/heads/main"}), commit('c'));
    let apply = it.job("apply", &push, &merged);
    assert!(apply.code == 0 && apply.out.contains("2 applied"), "{apply:?}");
    let live = it.house.event("team-weekly");
    assert_eq!((live["subject"].as_str(), it.comments("apply").len()), (Some("Every week"), 1));

    let writes = it.house.writes();
    let night = it.job("night", &json!({"schedule": "17 3 * * *"}), &merged);
    assert_eq!(night.code, 0, "{night:?}");
    assert_eq!((it.house.writes(), it.github.with(|github| github.issues.len())), (writes, 0));
    // Somebody changes it by hand: the next night tells.
    let path = format!("/sandbox/users/{ORGANIZER}/events/{}", encoded(live["id"].as_str().unwrap()));
    let whose = live["organizer"]["emailAddress"]["address"].as_str().unwrap();
    let edited = it.house.call("PATCH", &path.replace(ORGANIZER, whose), Some(&json!({"subject": "Mine"})));
    assert!(edited.0 < 300, "{edited:?}");
    let night = it.job("night", &json!({"schedule": "17 3 * * *"}), &merged);
    assert_eq!((night.code, it.github.with(|github| github.issues.len())), (2, 1), "{night:?}");
}
