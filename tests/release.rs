//! What a release is made of: the archive that the workflow packs, where installers look for it, and the action that takes it.

use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

const TARGET: &str = "x86_64-unknown-linux-musl";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A script that is run as a program.
fn program(place: &Path, text: &str) {
    fs::write(place, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(place, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Packs as the workflow does; a build for tests is large, so that a word to it stands for the program.
fn packed() -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let built = folder.path().join("convoke");
    program(&built, &format!("exec {} \"$@\"", env!("CARGO_BIN_EXE_convoke")));
    let mut archive = Command::new(root().join("scripts/archive"));
    let ended = archive.arg(TARGET).arg(&built).arg(folder.path().join("packed")).output().unwrap();
    assert!(ended.status.success(), "{ended:?}");
    let names: Vec<String> = fs::read_dir(folder.path().join("packed"))
        .unwrap()
        .map(|it| it.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(names.len(), 1, "{names:?}");
    (folder, names[0].clone())
}

#[test]
fn an_archive_is_named_as_installers_look_for_it_and_holds_what_belongs_to_the_program() {
    let (folder, name) = packed();
    let cargo = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let member = |key: &str| {
        let line = cargo.lines().find_map(|line| line.strip_prefix(&format!("{key} = \"")));
        let text = line.unwrap_or_else(|| panic!("no {key}")).trim_end_matches('"');
        let version = env!("CARGO_PKG_VERSION");
        let parts = [("name", "convoke"), ("bin", "convoke"), ("version", version), ("target", TARGET)];
        let rest = [("archive-suffix", ".tar.gz"), ("binary-ext", ""), ("repo", env!("CARGO_PKG_REPOSITORY"))];
        let all = parts.into_iter().chain(rest);
        all.fold(text.to_owned(), |text, (part, value)| text.replace(&format!("{{ {part} }}"), value))
    };
    assert!(member("pkg-url").ends_with(&format!("/releases/download/v{}/{name}", env!("CARGO_PKG_VERSION"))));
    let mut tar = Command::new("tar");
    assert!(
        tar.arg("-xzf").arg(folder.path().join("packed").join(&name)).current_dir(&folder).status().unwrap().success()
    );
    let program = folder.path().join(member("bin-dir"));
    let ended = Command::new(&program).arg("--version").output().unwrap();
    assert!(String::from_utf8_lossy(&ended.stdout).contains(env!("CARGO_PKG_VERSION")), "{ended:?}");
    for file in
        ["LICENSE-MIT", "LICENSE-APACHE", "README.md", "CHANGELOG.md", "man/convoke-plan.1", "completions/convoke.bash"]
    {
        let size = fs::metadata(program.with_file_name(file)).unwrap_or_else(|error| panic!("{file}: {error}")).len();
        assert!(size > 100, "{file}");
    }
}

/// The script of a step, by its name.
fn step(file: &str, jobs: &str, name: &str) -> String {
    let text = fs::read_to_string(root().join(file)).unwrap();
    let all: Value = serde_yaml::from_str(&text).unwrap();
    let steps = all.pointer(jobs).and_then(Value::as_array).unwrap();
    let step = steps.iter().find(|it| it["name"] == name).unwrap_or_else(|| panic!("{file} has no step `{name}`"));
    step["run"].as_str().unwrap().to_owned()
}

fn bash(script: &str, folder: &Path, variables: &[(&str, &str)]) -> Output {
    let mut bash = Command::new("bash");
    let path = format!("{}:{}", folder.join("bin").display(), std::env::var("PATH").unwrap());
    bash.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script]).env("PATH", path);
    bash.current_dir(root()).envs(variables.iter().copied()).output().unwrap()
}

#[test]
fn a_tag_that_is_not_the_version_stops_the_release() {
    let script = step(".github/workflows/release.yml", "/jobs/build/steps", "The tag is the version");
    let right = format!("v{}", env!("CARGO_PKG_VERSION"));
    for (tag, expect) in [(right.as_str(), true), ("v99.0.0", false), ("v0", false)] {
        let ended = bash(&script, root(), &[("GITHUB_REF_NAME", tag)]);
        assert_eq!(ended.status.success(), expect, "{tag}: {ended:?}");
    }
}

#[test]
fn the_action_takes_an_archive_of_a_release_with_its_sum_alone() {
    let (folder, name) = packed();
    let archive = folder.path().join("packed").join(name);
    let script = step("action.yml", "/runs/steps", "Download and check a release");
    fs::create_dir(folder.path().join("bin")).unwrap();
    // What is behind an address, without a network: the last argument but one is where it goes.
    let got = format!("while [ $# -gt 2 ]; do shift; done; cp {} \"$1\"", archive.display());
    program(&folder.path().join("bin/curl"), &got);
    let sum = Command::new("sha256sum").arg(&archive).output().unwrap();
    let sum = String::from_utf8_lossy(&sum.stdout)[..64].to_owned();
    let temp = folder.path().join("temp");
    let path = folder.path().join("path");
    for (sum, expect) in [(sum.as_str(), true), (&"0".repeat(64), false), ("", false)] {
        let _ = fs::remove_dir_all(&temp);
        fs::create_dir(&temp).unwrap();
        let variables = [
            ("URL", "https://releases.example/convoke.tar.gz"),
            ("SHA256", sum),
            ("RUNNER_TEMP", temp.to_str().unwrap()),
            ("GITHUB_PATH", path.to_str().unwrap()),
        ];
        let ended = bash(&script, folder.path(), &variables);
        assert_eq!(ended.status.success(), expect, "{ended:?}");
        let there = temp.join("convoke-bin/convoke");
        assert_eq!(there.exists(), expect, "what has another sum is not left where it could be run");
        if expect {
            let ended = Command::new(there).arg("--version").output().unwrap();
            assert!(ended.status.success(), "{ended:?}");
        }
    }
}
