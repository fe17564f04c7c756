//! `init` and what surrounds it: a project that works at once, completions, the manual.

use crate::support::{Run, program, run};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;

fn convoke(folder: &Path, args: &[&str]) -> Run {
    run(program(folder).args(args))
}

#[test]
fn a_new_project_validates_plans_and_applies_on_the_twin() {
    let house = tempfile::tempdir().unwrap();
    let made = convoke(house.path(), &["init", "Contoso Meetings"]);
    assert_eq!(made.code, 0, "{made:?}");
    assert_eq!(made.out.lines().filter(|line| line.starts_with("+ ")).count(), 8, "{made:?}");
    let project = house.path().join("Contoso Meetings");
    let valid = convoke(&project, &["validate"]);
    assert_eq!((valid.code, valid.out.as_str()), (0, "3 documents in 3 files: no problems\n"), "{valid:?}");
    let summary = |run: &Run| {
        let report: Value = serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {run:?}"));
        (report["summary"]["create"].as_u64().unwrap(), report["summary"]["noop"].as_u64().unwrap())
    };
    const PLAN: &[&str] = &["plan", "--sandbox", "--format", "json"];
    assert_eq!(summary(&convoke(&project, PLAN)), (2, 0));
    let applied = convoke(&project, &["apply", "--sandbox", "--yes"]);
    assert_eq!(applied.code, 0, "{applied:?}");
    assert_eq!(summary(&convoke(&project, PLAN)), (0, 2));
    assert!(fs::read_to_string(project.join("convoke.yaml")).unwrap().contains("name: contoso-meetings"));
    assert!(fs::read_to_string(project.join(".gitignore")).unwrap().contains("\n.convoke/\n"));
}

#[test]
fn what_is_there_stays_as_it_is() {
    let house = tempfile::tempdir().unwrap();
    fs::create_dir(house.path().join("events")).unwrap();
    fs::write(house.path().join("convoke.yaml"), "mine").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("nowhere", house.path().join("events/team-weekly.yaml")).unwrap();
    let made = convoke(house.path(), &["init", "--format", "json"]);
    assert_eq!(made.code, 0, "{made:?}");
    let files: Value = serde_json::from_str(&made.out).unwrap();
    let new = files["files"].as_array().unwrap().iter().filter(|it| it["new"] == true).count();
    assert_eq!(new, if cfg!(unix) { 6 } else { 7 });
    assert_eq!(fs::read_to_string(house.path().join("convoke.yaml")).unwrap(), "mine");
    assert!(!house.path().join("events/nowhere").exists(), "a link that leads nowhere is not followed");
    let again = convoke(house.path(), &["init"]);
    assert!(again.code == 0 && !again.out.contains("+ "), "{again:?}");
    let left: Vec<_> = fs::read_dir(house.path()).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert!(left.iter().all(|it| !it.to_string_lossy().starts_with(".convoke-")), "{left:?}");
}

#[test]
fn editors_find_the_schema_that_the_program_has() {
    let house = tempfile::tempdir().unwrap();
    convoke(house.path(), &["init"]);
    let schema = convoke(house.path(), &["schema"]).out;
    for manifest in ["convoke.yaml", "events/team-weekly.yaml", "meetings/support-room.yaml"] {
        let text = fs::read_to_string(house.path().join(manifest)).unwrap();
        let modeline = text.lines().next().unwrap();
        let path = modeline.strip_prefix("# yaml-language-server: $schema=").expect("the first line is for editors");
        let found = house.path().join(manifest).parent().unwrap().join(path);
        assert_eq!(fs::read_to_string(found).unwrap(), schema, "{manifest}");
    }
}

/// The commands of a pipeline, with the variables that it gives them.
fn scripts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match (name.as_str(), value) {
                    ("run" | "inlineScript", Value::String(script)) => found.push(script.clone()),
                    ("script", Value::Array(lines)) => {
                        found.extend(lines.iter().filter_map(Value::as_str).map(str::to_owned))
                    }
                    (_, value) => scripts(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|it| scripts(it, found)),
        _ => {}
    }
}

