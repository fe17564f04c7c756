//! What stays in the pipeline: the summary of the job, its outputs, and the counts that a merge request of GitLab shows.

use crate::cli::ci::{Part, Told};
use crate::cli::{output, way};
use crate::forge::{Host, Job};
use crate::render::page::Page;
use crate::trouble::Trouble;
use anyhow::{Context, Result};
use serde_json::json;
use std::fs;
use std::io::Write;
use std::path::Path;

/// What a job of GitLab's keeps for the jobs after it (`artifacts: {reports: {dotenv: …}}`).
const DOTENV: &str = "convoke.env";

/// What GitLab shows in a merge request (`artifacts: {reports: {terraform: …}}`).
const COUNTS: &str = "convoke-plan.json";

/// Leaves what came of all workspaces.
pub fn leave(job: &Job, parts: &[Part]) -> Result<()> {
    let told: Vec<&Told> = parts.iter().filter_map(|it| it.told.as_ref()).collect();
    let text: Vec<&str> = told.iter().map(|it| it.text.as_str()).collect();
    let (text, outputs) = (text.join("\n\n"), outputs(&told));
    match job.host {
        Host::GitHub => {
            let lines: String = outputs.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
            append("GITHUB_OUTPUT", &lines)?;
            append("GITHUB_STEP_SUMMARY", &(text + "\n"))
        }
        Host::GitLab => {
            let name = |name: &str| format!("CONVOKE_{}", name.to_uppercase().replace('-', "_"));
            let lines: String = outputs.iter().map(|(it, value)| format!("{}={value}\n", name(it))).collect();
            write(Path::new(DOTENV), &lines)?;
            write(Path::new(COUNTS), &counts(&told).to_string())
        }
        Host::Azure => azure(&outputs, &text),
        Host::Plain => Ok(()),
    }
}

/// What later steps are told: of all workspaces together, and of each where there are several.
fn outputs(told: &[&Told]) -> Vec<(String, String)> {
    let sum = |of: fn(&Told) -> usize| told.iter().map(|it| of(it)).sum::<usize>().to_string();
    let mut all = vec![
        ("changes".to_owned(), sum(changes)),
        ("mails".into(), sum(|it| it.summary.mails.total)),
        ("blocked".into(), sum(|it| it.summary.blocked)),
    ];
    let id = |it: &Told| it.plan_id.clone().unwrap_or_default();
    match told {
        [one] => all.push(("plan-id".into(), id(one))),
        several => {
            for it in several {
                let of = |what: &str| format!("{what}-{}", it.workspace);
                all.push((of("changes"), changes(it).to_string()));
                all.push((of("mails"), it.summary.mails.total.to_string()));
                all.push((of("blocked"), it.summary.blocked.to_string()));
                all.push((of("plan-id"), id(it)));
            }
        }
    }
    all
}

fn changes(told: &Told) -> usize {
    let it = &told.summary;
    it.create + it.update + it.replace + it.cancel + it.adopt
}

/// A replacement is a removal and a creation, as it is there.
fn counts(told: &[&Told]) -> serde_json::Value {
    let sum = |of: fn(&Told) -> usize| told.iter().map(|it| of(it)).sum::<usize>();
    json!({
        "create": sum(|it| it.summary.create + it.summary.replace),
        "update": sum(|it| it.summary.update + it.summary.adopt),
        "delete": sum(|it| it.summary.cancel + it.summary.replace),
    })
}

fn azure(outputs: &[(String, String)], text: &str) -> Result<()> {
    for (name, value) in outputs {
        output::print(&Page::azure("task.setvariable", &[("variable", name), ("isOutput", "true")], value))?;
    }
    let folder = way::env()("AGENT_TEMPDIRECTORY");
    let Some(folder) = folder.filter(|_| !text.is_empty()) else { return Ok(()) };
    // The agent reads it when the step is over.
    let file = tempfile::Builder::new().prefix("convoke-").suffix(".md").tempfile_in(&folder);
    let (mut file, path) = file.and_then(|it| Ok(it.keep()?)).with_context(|| cannot("AGENT_TEMPDIRECTORY"))?;
    file.write_all(text.as_bytes()).with_context(|| cannot("AGENT_TEMPDIRECTORY"))?;
    output::print(&Page::azure("task.uploadsummary", &[], &path.to_string_lossy()))
}

/// Adds to a file that the runner names, if it does.
fn append(variable: &str, text: &str) -> Result<()> {
    let Some(file) = way::env()(variable) else { return Ok(()) };
    let opened = fs::OpenOptions::new().append(true).create(true).open(file);
    opened.and_then(|mut file| file.write_all(text.as_bytes())).with_context(|| cannot(variable))
}

fn write(file: &Path, text: &str) -> Result<()> {
    let cannot = || Trouble::new(format!("cannot write `{}`", file.display()));
    crate::disk::is_there(file).with_context(cannot)?;
    let written = || -> std::io::Result<()> {
        let mut whole = tempfile::NamedTempFile::new_in(".")?;
        whole.write_all(text.as_bytes())?;
        whole.persist(file)?;
        Ok(())
    };
    written().with_context(cannot)
}

fn cannot(variable: &str) -> Trouble {
    Trouble::new(format!("cannot write where {variable} says"))
}
