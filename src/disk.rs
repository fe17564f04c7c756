//! Files that strangers may have put there: only regular ones of a bounded size are read, and no link leads out of a folder.
//!
//! What is refused is not opened, so that nothing of it can stand in a message. It knows nothing of what is in a file.

use crate::reason::Reason;
use anyhow::{Context, Result, bail};
use std::fs::{self, File, Metadata};
use std::io::{ErrorKind, Read, Write};
use std::path::{Component, Path, PathBuf};
#[cfg(unix)]
use std::sync::LazyLock;

/// Reads a regular file of at most `most` bytes. Links are followed: `keep_inside` says before whether they may be.
///
/// Fails on anything else that has a name: a device has no end, and a pipe waits for somebody to write.
pub fn read(path: &Path, most: u64) -> Result<Vec<u8>> {
    let file = open(path)?;
    let size = file.metadata()?.len().min(most);
    into_room(Vec::with_capacity(size as usize + 1), file, most)
}

/// Opens a regular file to be read, as `read` does.
pub fn open(path: &Path) -> Result<File> {
    regular(&fs::metadata(path)?)?;
    let file = File::open(path)?;
    // Once more of what was opened: the name may have been given to something else.
    regular(&file.metadata()?)?;
    Ok(file)
}

/// Reads what is left of a source, as long as that is at most `most` bytes.
///
/// Fails as reading does, and on more.
pub fn bounded(source: impl Read, most: u64) -> Result<Vec<u8>> {
    into_room(vec![], source, most)
}

fn into_room(mut bytes: Vec<u8>, source: impl Read, most: u64) -> Result<Vec<u8>> {
    source.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        let large = Reason::File.trouble(format!("it is larger than {} MB", most >> 20));
        bail!(large.hint("if it is meant, split it into several files"));
    }
    Ok(bytes)
}

/// Writes a whole file, or nothing of it. What stands there keeps its permissions, and a link leads to the file that is written; a new
/// file has those of any file.
///
/// Fails where somebody took away the right to write there, though the folder has it.
pub fn replace(path: &Path, text: &str) -> Result<()> {
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = target.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let before = fs::metadata(&target).map(|it| it.permissions()).ok();
    if before.as_ref().is_some_and(fs::Permissions::readonly) {
        bail!(Reason::File.trouble("it may only be read").hint("`chmod u+w` lets it be written"));
    }
    let mut whole = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // What the user's mask takes away stays away.
        whole.permissions(fs::Permissions::from_mode(0o644));
    }
    let mut whole = whole.tempfile_in(folder)?;
    whole.write_all(text.as_bytes())?;
    whole.as_file().sync_all()?;
    before.map_or(Ok(()), |it| whole.as_file().set_permissions(it))?;
    whole.persist(target)?;
    Ok(())
}

