// @ts-check
// Somebody at a browser of another engine: Firefox by geckodriver, WebKitGTK's MiniBrowser by WebKitWebDriver on a screen
// of its own. Elements are found by the role and the name that the engine itself computes (WebDriver, "Get Computed Role" and
// "Get Computed Label"), as a screen reader is told them.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { By, Capabilities, error, Key, WebDriver } from "selenium-webdriver";
import { Executor, HttpClient } from "selenium-webdriver/http/index.js";

/** Long enough for what a busy machine does late, short enough to end. */
const PATIENCE_MS = 30_000;
const LOOK_MS = 100;

/** Where each role may be; the engine has the last word. @type {Readonly<Record<string, string>>} */
const CANDIDATES = {
  button: "button, [role=button]",
  combobox: "select, input[list], [role=combobox]",
  heading: "h1, h2, h3",
  img: "img, [role=img]",
  link: "a[href]",
  progressbar: "progress, [role=progressbar]",
  radio: "input[type=radio]",
  region: "section",
  textbox: "input",
};

/** ARIA 1.3 has a new word for an image; WebKitGTK tells its platform of suggestions in another way than by the role. @type {Readonly<Record<string, string>>} */
const ALSO = { img: "image", combobox: "textbox" };

/** @typedef {import("selenium-webdriver").WebElement} WebElement */
/** @typedef {Awaited<ReturnType<typeof enter>>} Somebody */

/** The engines that this step is about, and how each is started. */
export const ENGINES = {
  Firefox: {
    driver: () => [needed("GECKODRIVER", "geckodriver"), "--log=fatal"],
    capabilities: () => ({
      browserName: "firefox",
      "moz:firefoxOptions": {
        binary: needed("FIREFOX", "firefox-esr"),
        args: ["-headless"],
        // It is to speak to nobody but the desk.
        prefs: {
          "app.normandy.enabled": false,
          "datareporting.policy.dataSubmissionEnabled": false,
          "network.captive-portal-service.enabled": false,
          "network.connectivity-service.enabled": false,
          "services.settings.server": "data:,#remote-settings-dummy/v1",
        },
      },
    }),
    needsScreen: false,
  },
  WebKitGTK: {
    driver: () => [needed("WEBKITWEBDRIVER", "WebKitWebDriver")],
    capabilities: () => ({
      browserName: "MiniBrowser",
      "webkitgtk:browserOptions": {
        binary: needed("MINIBROWSER", "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser"),
        args: ["--automation"],
      },
    }),
    needsScreen: true,
  },
};

/** `cargo xtask test` names the programs; by hand the usual ones are tried. @param {string} variable @param {string} usual */
const needed = (variable, usual) => process.env[variable] ?? usual;

/**
 * Starts the browser, and gives what a person does with it.
 *
 * @param {keyof typeof ENGINES} engine
 * @param {string} url the desk
 */
export async function enter(engine, url) {
  const { driver: commandOf, capabilities, needsScreen } = ENGINES[engine];
  /** @type {(() => Promise<unknown>)[]} */
  const closing = [];
  const leave = async () => {
    for (const end of closing.splice(0).reverse()) await end().catch(() => {});
  };
  try {
    const screen = needsScreen ? await startScreen() : undefined;
    if (screen) closing.push(screen.stop);
    const port = await freePort();
    const [program = "", ...args] = commandOf();
    const server = spawn(program, [...args, `--port=${port}`], {
      stdio: "ignore",
      env: { ...process.env, ...(screen && { DISPLAY: screen.display, WEBKIT_DISABLE_DMABUF_RENDERER: "1" }) },
    });
    closing.push(() => stop(server));
    const address = `http://127.0.0.1:${port}`;
    await answering(address, server);
    const browser = WebDriver.createSession(
      new Executor(new HttpClient(address)),
      new Capabilities(/** @type {{}} */ (capabilities())),
    );
    await browser.getSession();
    closing.push(() => browser.quit());
    await browser.manage().window().setRect({ width: 1280, height: 960 });
    return { ...personAt(browser, url), leave };
  } catch (failure) {
    await leave();
    throw failure;
  }
}

