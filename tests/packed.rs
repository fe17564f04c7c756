//! What is published as a package: all that a build and a reader need, no test data, nothing large. `scripts/package` builds it outside.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

/// The first folder or the name of all that may be packed.
const PACKED: &[&str] = &[
    ".cargo_vcs_info.json",
    "CHANGELOG.md",
    "CODE_OF_CONDUCT.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "Cargo.toml.orig",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "SECURITY.md",
    "build.rs",
    "docs",
    "examples",
    "schemas",
    "src",
];

/// No file is larger, and all together are not ten times that.
const MOST: u64 = 1_000_000;

fn packed() -> Vec<String> {
    let mut cargo = Command::new(env!("CARGO"));
    let ended = cargo.args(["package", "--list", "--locked", "--offline", "--allow-dirty"]);
    let ended = ended.current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("cargo runs");
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    String::from_utf8(ended.stdout).expect("names are text").lines().map(|line| line.replace('\\', "/")).collect()
}

#[test]
fn the_package_has_what_a_build_and_a_reader_need_and_no_test_data() {
    let files = packed();
    let found: BTreeSet<&str> = files.iter().filter_map(|file| file.split('/').next()).collect();
    // Outside of a clone there is no commit to tell.
    let expect: BTreeSet<&str> =
        PACKED.iter().copied().filter(|it| *it != ".cargo_vcs_info.json" || found.contains(it)).collect();
    assert_eq!(found, expect);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sizes = files.iter().filter_map(|file| Some((file, fs::metadata(root.join(file)).ok()?.len())));
    let sizes: Vec<_> = sizes.collect();
    assert!(sizes.iter().all(|(_, size)| *size < MOST), "{sizes:?}");
    assert!(sizes.iter().map(|(_, size)| size).sum::<u64>() < 10 * MOST);
    assert!(!files.iter().any(|file| file.contains(".convoke/")), "the state of somebody who tried it out");
}

#[test]
fn what_the_package_says_of_itself_is_so() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = |file: &str| fs::read_to_string(root.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    assert_eq!(env!("CARGO_PKG_LICENSE"), "MIT OR Apache-2.0");
    assert!(text("LICENSE-MIT").contains("THE SOFTWARE IS PROVIDED \"AS IS\""));
    assert!(text("LICENSE-APACHE").contains("END OF TERMS AND CONDITIONS"));
    let readme = text(env!("CARGO_PKG_README"));
    assert!(readme.contains(env!("CARGO_PKG_RUST_VERSION")), "the README names the oldest toolchain");
    let version = env!("CARGO_PKG_VERSION");
    let changelog = text("CHANGELOG.md");
    assert!(changelog.contains("## [Unreleased]") || changelog.contains(&format!("## [{version}]")));
}

#[test]
fn images_have_the_version_of_the_program_wherever_they_are_named() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let walks = ["deploy", "docs", "Containerfile"].map(|name| ignore::Walk::new(root.join(name)));
    let files = walks.into_iter().flatten().map(|entry| entry.unwrap().into_path()).filter(|path| path.is_file());
    let tags: Vec<String> = files.flat_map(|file| tags(&fs::read_to_string(file).unwrap())).collect();
    assert!(tags.len() >= 8 && tags.iter().all(|tag| tag == env!("CARGO_PKG_VERSION")), "{tags:?}");
    let operator = fs::read_to_string(root.join("operator/Cargo.toml")).unwrap();
    assert!(operator.contains(concat!("\nversion = \"", env!("CARGO_PKG_VERSION"), "\"\n")), "the operator's own");
}

/// The tags of our images in a text.
fn tags(text: &str) -> Vec<String> {
    let after = ["newTag: ", "convoke:", "convoke-operator:"].into_iter().flat_map(|name| text.split(name).skip(1));
    let tags =
        after.map(|rest| rest.chars().take_while(|it| it.is_ascii_alphanumeric() || ".-".contains(*it)).collect());
    tags.filter(|tag: &String| tag.starts_with(|first: char| first.is_ascii_digit())).collect()
}
