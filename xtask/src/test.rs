//! Every test, cheap before dear. A step that fails does not stop the others; the end names all that failed.

use std::{
    cell::OnceCell,
    fs,
    num::NonZero,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use crate::{
    Result,
    command::{cargo, node, openly, overheard, quietly, root, seconds, target_dir},
    demo, lint, package,
    setup::{self, Browser, Engines, WASM},
};

struct Step {
    name: &'static str,
    /// What passing means.
    shows: &'static str,
    how: How,
}

enum How {
    Here(fn(&Shared) -> Result),
    /// The files `tests/<name>/**/*.test.mjs`, by Node's own test runner.
    Node(&'static [Need]),
}

enum Need {
    /// pkg/, its tarball, and the same in node_modules.
    Package,
    Browser,
    /// The console, bundled.
    Site,
    /// Firefox and WebKitGTK, with what drives them.
    Engines,
    /// A user's program in Rust, and its JavaScript.
    User,
}

use How::{Here, Node};
use Need::{Package, Site};

const STEPS: [Step; 18] = [
    Step {
        name: "lint",
        shows: "formatting, lints and types are in order",
        how: Here(|_| lint::run()),
    },
    Step {
        name: "core",
        shows: "the core and xtask keep their promises, natively",
        how: Here(|_| core()),
    },
    Step {
        name: "build",
        shows: "the package can be made from nothing",
        how: Here(Shared::package),
    },
    Step {
        name: "boundary",
        shows: "the core meets JavaScript, and calls from Rust end as they should, in Node and in Chromium",
        how: Here(boundary),
    },
    Step {
        name: "transport",
        shows: "calls from Rust end as they should over real sockets, in Node and workerd",
        how: Node(&[Package, Need::User]),
    },
    Step {
        name: "types",
        shows: "the declarations accept what they should, and refuse the rest",
        how: Node(&[Package]),
    },
    Step {
        name: "sandbox",
        shows: "the sandbox is as strict as what it stands for",
        how: Node(&[Package]),
    },
    Step {
        name: "contract",
        shows: "each promise and error code, over real sockets, in Node, workerd and a page",
        how: Node(&[Package, Need::Browser]),
    },
    Step {
        name: "faults",
        shows: "each fault through each operation: code, attempts, nothing hangs",
        how: Node(&[Package]),
    },
    Step {
        name: "desk",
        shows: "the desk's doors, cases and audit, in workerd with D1",
        how: Node(&[Package]),
    },
    Step {
        name: "react",
        shows: "an id reaches the desk, whatever happens to the page, with React 18 and 19",
        how: Node(&[Package, Need::Browser]),
    },
    Step {
        name: "readme",
        shows: "every example runs, and the map leads everywhere",
        how: Node(&[Package, Need::Browser]),
    },
    Step {
        name: "package",
        shows: "what is published is well-formed",
        how: Node(&[Package]),
    },
    Step {
        name: "bundlers",
        shows: "Vite, esbuild and wrangler bundle it with no configuration",
        how: Node(&[Package, Need::Browser]),
    },
    Step {
        name: "runtimes",
        shows: "a bare import makes a real call in every runtime",
        how: Node(&[Package, Need::Browser]),
    },
    Step {
        name: "console",
        shows: "a reviewer's day, in a real browser, by role and label",
        how: Node(&[Package, Site, Need::Browser]),
    },
    Step {
        name: "demo",
        shows: "the demo starts, and a person can work in it",
        how: Node(&[Package, Site, Need::Browser]),
    },
    Step {
        name: "engines",
        shows: "a reviewer's main path in Firefox and in WebKitGTK, too",
        how: Node(&[Package, Site, Need::Engines]),
    },
];

/// What steps share; each thing is made when a step first needs it.
#[derive(Default)]
struct Shared {
    package: OnceCell<Result>,
    site: OnceCell<Result>,
    browser: OnceCell<Result<Browser>>,
    engines: OnceCell<Result<Engines>>,
}

impl Shared {
    fn package(&self) -> Result {
        self.package
            .get_or_init(package::build)
            .clone()
            .map_err(|error| format!("the package was not built: {error}"))
    }

    fn site(&self) -> Result {
        self.site.get_or_init(demo::site).clone()
    }

    fn engines(&self) -> Result<&Engines> {
        self.engines
            .get_or_init(setup::engines)
            .as_ref()
            .map_err(Clone::clone)
    }

    fn browser(&self) -> Result<&Browser> {
        self.browser
            .get_or_init(setup::browser)
            .as_ref()
            .map_err(Clone::clone)
    }
}

pub fn run(names: &[String]) -> Result {
    if names.iter().any(|name| name == "--list") {
        for Step { name, shows, .. } in &STEPS {
            println!("{name:<10} {shows}");
        }
        return Ok(());
    }
    if let Some(unknown) = names
        .iter()
        .find(|name| STEPS.iter().all(|step| step.name != **name))
    {
        let known: Vec<_> = STEPS.iter().map(|step| step.name).collect();
        return Err(format!(
            "there is no step `{unknown}`; there are {}",
            known.join(", ")
        ));
    }

    let shared = Shared::default();
    let mut results = Vec::new();
    for step in STEPS
        .iter()
        .filter(|step| names.is_empty() || names.iter().any(|name| name == step.name))
    {
        println!("\n━━ {}: {}", step.name, step.shows);
        let start = Instant::now();
        let result = match &step.how {
            Here(work) => work(&shared),
            Node(needs) => node_tests(step.name, needs, &shared),
        };
        if let Err(error) = &result {
            eprintln!("{error}");
        }
        results.push((step.name, result, start.elapsed()));
    }
    report(&results)
}

fn report(results: &[(&str, Result, Duration)]) -> Result {
    println!();
    for (name, result, time) in results {
        println!(
            "{name:<10} {}  {:>8}",
            if result.is_ok() { "passed" } else { "FAILED" },
            seconds(*time)
        );
    }
    let failed: Vec<_> = results
        .iter()
        .filter(|(_, result, _)| result.is_err())
        .map(|(name, ..)| *name)
        .collect();
    println!(
        "\n{} passed, {} failed",
        results.len() - failed.len(),
        failed.len()
    );
    if failed.is_empty() {
        Ok(())
    } else {
        // Who sees the end only, sees why.
        for (name, result, _) in results {
            if let Err(error) = result {
                println!("{name}: {error}");
            }
        }
        Err(format!("failed: {}", failed.join(", ")))
    }
}

fn core() -> Result {
    overheard(
        "test the core and xtask",
        &mut cargo("test --quiet --package passdesk --package xtask"),
    )
    .map(drop)
}

/// The same wasm-bindgen tests twice: in Node and in a page.
fn boundary(shared: &Shared) -> Result {
    setup::for_build()?;
    setup::boundary_bundle()?;
    // The unit tests of the core are native: what drives them (proptest, url) is not compiled to WebAssembly. Each of the two
    // modules is tested as it is shipped, without the other's half, and the crate as who depends on it has it.
    let Browser { chrome, driver } = shared.browser()?;
    let settings = target_dir().join("webdriver.json");
    fs::write(&settings, webdriver(chrome))
        .map_err(|error| format!("{}: {error}", settings.display()))?;
    // One after the other, each in both: all of them are one file to Cargo, which compiles it anew for other features.
    for which in [
        "--test boundary",
        "--test desk_boundary --no-default-features --features desk",
        "--test transport --no-default-features --features transport",
    ] {
        let test = || cargo(&format!("test --package passdesk --target {WASM} {which}"));
        some_ran(&overheard("test the boundary in Node", &mut test())?)?;
        let in_page = overheard(
            "test the boundary in Chromium",
            test()
                .env("WASM_BINDGEN_USE_BROWSER", "1")
                .env("WASM_BINDGEN_TEST_TIMEOUT", "120")
                .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", &settings)
                .env("CHROMEDRIVER", driver),
        )?;
        some_ran(&in_page)?;
    }
    Ok(())
}

/// A user's program in Rust, compiled and bound to JavaScript; the folder where it lies.
fn user() -> Result<PathBuf> {
    setup::for_build()?;
    quietly(
        "compile a user's program in Rust",
        &mut cargo(&format!(
            "build --quiet --package passdesk --example user --target {WASM} --no-default-features --features transport"
        )),
    )?;
    let folder = target_dir().join("transport");
    quietly(
        "bind it to JavaScript",
        cargo("run --quiet --package wasm-bindgen-runner -- bindgen --target web --no-typescript --out-dir")
            .arg(&folder)
            .arg(target_dir().join(WASM).join("debug/examples/user.wasm")),
    )?;
    Ok(folder)
}

/// wasm-bindgen's runner is content with a binary that holds no tests.
fn some_ran(output: &str) -> Result {
    let passed: u32 = output
        .lines()
        .filter_map(|line| {
            line.strip_prefix("test result: ok. ")?
                .split_once(' ')?
                .0
                .parse::<u32>()
                .ok()
        })
        .sum();
    if passed == 0 {
        Err("no test of the boundary ran".to_owned())
    } else {
        Ok(())
    }
}

/// Chromium's own sandbox cannot be had as root; the pages are ours.
fn webdriver(chrome: &Path) -> String {
    let no_sandbox = if setup::is_root() {
        ", \"--no-sandbox\""
    } else {
        ""
    };
    format!(
        "{{\"goog:chromeOptions\": {{\"binary\": {:?}, \"args\": [\"--headless\", \"--disable-dev-shm-usage\"{no_sandbox}]}}}}\n",
        chrome.to_string_lossy()
    )
}

fn node_tests(name: &str, needs: &[Need], shared: &Shared) -> Result {
    setup::npm_packages()?;
    // Beside what is worth seeing while it runs, what failed and why, for the end.
    let told = target_dir().join("failures.txt");
    _ = fs::remove_file(&told);
    let mut command = node(
        // A whole file, too, has to end within this, on a machine that is slow.
        "--test --test-timeout=1200000 --test-reporter=spec --test-reporter-destination=stdout --test-reporter=./tests/support/failures.mjs",
    );
    command.arg(format!(
        "--test-reporter-destination={}",
        told.to_string_lossy()
    ));
    // Two files at once at least, as most tests wait more than they work: on two cores Node would run one.
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    command.arg(format!(
        "--test-concurrency={}",
        cores.saturating_sub(1).max(2)
    ));
    for need in needs {
        match need {
            Package => {
                shared.package()?;
                command.env("PASSDESK_TARBALL", package::tarball());
            }
            Site => shared.site()?,
            Need::Browser => {
                let Browser { chrome, driver } = shared.browser()?;
                command.env("CHROME", chrome).env("CHROMEDRIVER", driver);
            }
            Need::User => {
                command.env("PASSDESK_TRANSPORT", user()?);
            }
            Need::Engines => {
                let engines = shared.engines()?;
                command
                    .env("FIREFOX", &engines.firefox)
                    .env("GECKODRIVER", &engines.geckodriver)
                    .env("MINIBROWSER", &engines.minibrowser)
                    .env("WEBKITWEBDRIVER", &engines.webkit_driver)
                    .env("XVFB", &engines.xvfb);
            }
        }
    }
    // Named one by one: Node 20 takes no patterns.
    let folder = format!("tests/{name}");
    let mut files = Vec::new();
    collect_tests(&root().join(&folder), &mut files)
        .map_err(|error| format!("{folder} cannot be read: {error}"))?;
    files.sort();
    if files.is_empty() {
        return Err(format!("there are no tests in {folder}"));
    }
    command.args(files);
    openly(&format!("run the tests in {folder}"), &mut command).map_err(|error| {
        // Nothing was written where Node itself did not come so far.
        let failures = fs::read_to_string(&told).unwrap_or_default();
        format!("{error}\n\n{}", failures.trim_end())
    })
}

fn collect_tests(folder: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            if !path.ends_with("node_modules") {
                collect_tests(&path, found)?;
            }
        } else if path.to_string_lossy().ends_with(".test.mjs") {
            found.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tests in a folder that no step names would never run, and nobody would notice.
    #[test]
    fn every_folder_of_tests_is_a_step() {
        for entry in fs::read_dir(root().join("tests")).unwrap() {
            let folder = entry.unwrap().path();
            let mut files = Vec::new();
            if folder.is_dir() {
                collect_tests(&folder, &mut files).unwrap();
            }
            let name = folder.file_name().unwrap().to_string_lossy();
            let has_step = STEPS
                .iter()
                .any(|step| step.name == name && matches!(step.how, Node(_)));
            assert!(files.is_empty() || has_step, "tests/{name} is in no step");
        }
    }

    #[test]
    fn counts_the_tests_that_ran() {
        assert!(some_ran("running 1 test\ntest result: ok. 1 passed; 0 failed\n").is_ok());
        assert!(some_ran("no tests to run!\n").is_err());
        assert!(some_ran("test result: ok. 0 passed; 0 failed\n").is_err());
    }
}
