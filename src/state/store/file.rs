//! A state in a file: written atomically with mode 0600; its lock, and what processes of this machine lock, stand beside it.

use crate::disk;
use crate::reason::Reason;
use crate::state::store::{Alone, Lease, Part, Unsaved, Version};
use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A state larger than this is none of ours: it has room for some hundred thousand records.
const MOST: u64 = 512 << 20;

/// How long somebody else may take to write.
const PATIENCE: Duration = Duration::from_secs(10);

/// The path of a state.
pub struct Place(PathBuf);

impl Place {
    /// Names the file; nothing is touched.
    pub fn new(path: PathBuf) -> Place {
        Place(path)
    }

    /// The path, for messages.
    pub fn name(&self) -> String {
        self.0.display().to_string()
    }

    fn path(&self, part: &Part) -> PathBuf {
        let name = self.0.file_name().unwrap_or_default().to_string_lossy();
        match part {
            Part::Document => self.0.clone(),
            Part::Lock | Part::Entry { .. } => self.0.with_file_name(part.within(&name)),
        }
    }

    /// Named after the whole file: `Cargo.toml` must not lead to `Cargo.lock`.
    fn beside(&self, end: &str) -> PathBuf {
        let mut path = self.0.clone().into_os_string();
        path.push(end);
        path.into()
    }

    /// See `Store::load`.
    pub fn load(&self, part: &Part) -> Result<Option<(Vec<u8>, Version)>> {
        let path = self.path(part);
        if !disk::is_there(&path)? {
            return Ok(None);
        }
        let bytes = disk::read(&path, MOST)?;
        let version = version(&bytes[..])?;
        Ok(Some((bytes, version)))
    }

    /// See `Store::version`.
    pub fn version(&self, part: &Part) -> Result<Option<Version>> {
        let path = self.path(part);
        if !disk::is_there(&path)? {
            return Ok(None);
        }
        Ok(Some(version(disk::open(&path)?.take(MOST))?))
    }

    /// See `Store::save_if`.
    pub fn save_if(&self, part: &Part, bytes: &[u8], before: Option<&Version>) -> Result<Version, Unsaved> {
        let cannot = || {
            let way_out = "make room for it, or let its folder be written to, then apply again: what was made is found";
            Reason::Store.trouble(format!("cannot write the state `{}`", self.name())).hint(way_out)
        };
        let folder = self.make_folder().with_context(cannot)?;
        // Nobody writes between the look and the write.
        let _guard = self.guard().with_context(cannot)?;
        if self.version(part).with_context(cannot)?.as_ref() != before {
            return Err(Unsaved::Moved);
        }
        let written = || -> std::io::Result<()> {
            // A temporary file is made with mode 0600.
            let mut file = tempfile::NamedTempFile::new_in(&folder)?;
            file.write_all(bytes)?;
            file.as_file().sync_all()?;
            match before {
                Some(_) => file.persist(self.path(part))?,
                None => file.persist_noclobber(self.path(part))?,
            };
            Ok(())
        };
        match written() {
            // Somebody else was faster.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(Unsaved::Moved),
            done => Ok(done.and_then(|()| version(bytes)).with_context(cannot)?),
        }
    }

    /// See `Store::remove`.
    pub fn remove(&self, part: &Part) -> Result<()> {
        match fs::remove_file(self.path(part)) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            done => Ok(done?),
        }
    }

    /// See `Store::lease`.
    pub fn lease(&self) -> Result<Lease> {
        self.make_folder()?;
        let kept = disk::is_there(&self.0).and_then(|there| match there {
            true => Ok(for_its_owner(&self.0, 0o600)?),
            false => Ok(()),
        });
        kept.with_context(|| {
            Reason::Store.trouble(format!("cannot use the state `{}`", self.name())).hint("look what it is, and whose")
        })?;
        let path = self.beside(".lock");
        let file = opened(&path)?;
        match file.try_lock() {
            Ok(()) => Ok(Lease::Alone(Alone(file))),
            Err(fs::TryLockError::WouldBlock) => Ok(Lease::Busy),
            Err(fs::TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("cannot lock `{}`", path.display()))
            }
        }
    }

    /// Waits until no other process of this machine writes. It takes a moment, unless one was stopped in the middle of it.
    fn guard(&self) -> Result<File> {
        let path = self.beside(".guard");
        let file = opened(&path)?;
        let from = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(fs::TryLockError::WouldBlock) => {
                    ensure!(from.elapsed() < PATIENCE, "another process writes it and does not come to an end");
                    std::thread::sleep(Duration::from_millis(2));
                }
                Err(fs::TryLockError::Error(error)) => {
                    return Err(error).with_context(|| format!("cannot lock `{}`", path.display()));
                }
            }
        }
    }

    /// Makes the folder where it is not there; what somebody else made for other files as well stays as it is.
    fn make_folder(&self) -> Result<PathBuf> {
        let folder = self.0.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned();
        if !folder.is_dir() || folder.ends_with(OUR_FOLDER) {
            keep_private(&folder)?;
        }
        Ok(folder)
    }
}

/// The folder beside the workspace file where everything of ours is kept.
pub const OUR_FOLDER: &str = ".convoke";