/** @param {WebDriver} browser @param {string} url */
function personAt(browser, url) {
  /**
   * Waits until there is such an element on the screen.
   *
   * @param {string} role
   * @param {string | RegExp} name
   * @returns {Promise<WebElement>}
   */
  const find = (role, name) =>
    until(`a ${role} called ${name}`, async () => {
      for (const element of await browser.findElements(By.css(CANDIDATES[role] ?? assert.fail(role)))) {
        if (await isCalled(element, role, name).catch(gone)) return element;
      }
      return undefined;
    });

  return {
    browser,
    find,
    /** @param {string} path */
    open: (path) => browser.get(url + path),
    path: async () => new URL(await browser.getCurrentUrl()).pathname,
    /** Waits until the page says this somewhere. @param {string | RegExp} text */
    says: (text) =>
      until(`the words ${text}`, async () => {
        const words = String(await browser.executeScript("return document.body?.innerText ?? ''"));
        return (typeof text === "string" ? words.includes(text) : text.test(words)) || undefined;
      }),
    /** Presses keys one after the other, wherever the focus is. @param {...string} keys */
    async press(...keys) {
      for (const key of keys) await browser.actions().sendKeys(key).perform();
    },
    /** Writes into a field in place of what is there. @param {string} role @param {string} name @param {string} text */
    async write(role, name, text) {
      const field = await find(role, name);
      await field.clear();
      await field.sendKeys(text);
    },
    /** Waits until a case's keys are alive, which they are not while the case before might still be meant. */
    settled: () => until("a case's keys", async () => (await browser.findElements(By.css("[data-settled=true]")))[0]),
    /** What has the focus, by the name that the engine computes. */
    focused: async () => browser.switchTo().activeElement().getAccessibleName(),
    /** How wide an image is, once it is drawn. @param {string | RegExp} name */
    drawnWidth: async (name) => {
      const image = await find("img", name);
      return until(
        `the image ${name} drawn`,
        async () =>
          (await browser.executeScript("return arguments[0].complete && arguments[0].naturalWidth", image)) ||
          undefined,
      );
    },
  };
}

/** @param {WebElement} element @param {string} role @param {string | RegExp} name */
async function isCalled(element, role, name) {
  const called = await element.getAccessibleName();
  if (typeof name === "string" ? called !== name : !name.test(called)) return false;
  const is = await element.getAriaRole();
  return (is === role || is === ALSO[role]) && (await element.getRect()).height > 0;
}

/** An element that the page has replaced meanwhile is not the one. @param {unknown} failure */
function gone(failure) {
  if (failure instanceof error.StaleElementReferenceError || failure instanceof error.NoSuchElementError) return false;
  throw failure;
}

/**
 * @template T
 * @param {string} what
 * @param {() => Promise<T | undefined>} look
 * @returns {Promise<T>}
 */
async function until(what, look) {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const seen = await look().catch((failure) => {
      gone(failure);
      return undefined;
    });
    if (seen !== undefined) return seen;
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** A screen in memory: WebKitGTK's browser has no headless mode. */
async function startScreen() {
  const screen = spawn(
    needed("XVFB", "Xvfb"),
    ["-displayfd", "3", "-screen", "0", "1280x1024x24", "-nolisten", "tcp"],
    {
      stdio: ["ignore", "ignore", "ignore", "pipe"],
    },
  );
  const told = /** @type {import("node:stream").Readable} */ (screen.stdio[3]);
  const [number] = await Promise.race([
    once(told, "data"),
    once(screen, "exit").then(() => assert.fail("Xvfb ended at once")),
  ]);
  return { display: `:${String(number).trim()}`, stop: () => stop(screen) };
}

/** @param {import("node:child_process").ChildProcess} child */
async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill();
  await ended;
}

/** @param {string} address @param {import("node:child_process").ChildProcess} server */
async function answering(address, server) {
  /** @type {Error | undefined} */
  let broken;
  server.once("error", (failure) => (broken = failure));
  await until("the driver", async () => {
    if (broken) throw broken;
    if (server.exitCode !== null) throw new Error(`${server.spawnfile} ended with ${server.exitCode}`);
    return fetch(`${address}/status`).then(
      (answer) => answer.ok || undefined,
      () => undefined,
    );
  });
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject).listen(0, "127.0.0.1", () => {
      const { port } = /** @type {import("node:net").AddressInfo} */ (probe.address());
      probe.close(() => resolve(port));
    });
  });
}

export { Key };
