//! Bringing in what a fresh clone lacks: the wasm target, npm packages, the wasm-bindgen tool, a browser to test in.
//!
//! Each part is fast when there is nothing to do, so every command asks for what it needs, and only for that.

use std::{env, fs, path::PathBuf};

use crate::{
    Result,
    command::{alone, cargo, find, in_root, node, npm, openly, output, quietly, root, target_dir},
};

pub const WASM: &str = "wasm32-unknown-unknown";

/// What Vite and rolldown run on, as they say themselves, and with them every tool in package.json. npm leaves rolldown's
/// machine code out for any other, and says nothing.
const NODE: &str = "Node 20.19 or a later 20, or 22.12 or later, is needed (https://nodejs.org)";

fn is_recent(version: (u32, u32)) -> bool {
    ((20, 19)..(21, 0)).contains(&version) || version >= (22, 12)
}

pub fn all() -> Result {
    for_build()?;
    browser().map(drop)?;
    engines().map(drop)
}

pub fn for_build() -> Result {
    wasm_target()?;
    npm_packages()?;
    bindgen_runner()
}

/// Asked for by name: with RUSTUP_AUTO_INSTALL=0, rustup brings in nothing by itself.
pub fn wasm_target() -> Result {
    let libraries = output(&mut in_root(
        "rustc",
        &format!("--print target-libdir --target {WASM}"),
    ));
    if libraries.is_ok_and(|folder| PathBuf::from(folder.trim()).is_dir()) {
        return Ok(());
    }
    if find(&["rustup"]).is_none() {
        return Err(format!(
            "this Rust cannot compile for {WASM}, and there is no rustup to add the target. \
             Install rustup (https://rustup.rs), or that target with the tool that brought this Rust."
        ));
    }
    quietly(
        "add the Rust target for WebAssembly",
        &mut in_root("rustup", &format!("target add {WASM}")),
    )
}

/// The source of the standard library, to build a smaller one from. False where it is not to be had: what is built with the
/// standard library as it comes does the same.
pub fn standard_library() -> bool {
    let present = || {
        let sysroot = output(&mut in_root("rustc", "--print sysroot"));
        sysroot.is_ok_and(|folder| {
            PathBuf::from(folder.trim())
                .join("lib/rustlib/src/rust/library/std")
                .is_dir()
        })
    };
    if present() {
        return true;
    }
    let added = find(&["rustup"]).is_some()
        && quietly(
            "add the source of Rust's standard library",
            &mut in_root("rustup", "component add rust-src"),
        )
        .is_ok();
    if !(added && present()) {
        println!(
            "The source of the standard library (rust-src) cannot be had: the package is built with the compiled one, and is larger."
        );
        return false;
    }
    true
}

/// Formatter and linter, which a minimal Rust leaves out.
pub fn rust_lints() -> Result {
    for (tool, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        if output(&mut cargo(&format!("{tool} --version"))).is_ok() {
            continue;
        }
        if find(&["rustup"]).is_none() {
            return Err(format!(
                "`cargo {tool}` is missing, and there is no rustup to add it: install {component}."
            ));
        }
        quietly(
            &format!("add {component}"),
            &mut in_root("rustup", &format!("component add {component}")),
        )?;
    }
    Ok(())
}

pub fn npm_packages() -> Result {
    let platform = node_platform()?;
    output(&mut npm("--version"))
        .map_err(|_| "npm is missing: it comes with Node (https://nodejs.org); some systems package it apart.")?;

    // The lock as it was when last installed, and for which machine code: kept beside what it installed, since one cannot outlive
    // the other.
    let modules = root().join("node_modules");
    let installed = modules.join(".installed");
    let lock = fs::read_to_string(root().join("package-lock.json"))
        .map_err(|error| format!("package-lock.json cannot be read: {error}"))?;
    let wanted = format!("{platform}\n{lock}");
    alone(|| {
        if fs::read_to_string(&installed).is_ok_and(|known| known == wanted) {
            return Ok(());
        }
        quietly(
            "install the npm packages (about half a minute)",
            // Said here, it counts more than NODE_ENV and npm's own settings.
            &mut npm("ci --no-progress --include=dev --include=optional --include=peer"),
        )?;
        // node20 and node24 bring a `node` command each. It must not stand before the user's own when npm runs a script.
        for link in ["node", "node.cmd", "node.ps1"] {
            _ = fs::remove_file(modules.join(".bin").join(link));
        }
        // A tool of development, which loads machine code: what lacks either is not to be taken for installed.
        output(node("--eval").arg("import('vite')"))
            .map_err(|error| format!("npm did not install all that it should have: {error}"))?;
        fs::write(&installed, wanted)
            .map_err(|error| format!("cannot write to node_modules: {error}"))
    })
}

