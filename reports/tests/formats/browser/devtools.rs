//! A headless Chromium, spoken to in its own protocol over two pipes: no port is opened and nothing is installed.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

/// The names under which Chromium is installed.
const NAMES: [&str; 5] =
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chromium-headless-shell"];

/// A browser with one page.
pub(crate) struct Browser {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    session: Option<String>,
    next: u64,
    /// Everything that the page said without being asked.
    pub(crate) events: Vec<Value>,
    profile: tempfile::TempDir,
}

/// Where Chromium is: `PROBITY_CHROMIUM`, or one of its usual names.
fn installed() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("PROBITY_CHROMIUM") {
        return Some(PathBuf::from(named));
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).flat_map(|folder| NAMES.map(|name| folder.join(name))).find(|file| file.is_file())
}

impl Browser {
    /// A browser; nothing where none is installed, which is said.
    #[allow(clippy::print_stdout, reason = "whoever reads the tests must see that it did not run")]
    pub(crate) fn start(test: &str) -> Option<Self> {
        let Some(program) = installed() else {
            println!("SKIPPED {test}: no Chromium is installed");
            return None;
        };
        let profile = tempfile::tempdir().expect("a folder");
        // Chromium reads its third and writes its fourth file; the shell makes them of the first two.
        let mut child = Command::new("sh")
            .args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 >/dev/null"])
            .arg(program)
            .args(["--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--no-first-run"])
            .args(["--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell");
        let (to, from) = (child.stdin.take().expect("a pipe"), BufReader::new(child.stdout.take().expect("a pipe")));
        let mut browser = Self { child, to, from, session: None, next: 0, events: Vec::new(), profile };
        let target = browser.call("Target.createTarget", json!({"url": "about:blank"}));
        let attached = browser.call("Target.attachToTarget", json!({"targetId": target["targetId"], "flatten": true}));
        browser.session = Some(attached["sessionId"].as_str().expect("a session").to_owned());
        for domain in ["Page", "Runtime", "Log", "Network", "Accessibility"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        Some(browser)
    }

    /// Asks, and waits for the answer.
    pub(crate) fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.next += 1;
        let mut message = json!({"id": self.next, "method": method, "params": parameters});
        if let Some(session) = &self.session {
            message["sessionId"] = session.as_str().into();
        }
        let mut bytes = serde_json::to_vec(&message).expect("JSON");
        bytes.push(0);
        self.to.write_all(&bytes).expect("the browser listens");
        loop {
            let message = self.read();
            if message["id"] == self.next {
                assert!(message["error"].is_null(), "{method}: {}", message["error"]);
                return message["result"].clone();
            }
            self.events.push(message);
        }
    }

    fn read(&mut self) -> Value {
        let mut bytes = Vec::new();
        self.from.read_until(0, &mut bytes).expect("the browser speaks");
        assert_eq!(bytes.pop(), Some(0), "the browser is gone");
        serde_json::from_slice(&bytes).expect("JSON")
    }

    /// Opens a page from a file and waits until it is there, laid out.
    pub(crate) fn open(&mut self, page: &str) {
        let file = self.profile.path().join("report.html");
        std::fs::write(&file, page).expect("written");
        self.events.clear();
        self.call("Page.navigate", json!({"url": format!("file://{}", file.display())}));
        self.evaluate(
            "new Promise((done) => {
                const wait = () => location.protocol === 'file:' && document.readyState === 'complete'
                    ? requestAnimationFrame(() => requestAnimationFrame(done)) : setTimeout(wait, 10);
                wait();
            })",
        );
    }

    /// What an expression or a promise comes to.
    pub(crate) fn evaluate(&mut self, expression: &str) -> Value {
        let parameters = json!({"expression": expression, "awaitPromise": true, "returnByValue": true});
        // A page that is being left takes its expressions with it.
        for _ in 0..3 {
            let answer = self.try_evaluate(&parameters);
            if let Some(answer) = answer {
                assert!(answer["exceptionDetails"].is_null(), "{expression}: {}", answer["exceptionDetails"]);
                return answer["result"]["value"].clone();
            }
        }
        panic!("the page does not stay: {expression}");
    }

    fn try_evaluate(&mut self, parameters: &Value) -> Option<Value> {
        self.next += 1;
        let message = json!({
            "id": self.next, "method": "Runtime.evaluate", "params": parameters, "sessionId": self.session,
        });
        let mut bytes = serde_json::to_vec(&message).expect("JSON");
        bytes.push(0);
        self.to.write_all(&bytes).expect("the browser listens");
        loop {
            let message = self.read();
            if message["id"] == self.next {
                return message["error"].is_null().then(|| message["result"].clone());
            }
            self.events.push(message);
        }
    }

    /// The width and height that pages are laid out for.
    pub(crate) fn size(&mut self, width: u32, height: u32, dark: bool) {
        let parameters = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600});
        self.call("Emulation.setDeviceMetricsOverride", parameters);
        let scheme = if dark { "dark" } else { "light" };
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        self.call("Emulation.setEmulatedMedia", json!({"features": features}));
    }

    /// Keeps a picture of what is seen in the folder `PROBITY_SCREENSHOTS`, where it is set.
    pub(crate) fn picture(&mut self, name: &str) {
        let Some(folder) = std::env::var_os("PROBITY_SCREENSHOTS") else { return };
        let answer = self.call("Page.captureScreenshot", json!({"format": "png"}));
        keep(Path::new(&folder), name, &answer);
    }

    /// Prints to A4, and keeps it in the folder `PROBITY_SCREENSHOTS`, where it is set.
    pub(crate) fn print(&mut self, name: &str) -> Vec<u8> {
        let answer = self.call("Page.printToPDF", json!({"preferCSSPageSize": true, "printBackground": true}));
        if let Some(folder) = std::env::var_os("PROBITY_SCREENSHOTS") {
            keep(Path::new(&folder), name, &answer);
        }
        decoded(&answer)
    }
}

fn keep(folder: &Path, name: &str, answer: &Value) {
    std::fs::create_dir_all(folder).expect("a folder");
    std::fs::write(folder.join(name), decoded(answer)).expect("written");
}

fn decoded(answer: &Value) -> Vec<u8> {
    use base64::Engine;
    let data = answer["data"].as_str().expect("data");
    base64::engine::general_purpose::STANDARD.decode(data).expect("base64")
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
