//! Benchmarks: what users download and what calls cost, each against a named peer in the same run. `tests/bench` has them.

use std::{fs, path::PathBuf};

use crate::{
    Result,
    command::{node, openly, root, target_dir},
    demo, package,
    setup::{self, Browser},
};

pub fn run(arguments: &[String]) -> Result {
    let (quick, names): (Vec<&String>, Vec<&String>) = arguments
        .iter()
        .partition(|argument| *argument == "--quick");
    let quick = !quick.is_empty();
    let files = benches(&names)?;
    package::build()?;
    let stable = package::stable_client()?;
    demo::site()?;
    let Browser { chrome, .. } = setup::browser()?;

    let left = target_dir().join("bench");
    if names.is_empty() && left.is_dir() {
        // What an older run left must not pass for this one's.
        fs::remove_dir_all(&left).map_err(|error| format!("old results stay: {error}"))?;
    }
    let mut failed = Vec::new();
    for (name, file) in &files {
        let mut command = node("--expose-gc");
        command
            .arg(file)
            .env("PASSDESK_BENCH", &left)
            .env("PASSDESK_STABLE", &stable)
            .env("CHROME", &chrome);
        if quick {
            command.env("PASSDESK_BENCH_QUICK", "1");
        }
        // One that fails does not take the others' figures with it.
        if let Err(error) = openly(&format!("measure {name}"), &mut command) {
            println!("{error}");
            failed.push(name.as_str());
        }
    }
    if !quick && names.is_empty() {
        openly(
            "write the results",
            node("tests/bench/results.mjs").arg(&left).args(&failed),
        )?;
    }
    if failed.is_empty() {
        return Ok(());
    }
    Err(format!("failed: {}", failed.join(", ")))
}

/// Those that are named, or all, each with its file.
fn benches(names: &[&String]) -> Result<Vec<(String, PathBuf)>> {
    let folder = root().join("tests/bench");
    let entries =
        fs::read_dir(&folder).map_err(|error| format!("tests/bench cannot be read: {error}"))?;
    let mut files: Vec<_> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter_map(|file| {
            let name = file.file_name()?.to_str()?.strip_suffix(".bench.mjs")?;
            Some((name.to_owned(), file))
        })
        .collect();
    files.sort();
    if let Some(unknown) = names
        .iter()
        .find(|name| !files.iter().any(|(known, _)| known == **name))
    {
        let known: Vec<_> = files.iter().map(|(name, _)| name.as_str()).collect();
        return Err(format!(
            "there is no bench `{unknown}`: they are {}",
            known.join(", ")
        ));
    }
    files.retain(|(name, _)| names.is_empty() || names.contains(&name));
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bench_that_there_is_not_is_named() {
        let all = benches(&[]).unwrap();
        assert!(all.len() > 1);
        let (first, _) = &all[0];
        assert_eq!(benches(&[first]).unwrap(), all[..1]);
        let refusal = benches(&[first, &"--quik".to_owned()]).unwrap_err();
        assert!(refusal.starts_with("there is no bench `--quik`: they are "));
    }
}