/// Says whether a file of its own stands there, or nothing yet.
///
/// Fails where it is a link, which may lead to anything, or a special file.
pub fn is_there(path: &Path) -> Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(about) if about.is_symlink() => bail!(Reason::File.trouble("it is a link, and is left alone")),
        Ok(about) => regular(&about).map(|()| true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Refuses a way below `base` (`None`: the current folder) on which a link leads out of the folder it stands in, or into a hidden
/// one: that is where passwords and tokens are kept. What is not there leads nowhere.
///
/// The folders on an absolute way are the machine's own: of it only the end is looked at.
pub fn keep_inside(base: Option<&Path>, way: &Path) -> Result<()> {
    let here = std::env::current_dir().and_then(fs::canonicalize).unwrap_or_default();
    let way = if base.is_none() { way.strip_prefix(&here).unwrap_or(way) } else { way };
    let mut at = base.map(Path::to_owned).unwrap_or_default();
    let count = way.components().count();
    for (place, part) in way.components().enumerate() {
        let folder = if at.as_os_str().is_empty() { PathBuf::from(".") } else { at.clone() };
        at.push(part);
        let counts = matches!(part, Component::Normal(_)) && (way.is_relative() || place + 1 == count);
        if counts && fs::symlink_metadata(&at).is_ok_and(|about| about.is_symlink()) {
            leads_below(&at, &folder)?;
        }
    }
    Ok(())
}

/// Refuses a link that leads out of a folder, or into a hidden one below it.
///
/// Names that begin with two dots are not hidden: Kubernetes keeps the files of a volume behind them.
pub fn leads_below(link: &Path, folder: &Path) -> Result<()> {
    let target = fs::canonicalize(link).context("it is a link that leads nowhere")?;
    let folder = fs::canonicalize(folder)?;
    let hidden = |part: Component| {
        let name = part.as_os_str().to_string_lossy().into_owned();
        name.starts_with('.') && !name.starts_with("..")
    };
    match target.strip_prefix(&folder) {
        Ok(inside) if !inside.components().any(hidden) => Ok(()),
        Ok(_) => bail!(Reason::File.trouble("it is a link into a hidden folder, and is not followed").hint(OWN_FILE)),
        Err(_) => {
            let out = Reason::File
                .trouble(format!("it is a link that leads out of `{}`, and is not followed", shown(&folder)));
            bail!(out.hint(OWN_FILE))
        }
    }
}

/// Says whether a file, a folder or a link belongs to who runs the program; root's own is nobody else's.
#[cfg(unix)]
pub fn is_ours(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    // A file without a name belongs to whoever makes it, on every system.
    static US: LazyLock<Option<u32>> = LazyLock::new(|| Some(tempfile::tempfile().ok()?.metadata().ok()?.uid()));
    let owner = fs::symlink_metadata(path).map(|about| about.uid()).ok();
    owner.is_some() && owner == *US
}

/// Says whether a file, a folder or a link belongs to who runs the program: here that cannot be told.
#[cfg(not(unix))]
pub fn is_ours(_: &Path) -> bool {
    true
}

const OWN_FILE: &str = "put the file itself there, or name the place that the link leads to";

fn shown(folder: &Path) -> String {
    folder.file_name().map_or_else(|| "/".into(), |name| name.to_string_lossy().into_owned())
}

fn regular(about: &Metadata) -> Result<()> {
    match () {
        () if about.is_file() => Ok(()),
        () if about.is_dir() => bail!(Reason::File.trouble("it is a folder, not a file")),
        () => bail!(
            Reason::File
                .trouble("it is a device, a pipe or a socket, not a file")
                .hint("pass `-` to read from standard input")
        ),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn links_stay_below_their_folder_and_out_of_hidden_ones() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["outside", "in/file", "in/sub/file", "in/.git/config", "in/..data/file"] {
            fs::create_dir_all(at(name).parent().unwrap()).unwrap();
            fs::write(at(name), "x").unwrap();
        }
        let links = [
            ("in/same", "file", None),
            ("in/below", "sub/file", None),
            ("in/volume", "..data/file", None),
            ("in/out", "../outside", Some("leads out of `in`")),
            ("in/sub/up", "../file", Some("leads out of `sub`")),
            ("in/environ", "/proc/self/environ", Some("leads out of `in`")),
            ("in/hidden", ".git/config", Some("hidden folder")),
            ("in/nowhere", "gone", Some("leads nowhere")),
            ("in/round", "round", Some("leads nowhere")),
            ("in/folder", "..", Some("leads out of `in`")),
        ];
        for (link, target, expect) in links {
            symlink(target, at(link)).unwrap();
            let said = keep_inside(Some(folder.path()), Path::new(link)).err().map(|it| format!("{it:#}"));
            assert_eq!(said.is_some(), expect.is_some(), "{link}: {said:?}");
            assert!(said.unwrap_or_default().contains(expect.unwrap_or_default()), "{link}");
            // Of an absolute way the end counts.
            assert_eq!(keep_inside(None, &at(link)).is_err(), expect.is_some(), "{link}");
        }
        assert!(keep_inside(Some(folder.path()), Path::new("in/folder/outside")).is_err(), "by a folder on the way");
        assert!(keep_inside(Some(folder.path()), Path::new("in/new/file")).is_ok(), "what is not there yet");
    }

    #[test]
    fn only_regular_files_of_bounded_size_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "1234").unwrap();
        assert_eq!(read(&file, 4).unwrap(), b"1234");
        assert!(read(&file, 3).unwrap_err().to_string().contains("larger than"));
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        for (path, expect) in
            [(&pipe, "pipe"), (&PathBuf::from("/dev/zero"), "device"), (&folder.path().into(), "folder")]
        {
            assert!(format!("{:#}", read(path, 4).unwrap_err()).contains(expect), "{path:?}");
            assert!(is_there(path).is_err(), "{path:?}");
        }
        symlink(&file, folder.path().join("link")).unwrap();
        assert!(is_there(&folder.path().join("link")).unwrap_err().to_string().contains("a link"));
        assert!(is_there(&file).unwrap() && !is_there(&folder.path().join("gone")).unwrap());
    }
}
