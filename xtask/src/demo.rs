//! The demo: the packed package, the site built from it, and everything running on this machine.

use std::process::Command;

use crate::{
    Result,
    command::{alone, node, npm, quietly},
    package,
};

pub fn run(options: &[String]) -> Result {
    package::build()?;
    site()?;
    stay(node("www/demo.mjs").args(options))
}

/// The console and the demo dApp, bundled from the package in node_modules.
pub fn site() -> Result {
    alone(|| quietly("bundle the site", &mut npm("run build --workspace www")))
}

/// Becomes the demo, so that whoever stops this command stops that one, which stops its own children.
#[cfg(unix)]
fn stay(demo: &mut Command) -> Result {
    use std::os::unix::process::CommandExt;
    Err(format!("the demo did not start: {}", demo.exec()))
}

/// A console hands Ctrl-C to both; this one waits until the other is done.
#[cfg(not(unix))]
fn stay(demo: &mut Command) -> Result {
    let status = demo
        .status()
        .map_err(|error| format!("the demo did not start: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("the demo ended with {status}"))
    }
}
