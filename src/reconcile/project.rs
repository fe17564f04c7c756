//! The manifests, and the workspace that governs them.

use crate::disk;
use crate::kind::workspace::{Pins, is_address};
use crate::manifest::files::{Gathered, Source};
use crate::manifest::{self, Manifests, Owner, files};
use crate::model::Desired;
use crate::plan::saved::Saved;
use crate::problem::{Problem, cut};
use crate::reason::Reason;
use crate::trouble::Trouble;
use anyhow::{Context, Result, bail};
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
    /// What is given from outside of the files.
    pub given: Given,
}

/// What is given from outside of the files, and goes before what stands in them.
#[derive(Clone, Default)]
pub struct Given {
    /// The workspace file.
    pub workspace: Option<PathBuf>,
    /// Where the state is, a file anywhere or an address.
    pub state: Option<PathBuf>,
    /// What the environment pins.
    pub pins: Pins,
    /// What stands in the documents is kept, for a plan that is saved.
    pub keep: bool,
    /// A set may make nothing.
    pub allow_empty: bool,
    /// Nothing is asked but what is wrong, so that of the resources only names and notes are kept.
    pub check: bool,
}

impl Project {
    /// Reads the manifests that the paths name, or those around the current folder, and finds their workspace: the file that is
    /// named, one of the documents, or `convoke.yaml` in a folder above. Problems stand in `manifests`, among them what is not as it is pinned.
    ///
    /// Fails on what cannot be read, and on a named workspace file that is none.
    pub fn read(paths: &[PathBuf], given: Given) -> Result<Project> {
        if paths.is_empty() && given.workspace.is_none() {
            return Project::around_here(given);
        }
        let beside = given.workspace.as_deref().and_then(Path::parent).filter(|it| !it.as_os_str().is_empty());
        let beside = [beside.unwrap_or(Path::new(".")).to_owned()];
        let paths = if paths.is_empty() { &beside[..] } else { paths };
        let gathered = files::gather(paths)?;
        if let Some(folder) = gathered.empty.first() {
            bail!(no_manifest(folder));
        }
        Project::of(paths, gathered, given)
    }

    /// Reads the manifests of the current folder; where it holds none, as with git, those of the workspace that governs it.
    fn around_here(given: Given) -> Result<Project> {
        let here = [PathBuf::from(".")];
        let project = Project::of(&here, files::gather(&here)?, given.clone())?;
        let Manifests { documents: 0, problems, .. } = &project.manifests else { return Ok(project) };
        if !problems.is_empty() {
            return Ok(project);
        }
        let owner = project.workspace.as_ref().ok_or_else(|| no_manifest("."))?;
        let above = [from_here(Path::new(&owner.file))?];
        Project::of(&above, files::gather(&above)?, given)
    }

    fn of(paths: &[PathBuf], gathered: Gathered, given: Given) -> Result<Project> {
        let Gathered { sources, linked, ignored, empty: _ } = gathered;
        let outside = match given.workspace.as_deref() {
            Some(file) => Some(workspace_in(file, &given.pins)?),
            None => {
                let read = sources.iter().filter_map(|it| std::fs::canonicalize(&it.file).ok()).collect();
                workspace_above(paths, &read).map(|file| workspace_in(&file, &given.pins)).transpose()?
            }
        };
        let (outside, text) = outside.unzip();
        let read = match () {
            () if given.check => manifest::check,
            () if given.keep => manifest::read_keeping,
            () => manifest::read_pinned,
        };
        let manifests = read(sources, outside.clone(), &given.pins);
        let mut manifests = Manifests { linked, ignored, ..manifests };
        if given.allow_empty {
            manifests.problems.retain(|it| it.reason != Reason::EmptySet);
        }
        let whole = manifests.workspace.is_some();
        if let (false, Some(owner), Some(text)) = (whole, &outside, text) {
            let text = (!owner.problems.is_empty()).then(|| (owner.file.clone(), text));
            manifests.add(owner.problems.clone(), text);
        }
        let workspace = manifests.workspace.clone().or(outside);
        let mut project = Project { manifests, workspace, whole, given };
        project.keep_state_inside();
        Ok(project)
    }

    /// Reads documents that stand in no files; the names of the sources are used in messages, and the folder of the workspace's to keep
    /// what is kept beside it. Problems stand in `manifests`.
    pub fn of_sources(sources: Vec<Source>, given: Given) -> Project {
        let manifests = manifest::read_pinned(sources, None, &given.pins);
        let (whole, workspace) = (manifests.workspace.is_some(), manifests.workspace.clone());
        let mut project = Project { manifests, workspace, whole, given };
        project.keep_state_inside();
        project
    }

