//! The npm package: compile the core, bind it to JavaScript, shrink it, and put it together with pkg-template/.
//!
//! Left behind are pkg/, ready for `npm publish`; the tarball that npm makes of it; and that tarball unpacked into
//! node_modules, so that tests and site import exactly what a user would.

use std::{
    env,
    ffi::{OsStr, OsString},
    fs, io,
    path::{Path, PathBuf},
    process,
};

use crate::{
    Result,
    command::{alone, cargo, in_root, node, npm, openly, output, quietly, root, target_dir, timed},
    glue, names,
    setup::{self, WASM},
};

/// Optimised for size, with the features that rustc enables for this target and no other: `--all-features` writes modules
/// that runtimes refuse. https://doc.rust-lang.org/rustc/platform-support/wasm32-unknown-unknown.html
const WASM_OPT: [&str; 18] = [
    // What is called once stays a function, unless it is small: fewer locals at a time, and 400 bytes less when compressed.
    "--one-caller-inline-max-function-size=20",
    // The linker leaves the first kilobyte empty.
    "--low-memory-unused",
    // Takes loops and blocks apart and makes them anew, which leaves something to do twice.
    "--flatten",
    "--rereloop",
    "-Oz",
    "-Oz",
    // Each pass leaves something to another.
    "--converge",
    // What is computed twice takes more bytes, but fewer when compressed: it is the same ones.
    "--skip-pass=local-cse",
    // Says nothing of how memory is aligned: a hint that engines do not need, and a byte that differs from place to place.
    "--dealign",
    "--strip-producers",
    // Tells tools what no runtime asks.
    "--strip-target-features",
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Where npm's tarball of the package is left.
pub fn tarball() -> PathBuf {
    work_dir().join("passdesk.tgz")
}

fn work_dir() -> PathBuf {
    target_dir().join("package")
}

/// A module of the package: the crate, compiled with one of its features.
struct Module {
    /// The feature of Cargo.toml.
    feature: &'static str,
    /// The WebAssembly as published, without its extension.
    wasm: &'static str,
    /// The factory of its instances.
    factory: &'static str,
}

/// The client, and the state machine that only the Worker needs.
const MODULES: [Module; 2] = [
    Module {
        feature: "client",
        wasm: "passdesk",
        factory: "core.js",
    },
    Module {
        feature: "desk",
        wasm: "desk",
        factory: "desk-core.js",
    },
];

/// What was made of a [`Module`].
struct Made {
    module: &'static Module,
    factory: String,
    wasm: Vec<u8>,
}

pub fn build() -> Result {
    setup::for_build()?;
    let lean = setup::standard_library();
    alone(|| {
        let made = MODULES
            .iter()
            .map(|module| make(module, lean, &work_dir().join(module.wasm)))
            .collect::<Result<Vec<_>>>()?;
        timed("put the package together in pkg/", || assemble(&made))?;
        timed("pack it, and unpack the tarball into node_modules", pack)
    })?;
    print!("{}", output(&mut node("xtask/sizes.mjs"))?);
    Ok(())
}

/// The client's module with the standard library as it comes, for who cannot build another: its size is shown beside the other.
pub fn stable_client() -> Result<PathBuf> {
    let folder = work_dir().join("stable");
    for module in MODULES.iter().filter(|module| module.feature == "client") {
        alone(|| make(module, false, &folder))?;
    }
    Ok(folder.join("optimised.wasm"))
}

fn make(module: &'static Module, lean: bool, folder: &Path) -> Result<Made> {
    fs::create_dir_all(folder).map_err(|error| at(folder, &error))?;
    let compiled = compile(module, lean)?;
    let bound = bind(module, &compiled, &folder.join("bindings"))?;
    let bindings = read_text(&bound.join(format!("{}.js", module.wasm)))?;
    let whole = read(&bound.join(format!("{}_bg.wasm", module.wasm)))?;
    let (bindings, short) = names::shorten(&bindings, &whole)?;
    let wasm = optimise(&short, folder)?;
    Ok(Made {
        module,
        factory: glue::factory(&bindings)?,
        wasm,
    })
}

/// A standard library of our own: for size, and without the words and the machinery of a panic, which a trap ends all the same.
/// https://doc.rust-lang.org/cargo/reference/unstable.html#build-std, which a stable compiler takes under `RUSTC_BOOTSTRAP`.
const LEAN: [&str; 5] = [
    "-Zbuild-std=std,panic_abort",
    "-Zbuild-std-features=optimize_for_size",
    "-Zpanic-immediate-abort",
    "--config",
    "profile.release.panic=\"immediate-abort\"",
];

/// Small functions go into their callers before code is made of them, which the compiler leaves out where size counts,
/// though it is smaller so.
const INLINE: &str = "-Zinline-mir=yes";

/// Where references are no values of the module's, wasm-bindgen makes no table of them: the client holds none, and the desk few, in a
/// list of JavaScript's.
const NO_REFERENCES: &str = "-Ctarget-feature=-reference-types";

/// The same as `INLINE` for the crate itself, up to the size that was found to be best.
const INLINE_MORE: &str = "-Zinline-mir-threshold=150";

/// What small functions may be after that to go into their callers; and constants before the stack, in low memory, where their
/// addresses are half as long. The stack must never reach them: the client calls nothing in circles, and the desk only goes down
/// into values of its own making, a few levels deep.
const SHORT: [&str; 2] = [
    "-Cllvm-args=-inline-threshold=20",
    "-Clink-arg=--no-stack-first",
];

/// With the standard library as it comes, or a smaller one.
fn compile(module: &Module, lean: bool) -> Result<PathBuf> {
    let feature = module.feature;
    // In a folder of its own: build scripts see the variable, and would run anew with each change of it.
    let folder = target_dir().join(if lean { "lean" } else { "stable" });
    let mut flags = nameless_paths()?;
    if lean {
        for flag in [INLINE, NO_REFERENCES] {
            flags.push("\x1f");
            flags.push(flag);
        }
    }
    // Not as a library for Rust as well: whatever is public would be kept as it stands, and not be optimised for its one use.
    let mut command = cargo(&format!(
        "rustc --release --package passdesk --lib --crate-type cdylib --no-default-features --features {feature} --target {WASM}"
    ));
    command
        .arg("--target-dir")
        .arg(&folder)
        .env("CARGO_ENCODED_RUSTFLAGS", flags);
    if lean {
        command.args(LEAN).env("RUSTC_BOOTSTRAP", "1");
    }
    command.arg("--").args(SHORT);
    if lean {
        command.arg(INLINE_MORE);
    }
    let std = if lean {
        ", and a small standard library"
    } else {
        ""
    };
    openly(
        &format!("compile the {feature}{std} to WebAssembly"),
        &mut command,
    )?;
    Ok(folder.join(WASM).join("release/passdesk.wasm"))
}

/// A panic names the source file it comes from. What is published should not tell of the machine that built it, nor of the
/// registry that it used, and short names are fewer bytes.
fn nameless_paths() -> Result<OsString> {
    let sysroot = output(&mut in_root("rustc", "--print sysroot"))?;
    let mut prefixes = vec![
        (
            Path::new(sysroot.trim()).join("lib/rustlib/src/rust"),
            "rust",
        ),
        (root(), "passdesk"),
    ];
    let cargo_home = env::var_os("CARGO_HOME").map(PathBuf::from);
    if let Some(home) = cargo_home.or_else(|| Some(env::home_dir()?.join(".cargo"))) {
        let registries = fs::read_dir(home.join("registry/src"))
            .into_iter()
            .flatten();
        prefixes.extend(
            registries
                .flatten()
                .map(|registry| (registry.path(), "crates")),
        );
    }
    let flags = prefixes.into_iter().map(|(path, name)| {
        let mut flag = OsString::from("--remap-path-prefix=");
        flag.push(path);
        flag.push("=");
        flag.push(name);
        flag
    });
    Ok(flags.collect::<Vec<_>>().join(OsStr::new("\x1f")))
}

fn bind(module: &Module, compiled: &Path, folder: &Path) -> Result<PathBuf> {
    let folder = fresh(folder)?;
    quietly(
        "bind it to JavaScript",
        cargo("run --quiet --package wasm-bindgen-runner -- bindgen --target web --no-typescript --out-name")
            .arg(module.wasm)
            .arg("--out-dir")
            .arg(&folder)
            .arg(compiled),
    )?;
    Ok(folder)
}

/// The slowest part after the compiler, so its last result is used again when input, flags and tool are the very same.
fn optimise(input: &[u8], folder: &Path) -> Result<Vec<u8>> {
    let tool = root().join("node_modules/binaryen");
    let recipe = format!(
        "{}\n{}",
        WASM_OPT.join(" "),
        read_text(&tool.join("package.json"))?
    );
    let [last_recipe, last_input, last_output] =
        ["optimised.recipe", "optimised.input.wasm", "optimised.wasm"]
            .map(|name| folder.join(name));

    let unchanged = fs::read(&last_recipe).is_ok_and(|last| last == recipe.as_bytes())
        && fs::read(&last_input).is_ok_and(|last| last == input);
    if unchanged && let Ok(wasm) = fs::read(&last_output) {
        return Ok(wasm);
    }
    // The recipe is written last: an interrupted run leaves nothing that looks finished.
    _ = fs::remove_file(&last_recipe);
    write(&last_input, input)?;
    let mut command = node("");
    command
        .arg(tool.join("bin/wasm-opt"))
        .args(WASM_OPT)
        .arg(&last_input)
        .arg("--output")
        .arg(&last_output);
    quietly("shrink it with wasm-opt", &mut command)?;
    let wasm = read(&last_output)?;
    write(&last_recipe, recipe.as_bytes())?;
    Ok(wasm)
}

fn assemble(made: &[Made]) -> Result {
    let template = root().join("pkg-template");
    let version = format!("\"version\": \"{}\"", env!("CARGO_PKG_VERSION"));
    if !read_text(&template.join("package.json"))?.contains(&version) {
        return Err(format!(
            "pkg-template/package.json should say `{version}`, as the root's Cargo.toml does"
        ));
    }
    // Beside the old package until it is whole, then in its place: a file that was deleted or renamed leaves nothing behind.
    let stage = fresh(&work_dir().join(format!("stage-{}", process::id())))?;
    copy_folder(&template, &stage)?;
    for Made {
        module,
        factory,
        wasm,
    } in made
    {
        write(&stage.join(module.factory), factory.as_bytes())?;
        write(&stage.join(format!("{}.wasm", module.wasm)), wasm)?;
        if module.feature == "client" {
            write(
                &stage.join("inline-bytes.js"),
                inline_bytes(wasm).as_bytes(),
            )?;
        }
    }
    for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
        copy(&root().join(licence), &stage.join(licence))?;
    }
    replace(&root().join("pkg"), &stage)
}

