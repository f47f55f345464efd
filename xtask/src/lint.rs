//! Formatting, lints and types, of both languages. Nothing is changed; `npm run format` mends what can be mended.

use crate::{
    Result,
    command::{cargo, node, openly, quietly},
    setup::{self, WASM},
};

pub fn run() -> Result {
    setup::rust_lints()?;
    setup::wasm_target()?;
    setup::npm_packages()?;

    // All are run, so that one reading shows everything there is to mend.
    let failures: Vec<String> = [
        quietly(
            "check the formatting of the Rust",
            cargo().args(["fmt", "--all", "--check"]),
        ),
        openly(
            "lint the Rust, native",
            cargo().args([
                "clippy",
                "--quiet",
                "--workspace",
                "--all-targets",
                "--",
                "-Dwarnings",
            ]),
        ),
        openly(
            "lint the Rust, WebAssembly",
            cargo().args([
                "clippy",
                "--quiet",
                "--package=passdesk",
                "--all-targets",
                "--target",
                WASM,
                "--",
                "-Dwarnings",
            ]),
        ),
        quietly(
            "check the JavaScript with Biome",
            node().args([
                "node_modules/@biomejs/biome/bin/biome",
                "check",
                "--error-on-warnings",
                "--max-diagnostics=100",
            ]),
        ),
        types("the package and the tests", "tsconfig.json"),
        types("the site", "www/tsconfig.json"),
    ]
    .into_iter()
    .filter_map(Result::err)
    .collect();
    if failures.is_empty() {
        Ok(())
    } else {
        Err(failures.join("\n"))
    }
}

fn types(of: &str, project: &str) -> Result {
    quietly(
        &format!("check the types of {of}"),
        node().args(["node_modules/typescript/bin/tsc", "--project", project]),
    )
}
