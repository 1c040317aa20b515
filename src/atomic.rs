//! Files that appear whole or not at all, and that only their owner may read (mode 0600).

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// How files begin that are being written.
pub(crate) const PREFIX: &str = ".probity-";

/// Writes a file beside its final place and moves it there when it is complete and on disk.
///
/// A device or a pipe, such as `/dev/stdout`, is written to directly: it cannot be replaced.
pub(crate) fn write(file: &Path, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    if std::fs::metadata(file).is_ok_and(|existing| !existing.is_file() && !existing.is_dir()) {
        let mut to = BufWriter::new(File::options().write(true).open(file)?);
        fill(&mut to)?;
        return to.flush();
    }
    if file.is_dir() {
        return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a directory"));
    }
    let mut to = BufWriter::new(tempfile::Builder::new().prefix(PREFIX).tempfile_in(folder(file))?);
    fill(&mut to)?;
    let temporary = to.into_inner().map_err(|error| error.into_error())?;
    temporary.as_file().sync_all()?;
    temporary.persist(file).map_err(|error| error.error)?;
    Ok(())
}

/// Whether a file could be written now. Asked before a long run, so that a mistyped folder is not found out at its end.
pub(crate) fn can_write(file: &Path) -> io::Result<()> {
    match std::fs::metadata(file) {
        Ok(existing) if existing.is_dir() => Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a directory")),
        Ok(existing) if !existing.is_file() => File::options().write(true).open(file).map(|_| ()),
        _ => tempfile::Builder::new().prefix(PREFIX).tempfile_in(folder(file)).map(|_| ()),
    }
}

/// A folder that only its owner may enter, with those above it that are not there.
pub(crate) fn create_private(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn folder(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_read() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("report.csv");
        fs::write(&file, "an older report that everyone may read").expect("written");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("set");
        write(&file, |to| to.write_all(b"new")).expect("written");
        assert_eq!(fs::metadata(&file).expect("a file").permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read(&file).expect("read"), b"new");
    }

    #[test]
    fn a_failure_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("report.csv");
        fs::write(&file, "old").expect("written");
        let failed = write(&file, |to| {
            to.write_all(b"half")?;
            Err(io::Error::other("the disk is full"))
        });
        assert!(failed.is_err());
        assert_eq!(fs::read(&file).expect("read"), b"old");
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }
}
