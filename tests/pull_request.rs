//! A pull request that holds nothing but hostile files: it may fail the plan, with words and places, and do nothing else.
//!
//! Each file in `tests/hostile` is one such request; its first line says what is expected: `# refused: WORDS`, offline and at a place
//! in a file; `# failed: WORDS`, with no place or after looking; `# inert: WORDS`, planned, and the words are shown. What is called `sign-in-…` meets a job that holds the secret of an app. What is large, is
//! no text or is no regular file is made in `hostile/made.rs`. `@ROOT@` stands for a folder that is none of the repository's.

#[path = "hostile/made.rs"]
mod made;
#[path = "hostile/stage.rs"]
mod stage;

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use stage::{Expect, Stage};
use std::fs;
use std::path::{Path, PathBuf};

/// The commands whose output a pipeline reads, with the variable that tells which pipeline.
const RUNS: &[(&str, &[&str])] = &[
    ("GITHUB_ACTIONS", &["plan"]),
    ("TF_BUILD", &["plan", "--format", "json"]),
    ("GITLAB_CI", &["validate", "--format", "sarif"]),
];

/// How a pull request looks, and what becomes of it.
pub struct Case {
    pub name: String,
    pub expect: Expect,
    pub lay: Box<dyn Fn(&Stage) + Sync + Send>,
}

/// The pull requests that are one text each.
fn written() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile");
    let files = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
    let mut files: Vec<_> = files.filter(|it| it.extension().is_some_and(|end| end == "yaml")).collect();
    files.sort();
    let case = |file: &PathBuf| {
        let text = fs::read_to_string(file).unwrap();
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let expect =
            Expect::read(text.lines().next().unwrap_or_default()).unwrap_or_else(|| panic!("{name}: says nothing"));
        Case { name, expect, lay: Box::new(move |stage| stage.manifest(&text)) }
    };
    files.iter().map(case).collect()
}

#[test]
fn a_pull_request_of_hostile_files_fails_with_words_and_does_nothing_else() {
    let mut cases = written();
    cases.extend(made::cases());
    assert!(cases.len() >= 60, "{} hostile files", cases.len());
    let tried = |case: &Case| -> Vec<String> {
        let mut stage = Stage::new();
        stage.signs_in = case.name.starts_with("sign-in");
        (case.lay)(&stage);
        let wrong = RUNS.iter().flat_map(|(pipeline, args)| stage.run(pipeline, args, &case.expect));
        wrong.map(|wrong| format!("{}: {wrong}", case.name)).collect()
    };
    let wrong: Vec<String> = cases.par_iter().flat_map_iter(tried).collect();
    assert!(wrong.is_empty(), "{} things are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_workspace_that_is_not_hostile_is_planned_on_the_same_stage() {
    let stage = Stage::new();
    let event = "apiVersion: convoke.dev/v1\nkind: Event\nmetadata: {name: weekly}\nspec: {subject: Weekly, start: 2031-01-07T10:00, duration: 45m}\n";
    stage.manifest(event);
    let wrong = stage.run("GITHUB_ACTIONS", &["plan"], &Expect::Inert("Event/weekly  create".into()));
    assert_eq!(wrong, Vec::<String>::new());
    let wrong = stage.run("GITHUB_ACTIONS", &["plan"], &Expect::Refused("anything".into()));
    assert!(!wrong.is_empty(), "an expectation that is not met is told");
}
