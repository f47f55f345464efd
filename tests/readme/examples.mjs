// @ts-check
// The examples of a Markdown file: every fenced block of JavaScript or TypeScript, with what the reader is told it prints.
//
// A comment `<!-- example: … -->` right above a block, unseen by readers, says how to run it:
//   file NAME                  it is a module that the examples after it import as ./NAME
//   fault SPEC                 the sandbox plays this fault (the grammar of `passdesk/sandbox`)
//   worker PATH answers TEXT   it is a Worker; a request for PATH gets this status and content type
//   component NAME shows TEXT  it exports a component of React; in a page with a request in review it comes to show this

import { readFile } from "node:fs/promises";

/**
 * @typedef {object} Example
 * @property {number} line Where it begins in the Markdown file.
 * @property {"js" | "ts" | "tsx"} language
 * @property {string} source
 * @property {string[]} directive The words of the comment above it.
 * @property {string[]} prints What it is said to print, line by line.
 */

const BLOCK = /(?:<!-- example: (?<directive>.*?) -->\s*)?^```(?<language>[a-z]*)\n(?<source>.*?)^```$/gms;

/**
 * @param {string} text The Markdown text.
 * @returns {Example[]}
 */
export function examplesOf(text) {
  return [...text.matchAll(BLOCK)].flatMap((match) => {
    const { directive = "", language, source = "" } = match.groups ?? {};
    if (language !== "js" && language !== "ts" && language !== "tsx") {
      if (directive) throw new Error(`a block of ${language || "no language"} is no example: ${directive}`);
      return [];
    }
    const line = text.slice(0, match.index + match[0].indexOf("```")).split("\n").length;
    const prints = [...source.matchAll(/\/\/ prints: (.*)$/gm)].map(([, printed = ""]) => printed);
    return [{ line, language, source, directive: directive.split(" ").filter(Boolean), prints }];
  });
}

/** @param {URL} file */
export const examplesIn = async (file) => examplesOf(await readFile(file, "utf8"));
