//! What the repository around a file says of it, held against git itself.

use convoke::face::git::{remote, tracks};
use std::fs;
use std::path::Path;
use std::process::Command;

fn git(folder: &Path, args: &[&str]) {
    let mut command = Command::new("git");
    // A hook that runs the tests has set where its own repository is.
    for name in ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"] {
        command.env_remove(name);
    }
    let author = ["-c", "user.name=A", "-c", "user.email=a@contoso.example"];
    let output = command.current_dir(folder).args(author).args(args).output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn what_git_tracks_is_found_in_every_form_of_its_index() {
    for (format, version) in [("sha1", "2"), ("sha1", "3"), ("sha1", "4"), ("sha256", "4")] {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        git(folder.path(), &["init", "-q", &format!("--object-format={format}"), "main"]);
        let long = format!("in/{}", "long".repeat(60));
        for name in ["a", "in/state.json", "in/state.json.lock", "z", &long] {
            fs::create_dir_all(at("main/in")).unwrap();
            fs::write(at("main").join(name), name).unwrap();
        }
        git(&at("main"), &["add", "a", "in/state.json.lock", "z", &long]);
        git(&at("main"), &["update-index", "--index-version", version]);
        // Flags that only a later version has room for.
        git(&at("main"), &["add", "--intent-to-add", "in/state.json"]);
        let tracked = |name: &str| tracks(&at(name));
        for name in ["main/a", "main/in/state.json", "main/in/../z", &format!("main/{long}")] {
            assert!(tracked(name), "{format} {version}: {name}");
        }
        for name in ["main/in/stat", "main/in", "main/gone/state.json", "main/in/state.json/x", "outside"] {
            assert!(!tracked(name), "{format} {version}: {name}");
        }
        fs::remove_dir_all(at("main/in")).unwrap();
        assert!(tracked("main/in/state.json"), "it comes back with the next write");
        git(&at("main"), &["commit", "-qam", "all"]);
        git(&at("main"), &["worktree", "add", "-q", "../other"]);
        assert!(tracked("other/z") && !tracked("other/y"), "{format} {version}");
        let remote = |name: &str| remote(&at(name));
        assert_eq!(remote("main"), None);
        for (name, url, expect) in [
            ("fork", "https://a.example/fork", "https://a.example/fork"),
            ("other", "https://a.example/other", "https://a.example/fork"),
            ("origin", "git@a.example:origin.git", "git@a.example:origin.git"),
        ] {
            git(&at("main"), &["remote", "add", name, url]);
            for folder in ["main", "main/gone/below", "other"] {
                assert_eq!(remote(folder).as_deref(), Some(expect), "{name} {folder}");
            }
        }
        assert_eq!(remote("outside"), None);
    }
}
