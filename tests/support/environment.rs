//! The Python environments of the tests, one for the emulators and one for the linters of `deploy/`: each made once, pinned by
//! hash, shared by all test processes.
//!
//! They lie in `target/emulator/` of the workspace, in a folder named after the pinned requirements and the
//! interpreter, so that a changed pin or another Python makes a new one. A file lock lets one process install while the
//! others wait.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

/// Interpreters in the order they are tried.
const INTERPRETERS: [&str; 5] = ["python3", "python3.14", "python3.13", "python3.12", "python3.11"];

/// The oldest Python that the pinned packages and the emulator run on.
const OLDEST: (u32, u32) = (3, 11);

/// Where the tests of the workspace lie; the emulator is the Python package `emulator` in there.
pub(super) fn tests_folder() -> PathBuf {
    workspace().join("tests")
}

/// A command that runs a Python module of the tests in the emulators' environment.
///
/// # Panics
/// When Python 3.11 or later is missing or the pinned packages cannot be installed.
pub(crate) fn python(module: &str) -> Command {
    static INTERPRETER: OnceLock<PathBuf> = OnceLock::new();
    let mut command = Command::new(interpreter(&INTERPRETER, "emulator"));
    command.args(["-m", module]).current_dir(tests_folder());
    without_surroundings(command)
}

/// A command of the linters of `deploy/`, run in the workspace.
///
/// # Panics
/// When Python 3.11 or later is missing or the pinned packages cannot be installed.
pub(crate) fn linter(program: &str) -> Command {
    static INTERPRETER: OnceLock<PathBuf> = OnceLock::new();
    let folder = interpreter(&INTERPRETER, "deploy").with_file_name(program);
    let mut command = Command::new(folder);
    command.current_dir(workspace());
    without_surroundings(command)
}

fn interpreter(known: &'static OnceLock<PathBuf>, pins: &str) -> &'static PathBuf {
    known.get_or_init(|| match ensure(pins) {
        Ok(path) => path,
        Err(message) => panic!("{message}"),
    })
}

fn without_surroundings(mut command: Command) -> Command {
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if name.starts_with("AWS_") || name.starts_with("PYTHON") || name.starts_with("MOTO_") {
            command.env_remove(name);
        }
    }
    command.env("PYTHONPYCACHEPREFIX", environments().join("bytecode"));
    command
}

/// The folder of the workspace, as cargo says it or as it was when the tests were built.
fn workspace() -> PathBuf {
    std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from)
}

/// Where environments are kept: `target/emulator`, or beside the build's own files where the workspace is read-only.
fn environments() -> PathBuf {
    let shared = workspace().join("target").join("emulator");
    if fs::create_dir_all(&shared).is_ok() {
        return shared;
    }
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("emulator")
}

/// The interpreter of an environment whose pins stand in a folder of the tests.
fn ensure(pins: &str) -> Result<PathBuf, String> {
    let (interpreter, version) = find_interpreter()?;
    let requirements = tests_folder().join(pins).join("requirements.txt");
    let pinned = fs::read(&requirements).map_err(|error| format!("the pins, {}: {error}", requirements.display()))?;
    let mut hasher = DefaultHasher::new();
    (&pinned, &version).hash(&mut hasher);
    let name = format!("{:016x}", hasher.finish());
    let folder = environments();
    fs::create_dir_all(&folder).map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
    let lock = folder.join(format!("{name}.lock"));
    let lock = File::create(&lock).map_err(|error| format!("cannot open {}: {error}", lock.display()))?;
    lock.lock().map_err(|error| format!("cannot lock the environment of {pins}: {error}"))?;
    let home = folder.join(&name);
    let python = home.join("bin").join("python");
    let installed = home.join("installed");
    if !installed.exists() {
        install(interpreter, &home, &python, &requirements)?;
        fs::write(&installed, version).map_err(|error| format!("cannot write {}: {error}", installed.display()))?;
    }
    Ok(python)
}

fn find_interpreter() -> Result<(&'static str, String), String> {
    let mut seen = Vec::new();
    for name in INTERPRETERS {
        let Ok(output) = Command::new(name).arg("--version").output() else { continue };
        let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        if output.status.success() && parse_version(&version).is_some_and(|version| version >= OLDEST) {
            return Ok((name, version));
        }
        if output.status.success() {
            seen.push(format!("{name} is {version}"));
        }
    }
    let found = if seen.is_empty() { "none was found".to_owned() } else { seen.join(", ") };
    Err(format!(
        "the end-to-end tests need Python {}.{} or later on PATH for the emulated AWS ({found}); install it, or leave these tests out",
        OLDEST.0, OLDEST.1
    ))
}

fn parse_version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.strip_prefix("Python ")?.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

fn install(interpreter: &str, home: &Path, python: &Path, requirements: &Path) -> Result<(), String> {
    if home.exists() {
        fs::remove_dir_all(home).map_err(|error| format!("cannot clear {}: {error}", home.display()))?;
    }
    run(
        "make a virtual environment",
        Command::new(interpreter).args([OsStr::new("-m"), OsStr::new("venv"), home.as_os_str()]),
    )?;
    run(
        "install the pinned packages",
        Command::new(python)
            .args(["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"])
            .args(["--require-hashes", "--only-binary", ":all:", "-r"])
            .arg(requirements),
    )
}

fn run(what: &str, command: &mut Command) -> Result<(), String> {
    let Output { status, stderr, .. } =
        command.stdin(Stdio::null()).output().map_err(|error| format!("cannot {what}: {error}"))?;
    if status.success() {
        return Ok(());
    }
    Err(format!("cannot {what} ({status}):\n{}", String::from_utf8_lossy(&stderr)))
}