/// Without it, tests/boundary.rs does not compile.
pub fn boundary_bundle() -> Result {
    quietly(
        "bundle the JavaScript of the boundary's tests",
        &mut node("xtask/boundary.mjs"),
    )
}

/// What npm chooses machine code by: Node's major version, the system and the processor.
pub fn node_platform() -> Result<String> {
    let asked = "[process.versions.node, process.platform, process.arch].join(' ')";
    let told = output(node("--print").arg(asked))
        .map_err(|_| format!("{NODE}, and there is no `node` on the PATH."))?;
    platform_of(told.trim())
}

fn platform_of(told: &str) -> Result<String> {
    let (version, machine) = told.split_once(' ').unwrap_or((told, ""));
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
    let (major, minor) = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    if !is_recent((major, minor)) {
        return Err(format!("{NODE}; this is {version}."));
    }
    Ok(format!("{major} {machine}"))
}

/// wasm-bindgen's command and test runner, at the version that Cargo.lock pins.
fn bindgen_runner() -> Result {
    let built = target_dir()
        .join("debug")
        .join(format!("wasm-bindgen-runner{}", env::consts::EXE_SUFFIX));
    let mut command = cargo("build --package wasm-bindgen-runner");
    if built.is_file() {
        return quietly("check the wasm-bindgen tool", command.arg("--quiet"));
    }
    openly(
        "build the wasm-bindgen tool (some minutes, once per clone)",
        &mut command,
    )
}

/// Chromium or Chrome, and the driver that belongs to it.
pub struct Browser {
    pub chrome: PathBuf,
    pub driver: PathBuf,
}

const DEBIAN: &str = "chromium chromium-driver";

pub fn browser() -> Result<Browser> {
    if let Some(browser) = find_browser()? {
        return Ok(browser);
    }
    if find(&["apt-get"]).is_some() && is_root() {
        quietly(
            "read the list of Debian packages",
            &mut in_root("apt-get", "update"),
        )?;
        quietly(
            "install Chromium and its driver",
            in_root("apt-get", &format!("install -y {DEBIAN}"))
                .env("DEBIAN_FRONTEND", "noninteractive"),
        )?;
    }
    find_browser()?.ok_or_else(|| {
        format!(
            "the tests in a browser need Chromium or Chrome, and the chromedriver of the same version. \
             On Debian: `apt-get install {DEBIAN}`; elsewhere https://googlechromelabs.github.io/chrome-for-testing/. \
             Put both on the PATH, or name them in CHROME and CHROMEDRIVER."
        )
    })
}

fn find_browser() -> Result<Option<Browser>> {
    let mac = PathBuf::from("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome");
    let names = [
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
        "chrome",
    ];
    let chrome = named("CHROME")?
        .or_else(|| find(&names))
        .or_else(|| mac.is_file().then_some(mac));
    let driver = named("CHROMEDRIVER")?.or_else(|| find(&["chromedriver"]));
    Ok(chrome
        .zip(driver)
        .map(|(chrome, driver)| Browser { chrome, driver }))
}

/// The two other engines, the drivers that move them, and the screen without which WebKitGTK's browser does not start.
pub struct Engines {
    pub firefox: PathBuf,
    pub geckodriver: PathBuf,
    pub minibrowser: PathBuf,
    pub webkit_driver: PathBuf,
    pub xvfb: PathBuf,
}

const ENGINES_DEBIAN: &str = "firefox-esr webkit2gtk-driver xvfb";

/// Debian has no geckodriver, and npm's packages download one when they run: this one is built, and pinned.
const GECKODRIVER: &str = "0.37.1";

