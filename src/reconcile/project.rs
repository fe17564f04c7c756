//! The manifests, and the workspace that governs them.

use crate::manifest::{self, Manifests, Owner, files};
use crate::model::Desired;
use crate::state::store::Store;
use crate::trouble::Trouble;
use anyhow::{Result, bail};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What was read of a project.
pub struct Project {
    /// What stands in the files that were read.
    pub manifests: Manifests,
    /// The workspace, wherever it stands.
    pub workspace: Option<Owner>,
    /// Whether the workspace stands in one of the files that were read, so that they are all there is.
    pub whole: bool,
}

impl Project {
    /// Reads the manifests that the paths name and finds their workspace: the file that is named, one of the documents, or
    /// `convoke.yaml` in a folder above. Problems stand in `manifests`.
    ///
    /// Fails on what cannot be read, and on a named workspace file that is none.
    pub fn read(paths: &[PathBuf], workspace: Option<&Path>) -> Result<Project> {
        let default = workspace.and_then(Path::parent).filter(|it| !it.as_os_str().is_empty());
        let default = [default.unwrap_or(Path::new(".")).to_owned()];
        let paths = if paths.is_empty() { &default[..] } else { paths };
        let sources = files::gather(paths)?;
        let outside = match workspace {
            Some(file) => Some(workspace_in(file)?),
            None => {
                let read = sources.iter().filter_map(|it| std::fs::canonicalize(&it.file).ok()).collect();
                workspace_above(paths, &read).map(|file| workspace_in(&file)).transpose()?
            }
        };
        let manifests = manifest::read(sources, outside.clone());
        let whole = manifests.workspace.is_some();
        let workspace = manifests.workspace.clone().or(outside);
        Ok(Project { manifests, workspace, whole })
    }

    /// Returns the resources that the manifests declare.
    pub fn desired(&self) -> &[Desired] {
        &self.manifests.desired
    }

    /// Returns the workspace, which everything needs that asks Graph. Fails where there is none.
    pub fn owner(&self) -> Result<&Owner> {
        self.workspace.as_ref().ok_or_else(|| {
            Trouble::new("no workspace: none of the documents is of `kind: Workspace`, and there is no convoke.yaml beside or above them")
                .hint("add one, or pass it with --workspace FILE")
                .into()
        })
    }

    /// Returns the folder of the workspace file. Fails where there is no workspace.
    pub fn folder(&self) -> Result<PathBuf> {
        let file = Path::new(&self.owner()?.file);
        Ok(match file.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.into(),
            Some(_) | None => ".".into(),
        })
    }

    /// Returns where the state is kept; that of the sandbox is a file of its own, so that trying out never touches what is real.
    ///
    /// Fails where there is no workspace, and on a place of a sort that is not there yet.
    pub fn store(&self, sandbox: bool) -> Result<Store> {
        let path = if sandbox { ".convoke/sandbox-state.json" } else { self.owner()?.spec.state.as_str() };
        if path.contains("://") {
            let none = Trouble::new(format!("state in an object store is not there yet: `{path}`"));
            bail!(none.hint("name a file, such as .convoke/state.json"));
        }
        Ok(Store::file(self.folder()?.join(path)))
    }
}

/// The workspace file above the first path, if it is none of those that were read.
fn workspace_above(paths: &[PathBuf], read: &BTreeSet<PathBuf>) -> Option<PathBuf> {
    let start = paths.iter().find(|path| *path != Path::new("-"));
    let start = start.map_or(Path::new("."), |path| if path.is_dir() { path } else { path.parent().unwrap_or(path) });
    let start = if start.as_os_str().is_empty() { Path::new(".") } else { start };
    files::workspace_above(start).filter(|file| !read.contains(file))
}

fn workspace_in(file: &Path) -> Result<Owner> {
    let manifests = manifest::read(vec![files::read(file)?], None);
    manifests.workspace.ok_or_else(|| {
        let file = file.display();
        let none = Trouble::new(format!("`{file}` has no usable `kind: Workspace`"));
        none.hint(format!("`convoke validate {file}` says why")).into()
    })
}