/// Each host reads its own files, short ones, whose commands there are; others' actions are pinned, and no right is given that no job
/// needs.
#[test]
fn every_pipeline_is_short_and_runs_commands_that_there_are() {
    for (host, files) in [
        (
            "github",
            &[
                ".github/workflows/convoke.yml",
                ".github/workflows/convoke-forks.yml",
                ".github/workflows/convoke-comment.yml",
            ][..],
        ),
        ("gitlab", &[".gitlab-ci.yml"]),
        ("azure", &["azure-pipelines.yml"]),
    ] {
        let house = tempfile::tempdir().unwrap();
        let made = convoke(house.path(), &["init", "--ci", host]);
        assert_eq!(made.code, 0, "{made:?}");
        let mut commands = vec![];
        for file in files {
            let text = fs::read_to_string(house.path().join(file)).unwrap();
            let counts = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
            assert!(text.lines().filter(counts).count() <= 60, "{file}");
            assert!(!text.contains("{{name}}") && !text.contains("{{folder}}"), "{file}");
            let pinned = |line: &str| {
                line.split_once('@')
                    .is_some_and(|(_, it)| it.len() == 40 && it.bytes().all(|it| it.is_ascii_hexdigit()))
            };
            for line in text.lines().filter_map(|line| line.trim_start().strip_prefix("- uses: ")) {
                assert!(pinned(line), "{file}: {line}");
            }
            scripts(&serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}")), &mut commands);
        }
        let ours: Vec<&str> = commands.iter().filter_map(|it| Some(&it[it.find("convoke ci ")?..])).collect();
        let expect =
            ["convoke ci plan \"$MEETINGS\"", "convoke ci apply \"$MEETINGS\"", "convoke ci drift \"$MEETINGS\""];
        assert_eq!(ours, expect, "{host}");
    }
}

/// The steps of the workflow in a shell of the runner's: a plan, its apply, and the snapshot that forks are planned by.
#[test]
fn the_steps_of_the_workflow_plan_apply_and_keep_a_snapshot() {
    let house = crate::support::House::new(convoke::face::sandbox::Options::default());
    fs::remove_file(house.path("convoke.yaml")).unwrap();
    assert_eq!(house.run(&["init", "--ci", "github"]).code, 0);
    let step = |file: &str, job: &str, wanted: &str, variables: &[(&str, &Path)]| -> Run {
        let text = fs::read_to_string(house.path(file)).unwrap();
        let workflow: Value = serde_yaml::from_str(&text).unwrap();
        let steps = workflow["jobs"][job]["steps"].as_array().unwrap();
        let script = steps.iter().filter_map(|it| it["run"].as_str()).find(|it| it.contains(wanted)).unwrap();
        let folder = Path::new(env!("CARGO_BIN_EXE_convoke")).parent().unwrap();
        let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
        let mut bash = Command::new("bash");
        // As a runner starts a step.
        bash.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script])
            .current_dir(house.path("."))
            .env("PATH", path);
        bash.env("CONVOKE_GRAPH_URL", &house.sandbox().url).env("CONVOKE_ACCESS_TOKEN", &house.sandbox().token);
        bash.env("MEETINGS", workflow["env"]["MEETINGS"].as_str().unwrap());
        variables.iter().for_each(|(name, value)| _ = bash.env(name, value));
        run(&mut bash)
    };
    const MAIN: &str = ".github/workflows/convoke.yml";
    let plan = step(MAIN, "plan", "convoke ci plan", &[]);
    assert!(plan.code == 0 && plan.out.contains("2 to create"), "{plan:?}");
    let report = house.json(&["plan"]);
    let id = report["planId"].as_str().unwrap();
    let apply = step(MAIN, "apply", "convoke ci apply", &[("CONVOKE_PLAN_ID", Path::new(id))]);
    assert!(apply.code == 0 && apply.out.contains("2 applied"), "{apply:?}");
    let kept = step(MAIN, "night", "--snapshot-out", &[]);
    assert!(kept.code == 0 && house.path("snapshot/snapshot.json").exists(), "{kept:?}");
    // The fork's job finds what the artifact holds, and no way to anybody.
    let temporary = tempfile::tempdir().unwrap();
    fs::rename(house.path("snapshot"), temporary.path().join("convoke")).unwrap();
    let nowhere = Path::new("http://127.0.0.1:9/v1.0");
    let variables =
        [("RUNNER_TEMP", temporary.path()), ("CONVOKE_GRAPH_URL", nowhere), ("CONVOKE_ACCESS_TOKEN", Path::new(""))];
    let fork = step(".github/workflows/convoke-forks.yml", "plan", "--against", &variables);
    assert!(fork.code == 0 && fork.out.contains("nothing to do"), "{fork:?}");
    let left = fs::read_to_string(temporary.path().join("plan/plan.txt")).unwrap();
    assert!(left.contains("planned against a snapshot of"), "{left}");
}

