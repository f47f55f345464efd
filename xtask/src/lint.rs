//! Formatting, lints and types, of both languages. Nothing is changed; `npm run format` mends what can be mended.

use crate::{
    Result,
    command::{cargo, in_root, node, openly, output, quietly},
    setup,
};

pub fn run() -> Result {
    setup::rust_lints()?;
    setup::wasm_target()?;
    setup::npm_packages()?;
    setup::boundary_bundle()?;

    let version = output(&mut in_root("rustc", "--version"))?;
    let clippy = |what: &str| {
        cargo(&format!(
            "clippy --quiet {what} -- {}",
            strictness(&version)
        ))
    };

    // All are run, so that one reading shows everything there is to mend.
    let failures: Vec<String> = [
        quietly(
            "check the formatting of the Rust",
            &mut cargo("fmt --all --check"),
        ),
        openly(
            "lint the Rust, native",
            &mut clippy("--workspace --all-targets"),
        ),
        // Without the unit tests: what drives them (proptest, url) is not compiled to WebAssembly.
        openly(
            "lint the Rust, WebAssembly",
            &mut clippy("--lib --test=* --target=wasm32-unknown-unknown"),
        ),
        openly(
            "lint the Rust, the desk's module",
            &mut clippy("--lib --test=desk_boundary --target=wasm32-unknown-unknown --no-default-features --features desk"),
        ),
        openly(
            "lint the Rust, calls made from it",
            &mut clippy("--lib --test=transport --example=user --target=wasm32-unknown-unknown --no-default-features --features transport"),
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

/// Each Rust has lints that those before had not. They are shown; what is held is what the Rust of Cargo.toml, which the project is
/// linted with, warns of.
fn strictness(version: &str) -> &'static str {
    let known = concat!("rustc ", env!("CARGO_PKG_RUST_VERSION"), ".");
    if version.starts_with(known) {
        "-Dwarnings"
    } else {
        ""
    }
}

#[cfg(test)]
mod tests {
    use super::strictness;

    #[test]
    fn what_only_a_newer_rust_warns_of_fails_nothing() {
        assert_eq!(
            strictness("rustc 1.95.0 (59807616e 2026-04-14)\n"),
            "-Dwarnings"
        );
        assert_eq!(strictness("rustc 1.95.1 (abc 2026-05-01)"), "-Dwarnings");
        for newer in [
            "rustc 1.97.0-nightly (e50aa6fba 2026-05-19)",
            "rustc 1.950.0",
        ] {
            assert_eq!(strictness(newer), "");
        }
    }
}
