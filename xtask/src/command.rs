//! Other programs: how they are found, run, timed and, when they fail, reported.

use std::{
    env,
    ffi::{OsStr, OsString},
    fs::{File, TryLockError},
    io::{self, BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use crate::Result;

/// The repository.
pub fn root() -> PathBuf {
    repository(env::var_os("CARGO_MANIFEST_DIR"))
}

/// Cargo says where it is to whatever it runs. It need not be where this was compiled: cargo compiles nothing anew because a
/// folder was moved.
fn repository(said: Option<OsString>) -> PathBuf {
    let manifest = said.map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    manifest.parent().map(Path::to_owned).unwrap_or(manifest)
}

/// Cargo's target directory, wherever it was moved to: this program lies in it.
pub fn target_dir() -> PathBuf {
    env::current_exe()
        .ok()
        .and_then(|exe| {
            exe.ancestors()
                .find(|folder| folder.join("CACHEDIR.TAG").is_file())
                .map(Path::to_owned)
        })
        .unwrap_or_else(|| root().join("target"))
}

/// Cargo with these arguments, which a space parts: no argument of ours holds one.
pub fn cargo(arguments: &str) -> Command {
    in_root(
        env::var_os("CARGO").unwrap_or_else(|| "cargo".into()),
        arguments,
    )
}

pub fn node(arguments: &str) -> Command {
    in_root("node", arguments)
}

pub fn npm(arguments: &str) -> Command {
    in_root(if cfg!(windows) { "npm.cmd" } else { "npm" }, arguments)
}

pub fn in_root(program: impl AsRef<OsStr>, arguments: &str) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(root())
        .args(arguments.split_ascii_whitespace());
    command
}

/// Does what two commands at once would spoil for each other: the later one waits.
pub fn alone<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    behind(&target_dir().join("xtask.lock"), work)
}

/// The system takes the lock from whoever ends, in whatever way: none is left behind.
fn behind<T>(door: &Path, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let file = File::create(door).map_err(|error| format!("{}: {error}", door.display()))?;
    if let Err(TryLockError::WouldBlock) = file.try_lock() {
        println!("waiting for another build …");
        file.lock()
            .map_err(|error| format!("{}: {error}", door.display()))?;
    }
    // Where the file system has no locks, it is done all the same.
    work()
}

/// Says what is being done, does it, and says how long it took.
pub fn timed<T>(what: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    print!("{what} … ");
    _ = io::stdout().flush();
    let start = Instant::now();
    let result = work();
    println!(
        "{}",
        if result.is_ok() {
            seconds(start.elapsed())
        } else {
            "failed".to_owned()
        }
    );
    result
}

/// Runs a command that is over soon; its output is shown only if it fails.
pub fn quietly(what: &str, command: &mut Command) -> Result {
    timed(what, || output(command).map(drop)).map_err(|error| format!("could not {what}: {error}"))
}

/// Runs a command whose own progress is worth seeing.
pub fn openly(what: &str, command: &mut Command) -> Result {
    println!("{what} …");
    let start = Instant::now();
    let status = command
        .status()
        .map_err(|error| format!("could not {what}: {}", not_started(command, &error)))?;
    if !status.success() {
        return Err(format!(
            "could not {what}: `{}` ended with {status}",
            shown(command)
        ));
    }
    println!("{what}: {}", seconds(start.elapsed()));
    Ok(())
}

/// As [`openly`], and gives back what the command wrote on standard output; an error carries the end of it.
pub fn overheard(what: &str, command: &mut Command) -> Result<String> {
    println!("{what} …");
    let start = Instant::now();
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("could not {what}: {}", not_started(command, &error)))?;
    let mut heard = String::new();
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).lines() {
            let line = line.map_err(|error| {
                format!("could not read the output of `{}`: {error}", shown(command))
            })?;
            println!("{line}");
            heard.push_str(&line);
            heard.push('\n');
        }
    }
    let status = child
        .wait()
        .map_err(|error| format!("lost `{}`: {error}", shown(command)))?;
    if !status.success() {
        return Err(format!(
            "could not {what}: `{}` ended with {status}\n\n{}",
            shown(command),
            end_of(&heard)
        ));
    }
    println!("{what}: {}", seconds(start.elapsed()));
    Ok(heard)
}

/// The last lines, where those who test say what failed.
fn end_of(text: &str) -> String {
    const LINES: usize = 60;
    let lines: Vec<_> = text.trim_end().lines().collect();
    let from = lines.len().saturating_sub(LINES);
    lines.get(from..).unwrap_or_default().join("\n")
}

/// What a command writes on standard output; an error carries all that it wrote.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| not_started(command, &error))?;
    let text = String::from_utf8_lossy(&output.stdout);
    if output.status.success() {
        return Ok(text.into_owned());
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    Err(format!(
        "`{}` ended with {}\n{}\n{}",
        shown(command),
        output.status,
        text.trim_end(),
        errors.trim_end()
    ))
}

/// The first of these programs that is on the PATH.
pub fn find(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    names.iter().find_map(|name| {
        let name = format!("{name}{}", env::consts::EXE_SUFFIX);
        env::split_paths(&path)
            .map(|folder| folder.join(&name))
            .find(|file| file.is_file())
    })
}

pub fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

fn not_started(command: &Command, error: &io::Error) -> String {
    format!(
        "`{}` did not start: {error}",
        command.get_program().display()
    )
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let mut line: String = words
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ");
    if let Some((end, _)) = line.char_indices().nth(240) {
        line.truncate(end);
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use std::{
        process,
        sync::mpsc::{TryRecvError, channel},
        thread,
    };

    use super::*;

    #[test]
    fn finds_a_repository_that_was_moved() {
        let moved = Path::new("somewhere").join("else");
        assert_eq!(repository(Some(moved.join("xtask").into())), moved);
    }

    #[test]
    fn the_later_of_two_waits() {
        let door = env::temp_dir().join(format!("passdesk-xtask-{}.lock", process::id()));
        let (done, heard) = channel();
        thread::scope(|scope| {
            behind(&door, || {
                scope.spawn(|| behind(&door, || done.send(()).map_err(|error| error.to_string())));
                thread::sleep(Duration::from_millis(300));
                assert_eq!(heard.try_recv(), Err(TryRecvError::Empty));
                Ok(())
            })
            .unwrap();
            heard.recv().unwrap();
        });
        std::fs::remove_file(door).unwrap();
    }
}