/// What a fork leaves may hold anything: in the comment it is text, and ends where it is cut.
#[test]
fn what_a_fork_leaves_is_shown_as_text() {
    let house = tempfile::tempdir().unwrap();
    convoke(house.path(), &["init", "--ci", "github"]);
    let text = fs::read_to_string(house.path().join(".github/workflows/convoke-comment.yml")).unwrap();
    let workflow: Value = serde_yaml::from_str(&text).unwrap();
    let steps = workflow["jobs"]["comment"]["steps"].as_array().unwrap();
    assert!(steps.iter().all(|step| step["uses"].is_null()), "nothing is checked out");
    let script = steps.iter().filter_map(|it| it["run"].as_str()).find(|it| it.contains("iconv")).unwrap();
    fs::create_dir_all(house.path().join("plan")).unwrap();
    let hostile = format!(
        "```\n@everyone </td><script>alert(1)</script> \u{1b}[2J $(touch x) `touch x`\n{}",
        "a".repeat(100_000)
    );
    fs::write(house.path().join("plan/plan.txt"), hostile).unwrap();
    fs::create_dir(house.path().join("bin")).unwrap();
    fs::write(house.path().join("bin/gh"), "#!/bin/sh\nprintf '%s\\n' \"$*\" >> \"$RUNNER_TEMP/asked\"\n").unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(house.path().join("bin/gh"), fs::Permissions::from_mode(0o755)).unwrap();
    }
    let path = format!("{}:{}", house.path().join("bin").display(), std::env::var("PATH").unwrap());
    let mut bash = Command::new("bash");
    bash.args(["-eo", "pipefail", "-c", script]).current_dir(house.path()).env("PATH", path);
    let told = run(bash
        .env("RUNNER_TEMP", house.path())
        .env("NUMBER", "7")
        .env("HEAD", "abc")
        .env("GITHUB_REPOSITORY", "o/r"));
    assert_eq!(told.code, 0, "{told:?}");
    let comment = fs::read_to_string(house.path().join("comment.md")).unwrap();
    assert!(
        comment.len() < 65_536 && comment.matches("```").count() == 2 && comment.ends_with("\n```\n"),
        "{}",
        comment.len()
    );
    assert!(!comment.contains('\u{1b}') && !house.path().join("x").exists());
    assert!(fs::read_to_string(house.path().join("asked")).unwrap().contains("POST repos/o/r/issues/7/comments"));
}

/// In a folder of a repository the workflow stands where the host looks for it and names the folder; what convoke keeps there itself
/// is nothing for git, whatever `.gitignore` was there before. Which host it is, the repository's address says.
#[test]
fn a_project_inside_of_a_repository_has_its_workflow_at_the_root() {
    for (folder, remote, file) in [
        ("meetings", "https://github.com/contoso/it", ".github/workflows/convoke.yml"),
        ("teams/it's: a #1", "git@gitlab.com:contoso/it.git", ".gitlab-ci.yml"),
        ("12", "https://dev.azure.com/contoso/it/_git/it", "azure-pipelines.yml"),
    ] {
        let house = tempfile::tempdir().unwrap();
        fs::create_dir(house.path().join(".git")).unwrap();
        fs::write(house.path().join(".git/config"), format!("[remote \"origin\"]\n\turl = {remote}\n")).unwrap();
        fs::create_dir_all(house.path().join(folder)).unwrap();
        fs::write(house.path().join(folder).join(".gitignore"), "target\n").unwrap();
        let made = convoke(house.path(), &["init", folder]);
        let up = "../".repeat(folder.split('/').count());
        assert!(made.code == 0 && made.out.contains(&format!("+ {up}{file}")), "{made:?}");
        assert!(!house.path().join(folder).join(file).exists());
        let workflow: Value = serde_yaml::from_str(&fs::read_to_string(house.path().join(file)).unwrap()).unwrap();
        let named = [&workflow["env"], &workflow["variables"], &workflow[".convoke"]["variables"]];
        let named = named.iter().find_map(|it| it["MEETINGS"].as_str()).unwrap();
        assert_eq!(named.trim_start_matches("./"), folder);
        let applied = convoke(house.path(), &["apply", "--sandbox", "--yes", named]);
        assert_eq!(applied.code, 0, "{applied:?}");
        assert_eq!(fs::read_to_string(house.path().join(folder).join(".convoke/.gitignore")).unwrap(), "*\n");
        assert_eq!(fs::read_to_string(house.path().join(folder).join(".gitignore")).unwrap(), "target\n");
    }
    let house = tempfile::tempdir().unwrap();
    fs::create_dir(house.path().join(".git")).unwrap();
    let made = convoke(house.path(), &["init", "a$b"]);
    assert!(
        made.code == 1 && made.err.contains("dollar sign") && !house.path().join("a$b/convoke.yaml").exists(),
        "{made:?}"
    );
}

