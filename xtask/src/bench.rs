//! Benchmarks: the sizes of what users download, against the packages to beat, and the timings under tests/bench.

use std::fs;

use crate::{
    Result,
    command::{node, openly, root},
    package,
};

pub fn run() -> Result {
    package::build()?;
    openly(
        "measure the sizes against the goals",
        &mut node("xtask/sizes.mjs --goals"),
    )?;

    let folder = root().join("tests/bench");
    if !folder.is_dir() {
        println!("There are no timings yet: they are to come under tests/bench.");
        return Ok(());
    }
    let entries =
        fs::read_dir(&folder).map_err(|error| format!("tests/bench cannot be read: {error}"))?;
    let mut files: Vec<_> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|file| file.to_string_lossy().ends_with(".bench.mjs"))
        .collect();
    files.sort();
    for file in files {
        let name = file
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        openly(&format!("time {name}"), node("").arg(&file))?;
    }
    Ok(())
}
