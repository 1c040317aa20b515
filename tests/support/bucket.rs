//! A bucket that keeps what is put into it and gives it back: as much of S3 as a report or a state needs.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What was asked: method, path, and whether it was signed.
pub(crate) type Asked = (String, String, bool);

/// Objects by path, and every request.
#[derive(Default)]
struct Kept {
    objects: BTreeMap<String, Vec<u8>>,
    asked: Vec<Asked>,
}

/// A running server. It serves until the test process ends.
pub(crate) struct Bucket {
    address: String,
    kept: Arc<Mutex<Kept>>,
}

impl Bucket {
    /// Starts it.
    ///
    /// # Panics
    /// When no port can be had.
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let kept = Arc::new(Mutex::new(Kept::default()));
        let shared = Arc::clone(&kept);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                thread::spawn(move || serve(stream, &shared));
            }
        });
        Self { address, kept }
    }

    /// Where it listens.
    pub(crate) fn endpoint(&self) -> &str {
        &self.address
    }

    /// What was put into it, by path.
    pub(crate) fn objects(&self) -> BTreeMap<String, Vec<u8>> {
        self.kept.lock().unwrap().objects.clone()
    }

    /// Puts something into it, as another run would.
    pub(crate) fn put(&self, path: &str, bytes: Vec<u8>) {
        self.kept.lock().unwrap().objects.insert(path.to_owned(), bytes);
    }

    /// Every request.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.kept.lock().unwrap().asked.clone()
    }
}

fn serve(stream: TcpStream, kept: &Mutex<Kept>) {
    let mut to = stream.try_clone().unwrap();
    let mut from = BufReader::new(stream);
    loop {
        let mut head = Vec::new();
        loop {
            let mut line = String::new();
            if from.read_line(&mut line).unwrap_or_default() == 0 {
                return;
            }
            if line.trim().is_empty() {
                break;
            }
            head.push(line.trim().to_owned());
        }
        let header = |name: &str| {
            head.iter().filter_map(|line| line.split_once(':')).find(|(known, _)| known.eq_ignore_ascii_case(name))
        };
        let length = header("content-length").and_then(|(_, value)| value.trim().parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        from.read_exact(&mut body).unwrap();
        let mut words = head[0].split(' ').map(str::to_owned);
        let (method, path) = (words.next().unwrap(), words.next().unwrap());
        let signed = header("authorization").is_some_and(|(_, value)| value.contains("AWS4-HMAC-SHA256"));
        let mut kept = kept.lock().unwrap();
        kept.asked.push((method.clone(), path.clone(), signed));
        let is_new_only = header("if-none-match").is_some();
        let (status, given) = match method.as_str() {
            _ if !signed => ("403 Forbidden", Vec::new()),
            "PUT" if is_new_only && kept.objects.contains_key(&path) => ("412 Precondition Failed", Vec::new()),
            "PUT" => {
                kept.objects.insert(path, body);
                ("200 OK", Vec::new())
            }
            "GET" => match kept.objects.get(&path) {
                Some(found) => ("200 OK", found.clone()),
                None => ("404 Not Found", b"<Error><Code>NoSuchKey</Code></Error>".to_vec()),
            },
            _ => ("403 Forbidden", Vec::new()),
        };
        drop(kept);
        let head = format!(
            "HTTP/1.1 {status}\r\nETag: \"0123456789abcdef\"\r\nLast-Modified: Mon, 02 Nov 2026 08:00:00 GMT\r\n\
             Content-Length: {}\r\n\r\n",
            given.len()
        );
        let answer = [head.into_bytes(), given].concat();
        to.write_all(&answer).unwrap();
    }
}