#[test]
fn completions_complete_in_a_real_shell() {
    let house = tempfile::tempdir().unwrap();
    assert_eq!(convoke(house.path(), &["init", "."]).code, 0);
    let text = convoke(house.path(), &["completions", "bash"]);
    assert_eq!(text.code, 0, "{text:?}");
    fs::write(house.path().join("convoke.bash"), &text.out).unwrap();
    let bin = Path::new(env!("CARGO_BIN_EXE_convoke")).parent().unwrap();
    for (typed, expect) in [
        ("va", "validate"),
        ("validate --format ''", "human json github sarif"),
        ("plan --only ''", "Event/team-weekly OnlineMeeting/support-room"),
        ("plan --except OnlineMeeting/support-room,Ev", "OnlineMeeting/support-room,Event/team-weekly"),
        ("status ev", "events/"),
        ("state rm On", "OnlineMeeting/support-room"),
        ("schema Wo", "Workspace"),
        ("explain Event.su", "Event.subject"),
        ("explain CVK0301", "CVK0301"),
    ] {
        let script = format!(
            "PATH={}:$PATH; source ./convoke.bash; COMP_WORDS=(convoke {typed}); COMP_CWORD=$((${{#COMP_WORDS[@]}}-1)); \
             COMP_TYPE=9; _clap_complete_convoke convoke \"${{COMP_WORDS[$COMP_CWORD]}}\" ''; echo ${{COMPREPLY[@]}}",
            bin.display()
        );
        let told = run(Command::new("bash").args(["-c", &script]).current_dir(house.path()));
        assert_eq!(words(&told.out), expect, "{typed}: {told:?}");
    }
    for shell in ["zsh", "fish", "powershell", "elvish"] {
        assert!(convoke(house.path(), &["completions", shell]).out.contains("CONVOKE_COMPLETE"), "{shell}");
    }
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_manual_has_a_page_for_each_command() {
    let house = tempfile::tempdir().unwrap();
    let page = convoke(house.path(), &["man"]).out;
    assert!(page.contains(".TH convoke 1") && page.contains("The workspace file"), "{page}");
    let made = convoke(house.path(), &["man", "--out", "man1"]);
    assert_eq!(made.code, 0, "{made:?}");
    for name in ["convoke.1", "convoke-validate.1", "convoke-explain.1"] {
        let page = fs::read_to_string(house.path().join("man1").join(name)).unwrap();
        assert!(page.contains(".SH"), "{name}");
    }
}

#[test]
fn help_fits_a_terminal() {
    let house = tempfile::tempdir().unwrap();
    let overview = convoke(house.path(), &["--help"]).out;
    let commands = overview.split("<COMMAND>\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let names = commands.lines().filter_map(|line| line.strip_prefix("  ")).filter(|line| !line.starts_with(' '));
    let commands = names.filter_map(|line| line.split_whitespace().next()).filter(|it| *it != "help");
    for command in commands.chain([""]) {
        let args: Vec<&str> = [command, "--help"].into_iter().filter(|it| !it.is_empty()).collect();
        let help = convoke(house.path(), &args).out;
        assert!(help.contains("Example"), "{command}: {help}");
        let wide = help.lines().find(|line| line.chars().count() > 80 && !line.starts_with("  convoke "));
        assert!(wide.is_none(), "{command}: {wide:?}");
    }
}