/// Makes a folder where it is not there, and keeps it to its owner and out of git.
///
/// Fails where it belongs to somebody else, who could hold the lock in it for ever.
pub fn keep_private(folder: &Path) -> Result<()> {
    let kept = || -> std::io::Result<()> {
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.recursive(true).create(folder)?;
        for_its_owner(folder, 0o700)?;
        match OpenOptions::new().write(true).create_new(true).open(folder.join(".gitignore")) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
            made => made?.write_all(b"*\n"),
        }
    };
    kept().with_context(|| {
        let cannot = Reason::Store.trouble(format!("cannot keep the folder `{}` to its owner", folder.display()));
        cannot.hint("look whose it is; remove it, or keep the state elsewhere with --state PLACE")
    })
}

fn opened(path: &Path) -> Result<File> {
    open(path).with_context(|| {
        let way_out = "look what it is; if nobody needs it, remove it and run this again";
        Reason::Store.trouble(format!("cannot open the lock `{}`", path.display())).hint(way_out)
    })
}

/// Opens a lock without emptying it and without following a link, which may lead to anything.
fn open(path: &Path) -> Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let gone = |error: &anyhow::Error| {
        error.downcast_ref::<std::io::Error>().is_some_and(|it| it.kind() == ErrorKind::NotFound)
    };
    loop {
        // To make it new never follows a link; what is there already must be a file of its own.
        match options.clone().create_new(true).open(path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            made => return Ok(made?),
        }
        // Whoever cleans up may take it away between two looks.
        match existing(&options, path) {
            Err(error) if gone(&error) => {}
            opened => return opened,
        }
    }
}

fn existing(options: &OpenOptions, path: &Path) -> Result<File> {
    disk::is_there(path)?;
    for_its_owner(path, 0o600)?;
    Ok(options.open(path)?)
}

/// Takes from everybody else what an older version, or another umask, let them have.
#[cfg(unix)]
fn for_its_owner(path: &Path, mode: u32) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    match fs::metadata(path)?.permissions().mode() & 0o777 {
        now if now == mode => Ok(()),
        _ => fs::set_permissions(path, fs::Permissions::from_mode(mode)),
    }
}

#[cfg(not(unix))]
fn for_its_owner(_: &Path, _: u32) -> std::io::Result<()> {
    Ok(())
}

/// Tells versions apart, and needs no more room than it takes to look.
fn version(mut from: impl Read) -> std::io::Result<Version> {
    let (mut digest, mut part) = (Sha256::new(), vec![0; 1 << 16]);
    loop {
        match from.read(&mut part)? {
            0 => return Ok(Version(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())),
            some => digest.update(&part[..some]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_that_is_let_go_of_is_free_although_a_process_that_starts_has_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::new(folder.path().join("state.json"));
        let Lease::Alone(held) = place.lease().unwrap() else { panic!("nobody else is there") };
        let _of_a_child = held.0.try_clone().unwrap();
        assert!(matches!(place.lease().unwrap(), Lease::Busy));
        drop(held);
        assert!(matches!(place.lease().unwrap(), Lease::Alone(_)));
    }

    #[test]
    fn a_lock_empties_nothing_and_follows_no_link() {
        let folder = tempfile::tempdir().unwrap();
        let lock = folder.path().join("Cargo.lock");
        fs::write(&lock, "whole").unwrap();
        let place = Place::new(folder.path().join("Cargo.toml"));
        drop(place.lease().unwrap());
        assert_eq!(fs::read_to_string(&lock).unwrap(), "whole");
        let own = folder.path().join("Cargo.toml.lock");
        fs::write(&own, "kept").unwrap();
        drop(place.lease().unwrap());
        assert_eq!(fs::read_to_string(&own).unwrap(), "kept");
        #[cfg(unix)]
        {
            fs::remove_file(&own).unwrap();
            std::os::unix::fs::symlink(&lock, &own).unwrap();
            let error = format!("{:#}", place.lease().unwrap_err());
            assert!(error.contains("is a link"), "{error}");
        }
    }

    #[test]
    fn what_somebody_else_wrote_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::new(folder.path().join("deep/state.json"));
        let first = place.save_if(&Part::Document, b"one", None).ok().unwrap();
        assert!(matches!(place.save_if(&Part::Document, b"two", None), Err(Unsaved::Moved)));
        fs::write(folder.path().join("deep/state.json"), "other").unwrap();
        assert!(matches!(place.save_if(&Part::Document, b"two", Some(&first)), Err(Unsaved::Moved)));
        assert_eq!(place.load(&Part::Document).unwrap().unwrap().0, b"other");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |name: &str| fs::metadata(folder.path().join(name)).unwrap().permissions().mode() & 0o777;
            fs::remove_file(folder.path().join("deep/state.json")).unwrap();
            place.save_if(&Part::Document, b"two", None).ok().unwrap();
            assert_eq!((mode("deep"), mode("deep/state.json")), (0o700, 0o600));
        }
        assert_eq!(fs::read_to_string(folder.path().join("deep/.gitignore")).unwrap(), "*\n");
    }
}
