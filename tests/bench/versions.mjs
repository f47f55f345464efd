// @ts-check
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const FOLDERS = ["../node_modules/", "../../node_modules/"];

/** The versions of installed packages, by name; many packages hide their package.json from `import`. @param {...string} names */
export function versionsOf(...names) {
  return Object.fromEntries(
    names.map((name) => {
      const files = FOLDERS.map((folder) => fileURLToPath(new URL(`${folder}${name}/package.json`, import.meta.url)));
      const file = files.find((one) => existsSync(one));
      if (file === undefined) throw new Error(`${name} is not installed`);
      return [name, String(JSON.parse(readFileSync(file, "utf8")).version)];
    }),
  );
}
