//! A PostgreSQL server of its own, on a loopback port, in a folder that goes with it.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Whom the server runs as where the test runs as root, which PostgreSQL refuses: `nobody` of most systems.
#[cfg(unix)]
const NOBODY: u32 = 65_534;
/// How long it may take to answer.
const LIMIT: Duration = Duration::from_secs(60);

/// A server that runs.
pub(crate) struct Server {
    process: Child,
    port: u16,
    _folder: tempfile::TempDir,
}

/// The folder of the programs: that of the newest version that Debian installed, or one on PATH.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let installed = versions.map(|version| version.path().join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = installed.chain(std::env::split_paths(&path)).collect();
    folders.retain(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file());
    folders.into_iter().next()
}

#[cfg(unix)]
fn command(program: &Path) -> Command {
    use std::os::unix::process::CommandExt;
    let mut command = Command::new(program);
    command.current_dir("/").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

#[cfg(unix)]
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0)
}

impl Server {
    /// Starts one. None, with a word on standard error, where none is installed.
    #[cfg(unix)]
    pub(crate) fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            eprintln!("SKIPPED for PostgreSQL: no initdb and postgres in /usr/lib/postgresql or on PATH");
            return None;
        };
        let folder = tempfile::tempdir().expect("a folder");
        if is_root() {
            std::os::unix::fs::chown(folder.path(), Some(NOBODY), Some(NOBODY)).expect("a folder for nobody");
        }
        let data = folder.path().join("data");
        let made = command(&programs.join("initdb"))
            .args(["--auth=trust", "--username=audit", "--encoding=UTF8", "--locale=C", "--no-sync", "-D"])
            .arg(&data)
            .status()
            .expect("initdb runs");
        assert!(made.success(), "initdb failed");
        let port = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
        let process = command(&programs.join("postgres"))
            .arg("-D")
            .arg(&data)
            .args(["-h", "127.0.0.1", "-p", &port.to_string(), "-c", "fsync=off", "-k"])
            .arg(folder.path())
            .spawn()
            .expect("postgres runs");
        let server = Self { process, port, _folder: folder };
        let began = Instant::now();
        loop {
            let place = probity_history::Place::new(&server.url());
            match crate::wait(probity_history::History::open(&place)) {
                Ok(history) => {
                    crate::wait(history.close()).expect("closed");
                    return Some(server);
                }
                Err(error) => assert!(began.elapsed() < LIMIT, "PostgreSQL does not answer: {error}"),
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// PostgreSQL is tested where a server can be started without privileges.
    #[cfg(not(unix))]
    pub(crate) fn start() -> Option<Self> {
        eprintln!("SKIPPED for PostgreSQL: not on this system");
        None
    }

    /// Where it is.
    pub(crate) fn url(&self) -> String {
        format!("postgres://audit@127.0.0.1:{}/postgres?sslmode=disable", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