pub fn engines() -> Result<Engines> {
    if find_engines()?.is_none() && find(&["apt-get"]).is_some() && is_root() {
        quietly(
            "read the list of Debian packages",
            &mut in_root("apt-get", "update"),
        )?;
        quietly(
            "install Firefox and WebKitGTK's browser",
            in_root(
                "apt-get",
                &format!("install -y --no-install-recommends {ENGINES_DEBIAN}"),
            )
            .env("DEBIAN_FRONTEND", "noninteractive"),
        )?;
    }
    let (firefox, minibrowser, webkit_driver, xvfb) = find_engines()?.ok_or_else(|| {
        format!(
            "the tests in other engines need Firefox, WebKitGTK's MiniBrowser with WebKitWebDriver, and Xvfb. \
             On Debian: `apt-get install {ENGINES_DEBIAN}`; other Linuxes package the same under like names, \
             and other systems have no WebKitGTK: leave this step out there (`cargo xtask test --list` names the others). \
             Put them on the PATH, or name them in FIREFOX, MINIBROWSER, WEBKITWEBDRIVER and XVFB."
        )
    })?;
    Ok(Engines {
        firefox,
        geckodriver: geckodriver()?,
        minibrowser,
        webkit_driver,
        xvfb,
    })
}

/// In the order of [`Engines`], without geckodriver.
type Found = (PathBuf, PathBuf, PathBuf, PathBuf);

fn find_engines() -> Result<Option<Found>> {
    let firefox = named("FIREFOX")?.or_else(|| find(&["firefox-esr", "firefox"]));
    let minibrowser = named("MINIBROWSER")?.or_else(minibrowser);
    let driver = named("WEBKITWEBDRIVER")?.or_else(|| find(&["WebKitWebDriver"]));
    let xvfb = named("XVFB")?.or_else(|| find(&["Xvfb"]));
    Ok((|| Some((firefox?, minibrowser?, driver?, xvfb?)))())
}

/// It is no command of its own: each system has it in a folder of the library, whose name has the architecture or not.
fn minibrowser() -> Option<PathBuf> {
    let folders = ["/usr/libexec", "/usr/lib", "/usr/lib64"]
        .into_iter()
        .map(PathBuf::from);
    let inner = fs::read_dir("/usr/lib")
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path()));
    folders
        .chain(inner)
        .flat_map(|folder| {
            ["webkitgtk-6.0", "webkit2gtk-4.1", "webkit2gtk-4.0"]
                .map(|library| folder.join(library).join("MiniBrowser"))
        })
        .find(|file| file.is_file())
}

fn geckodriver() -> Result<PathBuf> {
    let tools = target_dir().join("tools");
    let built = tools
        .join("bin")
        .join(format!("geckodriver{}", env::consts::EXE_SUFFIX));
    if let Some(driver) = named("GECKODRIVER")?.or_else(|| find(&["geckodriver"])) {
        return Ok(driver);
    }
    if !built.is_file() {
        let workshop = tools.join("build");
        openly(
            "build geckodriver (a minute or two, once per clone)",
            // Not optimised: it waits for Firefox most of its time, and builds in half the time.
            cargo(&format!(
                "install geckodriver --version {GECKODRIVER} --locked --debug --quiet"
            ))
            .arg("--root")
            .arg(&tools)
            .arg("--target-dir")
            .arg(&workshop),
        )?;
        _ = fs::remove_dir_all(workshop);
    }
    Ok(built)
}

/// What is named is meant: nothing else is taken in its place.
fn named(variable: &str) -> Result<Option<PathBuf>> {
    let Some(file) = env::var_os(variable).map(PathBuf::from) else {
        return Ok(None);
    };
    if !file.is_file() {
        return Err(format!(
            "{variable} names {}, which is no file.",
            file.display()
        ));
    }
    Ok(Some(file))
}

/// Whom Chromium refuses its sandbox, and apt-get obeys.
pub fn is_root() -> bool {
    cfg!(unix) && output(&mut in_root("id", "-u")).is_ok_and(|id| id.trim() == "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_a_node_that_the_tools_do_not_run_on() {
        for version in ["18.20.8", "20.18.3", "21.7.3", "22.0.0", "22.11.0", "none"] {
            let refusal = platform_of(&format!("{version} linux x64")).unwrap_err();
            assert_eq!(refusal, format!("{NODE}; this is {version}."));
        }
        for version in ["20.19.0", "20.20.2", "22.12.0", "23.0.0", "24.21.0"] {
            assert!(platform_of(&format!("{version} linux x64")).is_ok());
        }
    }

    #[test]
    fn installs_anew_for_other_machine_code() {
        let known = platform_of("20.20.2 linux x64").unwrap();
        assert_eq!(platform_of("20.19.0 linux x64").unwrap(), known);
        for other in [
            "22.12.0 linux x64",
            "20.20.2 darwin x64",
            "20.20.2 linux arm64",
        ] {
            assert_ne!(platform_of(other).unwrap(), known);
        }
    }
}