    /// Reads what a saved plan is about, in the workspace file that is named, or the one in or above the current folder. Its manifests
    /// are held against the same schemas, rules and pins as any, with the defaults that they had.
    ///
    /// Fails where there is no workspace, where the plan is another one's, and on manifests that do not stand.
    pub fn of_saved(saved: &Saved, given: Given) -> Result<Project> {
        let file = given.workspace.clone().or_else(|| files::workspace_above(Path::new(".")));
        let file = file.ok_or_else(|| {
            Reason::NoWorkspace
                .trouble("no workspace: there is no convoke.yaml in this folder or above it")
                .hint("pass it with --workspace FILE")
        })?;
        let (owner, text) = workspace_in(&file, &given.pins)?;
        saved.is_of(&owner.name)?;
        let mut with_defaults = owner.clone();
        with_defaults.spec.defaults = saved.defaults.clone();
        let source = Source { file: "the saved plan".into(), text: saved.manifests().into_bytes(), found: false };
        let mut manifests = manifest::read_pinned(vec![source], Some(with_defaults), &given.pins);
        if let Some(Problem { message, hint, .. }) = manifests.problems.first() {
            let wrong =
                Reason::NotASavedPlan.trouble(format!("a manifest in the saved plan does not stand: {message}"));
            bail!(wrong.hint(hint.clone().unwrap_or_else(|| "plan again".into())));
        }
        saved.is_about(&manifests.desired)?;
        for want in &mut manifests.desired {
            want.spec.through = saved.rosters.get(&want.key).cloned().unwrap_or_default();
        }
        manifests.add(owner.problems.clone(), Some((owner.file.clone(), text)));
        let mut project = Project { manifests, workspace: Some(owner), whole: false, given };
        project.keep_state_inside();
        Ok(project)
    }

    /// Refuses a state that a link leads to out of the workspace's folder; what its path says alone is refused already.
    fn keep_state_inside(&mut self) {
        let (Ok(folder), Some(owner)) = (self.folder(), &mut self.workspace) else { return };
        if self.given.state.is_some() || !owner.problems.is_empty() || is_address(&owner.spec.state) {
            return;
        }
        if let Err(away) = own_file(&folder, &owner.spec.state) {
            let message =
                format!("the state cannot be kept in `{}`: {}", cut(&owner.spec.state), Trouble::of(&away).what);
            let hint = "name a file of its own below the folder of the workspace file, or remove what stands there";
            let problems = vec![Problem::new(Reason::Pinned, owner.state_at.clone(), message).hint(hint)];
            owner.problems.extend(problems.iter().cloned());
            self.manifests.add(problems, None);
        }
    }

    /// Returns the resources that the manifests declare.
    pub fn desired(&self) -> &[Desired] {
        &self.manifests.desired
    }

    /// Returns the workspace, which everything needs that asks Graph. Fails where there is none.
    pub fn owner(&self) -> Result<&Owner> {
        self.workspace.as_ref().ok_or_else(|| {
            let none = match self.manifests.problems.is_empty() {
                false => Reason::NoWorkspace
                    .trouble("no workspace that can be used: something is wrong with the manifests")
                    .hint("`convoke validate` says what"),
                true => Reason::NoWorkspace
                    .trouble("no workspace: none of the documents is of `kind: Workspace`, and there is no convoke.yaml beside or above them")
                    .hint(
                        "add one, or pass it with --workspace FILE: it is looked for up to the root of the repository, and one that \
                         belongs to another user is not taken",
                    ),
            };
            none.into()
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

    /// Returns the path of a file that we keep beside the workspace file.
    ///
    /// Fails where there is no workspace, and where something stands there that is not a file of its own.
    pub fn own_file(&self, name: &str) -> Result<PathBuf> {
        own_file(&self.folder()?, name).with_context(|| {
            let cannot = Reason::NoWorkspace.trouble(format!("cannot use `{name}`"));
            cannot.hint("remove it: what convoke keeps there is made anew")
        })
    }
}

/// The path of a file that is one of its own, or not there yet, and that no link leads to out of `folder`.
fn own_file(folder: &Path, name: &str) -> Result<PathBuf> {
    let path = folder.join(name);
    disk::is_there(&path)?;
    disk::keep_inside(Some(folder), Path::new(name))?;
    Ok(path)
}

/// What is said where a folder that was named holds no manifest.
pub fn no_manifest(folder: &str) -> Trouble {
    Reason::File.trouble(format!("no `*.yaml` or `*.yml` file in `{folder}`"))
}

/// The folder of a file above the current one, as a person would type it.
fn from_here(file: &Path) -> Result<PathBuf> {
    let here = std::fs::canonicalize(".").context("cannot tell the current folder")?;
    let folder = file.parent().unwrap_or(file);
    let steps = here.strip_prefix(folder).map(|way| way.components().count());
    Ok(match steps {
        Ok(0) => ".".into(),
        Ok(steps) => [".."].repeat(steps).iter().collect(),
        Err(_) => folder.to_owned(),
    })
}

/// The workspace file above the first path, if it is none of those that were read.
fn workspace_above(paths: &[PathBuf], read: &BTreeSet<PathBuf>) -> Option<PathBuf> {
    let start = paths.iter().find(|path| *path != Path::new("-"));
    let start = start.map_or(Path::new("."), |path| if path.is_dir() { path } else { path.parent().unwrap_or(path) });
    let start = if start.as_os_str().is_empty() { Path::new(".") } else { start };
    files::workspace_above(start).filter(|file| !read.contains(file))
}

/// The workspace of a file, and its text.
fn workspace_in(file: &Path, pins: &Pins) -> Result<(Owner, String)> {
    let mut manifests = manifest::read_pinned(vec![files::read(file)?], None, pins);
    let owner = manifests.workspace.ok_or_else(|| {
        let file = file.display();
        let none = Reason::NoWorkspace.trouble(format!("`{file}` has no usable `kind: Workspace`"));
        none.hint(format!("`convoke validate {file}` says why"))
    })?;
    let text = manifests.texts.remove(&owner.file).unwrap_or_default();
    Ok((owner, text))
}
