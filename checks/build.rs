//! Writes the list of checks and of frameworks.
//!
//! A check is one file in the folder of its family. The modules are taken in by `automod`; this only writes the sorted list
//! of them, and lifts the `//!` header of each into the registry, so that rustdoc, `probity explain` and every report tell
//! the same. The build fails when a header lacks a section.

use std::path::Path;
use std::{env, fs};

#[path = "build/frameworks.rs"]
mod frameworks;
#[path = "build/header.rs"]
mod header;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = env::var("CARGO_MANIFEST_DIR")?;
    let out = env::var("OUT_DIR")?;
    println!("cargo:rerun-if-changed=src");
    println!("cargo:rerun-if-changed=frameworks");
    println!("cargo:rerun-if-changed=build");
    let checks = header::checks(&Path::new(&root).join("src"))?;
    fs::write(Path::new(&out).join("registry.rs"), header::registry(&checks))?;
    let ids: Vec<String> = checks.iter().map(|check| check.id()).collect();
    let frameworks = frameworks::read(&Path::new(&root).join("frameworks"), &ids)?;
    fs::write(Path::new(&out).join("frameworks.rs"), frameworks)?;
    Ok(())
}