fn pack() -> Result {
    let folder = fresh(&work_dir().join(format!("packed-{}", process::id())))?;
    npm_pack("./pkg", &folder)?;
    let packed = folder.join(format!("passdesk-{}.tgz", env!("CARGO_PKG_VERSION")));
    output(in_root("tar", "-xzf").arg(&packed).arg("-C").arg(&folder))?;
    replace(
        &root().join("node_modules/passdesk"),
        &folder.join("package"),
    )?;
    fs::rename(&packed, tarball()).map_err(|error| at(&tarball(), &error))?;
    fs::remove_dir_all(&folder).map_err(|error| at(&folder, &error))
}

/// Only its errors are wanted: with `--silent` it does not even tell these.
fn npm_pack(package: &str, folder: &Path) -> Result {
    output(
        npm("pack --loglevel=error --pack-destination")
            .arg(folder)
            .arg(package),
    )
    .map(drop)
}

fn inline_bytes(wasm: &[u8]) -> String {
    format!(
        "// Generated by `cargo xtask build`: passdesk.wasm in base64.\nexport default \"{}\";\n",
        base64(wasm)
    )
}

/// RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let bits = (0..3).fold(0_usize, |bits, i| {
            bits << 8 | usize::from(chunk.get(i).copied().unwrap_or(0))
        });
        for i in 0..4 {
            let digit = ALPHABET
                .get(bits >> (18 - 6 * i) & 63)
                .copied()
                .unwrap_or(b'=');
            text.push(if i <= chunk.len() {
                char::from(digit)
            } else {
                '='
            });
        }
    }
    text
}

