//! `init` and what surrounds it: a project that works at once, completions, the manual.

mod support;

use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;
use support::{Run, program, run};

fn convoke(folder: &Path, args: &[&str]) -> Run {
    run(program(folder).args(args))
}

#[test]
fn a_new_project_validates_plans_and_applies_on_the_twin() {
    let house = tempfile::tempdir().unwrap();
    let made = convoke(house.path(), &["init", "Contoso Meetings"]);
    assert_eq!(made.code, 0, "{made:?}");
    assert_eq!(made.out.lines().filter(|line| line.starts_with("+ ")).count(), 6, "{made:?}");
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
    assert_eq!(new, if cfg!(unix) { 4 } else { 5 });
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

#[test]
fn the_workflow_runs_commands_that_there_are() {
    let house = tempfile::tempdir().unwrap();
    convoke(house.path(), &["init"]);
    let workflow = fs::read_to_string(house.path().join(".github/workflows/convoke.yml")).unwrap();
    let commands: Vec<&str> =
        workflow.lines().filter_map(|line| line.trim_start().strip_prefix("run: convoke ")).collect();
    assert_eq!(commands.len(), 3);
    for command in commands {
        let mut args: Vec<&str> = command.split_whitespace().collect();
        if args[0] != "validate" {
            args.push("--sandbox");
        }
        let ended = convoke(house.path(), &args);
        assert_eq!(ended.code, 0, "{command}: {ended:?}");
    }
}

/// In a folder of a repository the workflow stands where the host looks for it, and its commands name the folder; what convoke keeps
/// there itself is nothing for git, whatever `.gitignore` was there before.
#[test]
fn a_project_inside_of_a_repository_has_its_workflow_at_the_root() {
    for (folder, last) in [("meetings", "meetings"), ("teams/it's: a #1", "'./teams/it'\\''s: a #1'")] {
        let house = tempfile::tempdir().unwrap();
        fs::create_dir(house.path().join(".git")).unwrap();
        fs::create_dir_all(house.path().join(folder)).unwrap();
        fs::write(house.path().join(folder).join(".gitignore"), "target\n").unwrap();
        let made = convoke(house.path(), &["init", folder]);
        let up = "../".repeat(folder.split('/').count());
        assert!(made.code == 0 && made.out.contains(&format!("+ {up}.github/workflows/convoke.yml")), "{made:?}");
        assert!(!house.path().join(folder).join(".github").exists());
        let text = fs::read_to_string(house.path().join(".github/workflows/convoke.yml")).unwrap();
        let workflow: Value = serde_yaml::from_str(&text).unwrap();
        let steps = workflow["jobs"]["meetings"]["steps"].as_array().unwrap();
        let commands: Vec<&str> = steps.iter().filter_map(|step| step["run"].as_str()).collect();
        assert_eq!(commands.len(), 3, "{text}");
        for command in commands {
            assert!(command.starts_with("convoke ") && command.ends_with(&format!(" {last}")), "{command}");
        }
        let words = run(Command::new("sh").args(["-c", &format!("printf %s {last}")]));
        assert_eq!(words.out.trim_start_matches("./"), folder);
        let applied = convoke(house.path(), &["apply", "--sandbox", "--yes", folder]);
        assert_eq!(applied.code, 0, "{applied:?}");
        assert_eq!(fs::read_to_string(house.path().join(folder).join(".convoke/.gitignore")).unwrap(), "*\n");
        assert_eq!(fs::read_to_string(house.path().join(folder).join(".gitignore")).unwrap(), "target\n");
    }
}

#[test]
fn completions_complete_in_a_real_shell() {
    let house = tempfile::tempdir().unwrap();
    let text = convoke(house.path(), &["completions", "bash"]);
    assert_eq!(text.code, 0, "{text:?}");
    fs::write(house.path().join("convoke.bash"), &text.out).unwrap();
    let script = "source ./convoke.bash; COMP_WORDS=(convoke va); COMP_CWORD=1; _convoke convoke va convoke; \
                  echo \"${COMPREPLY[@]}\"; COMP_WORDS=(convoke validate --format ''); COMP_CWORD=3; \
                  _convoke convoke '' --format; echo \"${COMPREPLY[@]}\"";
    let told = run(Command::new("bash").args(["-c", script]).current_dir(house.path()));
    assert_eq!(told.out, "validate\nhuman json github sarif\n", "{told:?}");
    for shell in ["zsh", "fish", "powershell", "elvish"] {
        assert!(convoke(house.path(), &["completions", shell]).out.contains("validate"), "{shell}");
    }
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
    let commands = overview.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
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
