// @ts-check
import { parseArgs } from "node:util";

/**
 * What a script was asked for. What it does not understand ends it before it begins, and so does `--help`.
 *
 * @template {NonNullable<import("node:util").ParseArgsConfig["options"]>} Options
 * @param {Options} options
 * @param {string} usage what there is to ask for, in a sentence
 */
export function asked(options, usage) {
  if (process.argv.slice(2).some((argument) => argument === "--help" || argument === "-h")) {
    console.log(usage);
    process.exit(0);
  }
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    // The first sentence names it; what follows tells of ways to write it that no script here knows.
    const [problem] = /** @type {Error} */ (error).message.split(/\.\s/);
    console.error(`${problem}. ${usage}`);
    process.exit(2);
  }
}
