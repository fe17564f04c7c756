//! `expand`: what sets make, and what names rosters and days off, as manifests that could stand in the place of all of these.

use crate::cli::common::{Common, Manifests};
use crate::cli::output::{self, print};
use crate::cli::{FAILED, validate};
use crate::manifest::yaml;
use crate::reconcile::Given;
use crate::redact::{self, Known};
use crate::render::page::Page;
use anyhow::Result;
use clap::Args;
use std::collections::BTreeSet;

/// Flags of `expand`.
#[derive(Args)]
pub struct Flags {
    #[command(flatten)]
    manifests: Manifests,
}

/// Prints a document for each resource that a set makes, or that names rosters or days off. Nothing is asked of Graph.
pub fn run(flags: &Flags, common: &Common) -> Result<u8> {
    let Manifests { paths, all } = &flags.manifests;
    let project = common.project_as(paths, Given { keep: true, ..common.given()? })?;
    if validate::refused(&project, *all) {
        return Ok(FAILED);
    }
    let written_out = BTreeSet::from_iter(&project.manifests.written_out);
    let kept = written_out.into_iter().filter_map(|key| project.manifests.kept.as_ref()?.get(key));
    let documents: Vec<String> = kept.map(yaml::written).collect();
    if documents.is_empty() {
        output::aside(&Page::line("no set among these manifests, and nothing that names a roster or days off"));
        return Ok(0);
    }
    let text = documents.join("---\n");
    print(&redact::hide(&text, &Known::default()).lines().map(Page::line).sum())?;
    Ok(0)
}
