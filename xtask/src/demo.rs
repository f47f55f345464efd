//! The demo: the packed package, the site built from it, and everything running on this machine.

use std::process::Command;

use crate::{
    Result,
    command::{alone, node, npm, quietly},
    package, setup,
};

pub fn run(options: &[String]) -> Result {
    if !understood(options)? {
        return Ok(());
    }
    package::build()?;
    site()?;
    stay(node("www/demo.mjs").args(options))
}

/// Whether the demo can be started so: minutes before it is, since all is built in between. False where somebody asked for help,
/// and has it.
fn understood(options: &[String]) -> Result<bool> {
    setup::node_platform()?;
    let told = node("www/demo/options.mjs")
        .args(options)
        .output()
        .map_err(|error| format!("`node` did not start: {error}"))?;
    if !told.status.success() {
        return Err(String::from_utf8_lossy(&told.stderr).trim().to_owned());
    }
    let usage = String::from_utf8_lossy(&told.stdout);
    print!("{usage}");
    Ok(usage.is_empty())
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
