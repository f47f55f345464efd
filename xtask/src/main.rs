//! `cargo xtask …`: everything that is done to this repository, one short story per file.

#![expect(clippy::print_stdout, reason = "a command speaks on standard output")]

mod bench;
mod command;
mod demo;
mod glue;
mod lint;
mod names;
mod package;
mod setup;
mod test;

use std::{env, process::ExitCode};

/// What went wrong, as a sentence for the person at the terminal.
type Result<T = ()> = std::result::Result<T, String>;

const HELP: &str = "\
cargo xtask <command>

  setup           bring in what the other commands need (each does this by itself)
  build           make the publishable package in pkg/
  demo [option…]  run the sandbox, the Worker and the console on this machine
  test [step…]    run every test, or only the steps named (`test --list` names them)
  lint            formatting, lints and types
  bench [name…]   measure sizes and times against their peers, and write tests/bench/RESULTS.md; --quick to see that all run
";

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let (command, rest) = args
        .split_first()
        .map_or(("help", &[][..]), |(first, rest)| (first.as_str(), rest));
    let asks_for_help = rest.iter().any(|word| word == "--help" || word == "-h");
    let result = match command {
        // The demo has words of its own for it.
        "setup" | "build" | "test" | "lint" | "bench" if asks_for_help => {
            print!("{HELP}");
            Ok(())
        }
        "demo" => demo::run(rest),
        "test" => test::run(rest),
        "setup" | "build" | "lint" if !rest.is_empty() => {
            Err(format!("`{command}` takes no arguments"))
        }
        "setup" => setup::all(),
        "build" => package::build().map(drop),
        "lint" => lint::run(),
        "bench" => bench::run(rest),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(())
        }
        unknown => Err(format!("there is no command `{unknown}`\n\n{HELP}")),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("\nerror: {sentence}");
            ExitCode::FAILURE
        }
    }
}
