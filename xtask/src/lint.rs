//! Formatting, lints and types, of both languages. Nothing is changed; `npm run format` mends what can be mended.

use crate::{
    Result,
    command::{cargo, node, openly, quietly},
    setup,
};

pub fn run() -> Result {
    setup::rust_lints()?;
    setup::wasm_target()?;
    setup::npm_packages()?;
    setup::boundary_bundle()?;

    // All are run, so that one reading shows everything there is to mend.
    let failures: Vec<String> = [
        quietly(
            "check the formatting of the Rust",
            &mut cargo("fmt --all --check"),
        ),
        openly(
            "lint the Rust, native",
            &mut cargo("clippy --quiet --workspace --all-targets -- -Dwarnings"),
        ),
        // Without the unit tests: what drives them (proptest, url) is not compiled to WebAssembly.
        openly(
            "lint the Rust, WebAssembly",
            &mut cargo("clippy --quiet --lib --test=* --target=wasm32-unknown-unknown -- -Dwarnings"),
        ),
        openly(
            "lint the Rust, the desk's module",
            &mut cargo("clippy --quiet --lib --test=desk_boundary --target=wasm32-unknown-unknown --no-default-features --features desk -- -Dwarnings"),
        ),
        openly(
            "lint the Rust, calls made from it",
            &mut cargo("clippy --quiet --lib --test=transport --example=user --target=wasm32-unknown-unknown --no-default-features --features transport -- -Dwarnings"),
        ),
        quietly(
            "check the JavaScript with Biome",
            &mut node("node_modules/@biomejs/biome/bin/biome check --error-on-warnings --max-diagnostics=100"),
        ),
        quietly(
            "check the types of the package",
            &mut node("node_modules/typescript/bin/tsc"),
        ),
        quietly(
            "check the types of the tests",
            &mut node("node_modules/typescript/bin/tsc --project tests"),
        ),
        quietly(
            "check the types of the site",
            &mut node("node_modules/typescript/bin/tsc --project www"),
        ),
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
