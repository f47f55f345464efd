//! One tool, two names: `bindgen …` is the `wasm-bindgen` command, anything else its test runner.
//!
//! Cargo.lock pins both to the version of the crate, so that crate and tool cannot disagree.

use std::{env, process::ExitCode};

fn main() -> ExitCode {
    let mut args: Vec<_> = env::args_os().collect();
    let result = if args.get(1).is_some_and(|name| name == "bindgen") {
        args.remove(1);
        wasm_bindgen_cli::wasm_bindgen::run_cli_with_args(args)
    } else {
        wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(args)
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:?}");
            ExitCode::FAILURE
        }
    }
}