fn copy_folder(from: &Path, to: &Path) -> Result {
    fs::create_dir_all(to).map_err(|error| at(to, &error))?;
    for entry in fs::read_dir(from).map_err(|error| at(from, &error))? {
        let source = entry.map_err(|error| at(from, &error))?.path();
        let Some(name) = source.file_name() else {
            continue;
        };
        if source.is_dir() {
            copy_folder(&source, &to.join(name))?;
        } else {
            copy(&source, &to.join(name))?;
        }
    }
    Ok(())
}

fn fresh(folder: &Path) -> Result<PathBuf> {
    remove(folder)?;
    fs::create_dir_all(folder).map_err(|error| at(folder, &error))?;
    Ok(folder.to_owned())
}

fn replace(old: &Path, new: &Path) -> Result {
    remove(old)?;
    fs::rename(new, old).map_err(|error| at(old, &error))
}

fn remove(folder: &Path) -> Result {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(at(folder, &error)),
        _ => Ok(()),
    }
}

fn copy(from: &Path, to: &Path) -> Result {
    fs::copy(from, to)
        .map(drop)
        .map_err(|error| at(from, &error))
}

fn read(file: &Path) -> Result<Vec<u8>> {
    fs::read(file).map_err(|error| at(file, &error))
}

fn read_text(file: &Path) -> Result<String> {
    fs::read_to_string(file).map_err(|error| at(file, &error))
}

fn write(file: &Path, bytes: &[u8]) -> Result {
    fs::write(file, bytes).map_err(|error| at(file, &error))
}

fn at(path: &Path, error: &io::Error) -> String {
    format!("{}: {error}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn npm_says_why_it_does_not_pack() {
        let refusal = npm_pack("./xtask/src", &env::temp_dir()).unwrap_err();
        assert!(refusal.contains("package.json"), "{refusal}");
    }

    /// RFC 4648, section 10.
    #[test]
    fn encodes_base64() {
        let vectors = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ];
        for (bytes, text) in vectors {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
        assert_eq!(base64(&[0xfb, 0xff, 0xbf]), "+/+/");
    }
}
