// What a note may hold: plain text for colleagues, and nothing of the person's. What is a value of the record is found however
// it is spelt; a name that the record does not have, no program can find.

/** Something of the record that a note says. */
export interface Disclosure {
  /** The field whose value it is. */
  field: string;
  /** As it stands in the note. */
  words: string;
}

/** What turns the direction of writing, or is no sign at all (Unicode TR 36, section 2.5): the desk takes none of it. */
const UNSEEN = /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
/** What joins the letters of some scripts, and the parts of an emoji. */
const JOINERS = /^[\u200c\u200d]$/;

/** A note as it is sent: what a paste may bring along unseen is no part of it. */
export const tidy = (text: string): string =>
  text
    .replace(/\r\n?|[\u0085\u2028\u2029]/g, "\n")
    .replaceAll("\t", " ")
    .replace(UNSEEN, (sign) => (JOINERS.test(sign) ? sign : ""))
    .trim();

/** In characters as the desk counts them: code points. */
export const lengthOf = (text: string): number => [...text].length;

/** Letters that Unicode does not take apart, as they are written where they are not to be had. */
const PLAIN: Record<string, string> = { ß: "ss", æ: "ae", œ: "oe", ø: "o", đ: "d", ð: "d", ł: "l", þ: "th", ı: "i" };

/** Without accents, case, width and all that is neither letter nor digit. */
const fold = (text: string): string =>
  text
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, "")
    .replace(/[ßæœøđðłþı]/g, (letter) => PLAIN[letter] ?? letter);

/** A word or a number of a note, and where it stands. */
interface Token {
  text: string;
  start: number;
  end: number;
}

const tokensOf = (note: string): Token[] =>
  [...note.matchAll(/[\p{L}\p{M}\p{N}]+/gu)]
    .map(({ 0: raw, index }) => ({ text: fold(raw), start: index, end: index + raw.length }))
    .filter(({ text }) => text !== "");

/** What a value is found by. */
type Search = (note: string, tokens: readonly Token[]) => readonly [start: number, end: number] | undefined;

/** Words that follow each other and say just this, whatever stands between them. */
const asWords =
  (wanted: string): Search =>
  (_, tokens) => {
    for (const [from, first] of tokens.entries()) {
      let said = "";
      for (const token of tokens.slice(from)) {
        said += token.text;
        if (said === wanted) return [first.start, token.end];
        if (said.length >= wanted.length) break;
      }
    }
    return undefined;
  };

/** Anywhere, even within a longer word: for what is no ordinary word. */
const asPart =
  (wanted: string): Search =>
  (_, tokens) => {
    const at = tokens
      .map(({ text }) => text)
      .join("")
      .indexOf(wanted);
    if (at < 0) return undefined;
    let passed = 0;
    const held = tokens.filter(({ text }) => {
      const begins = passed;
      passed += text.length;
      return passed > at && begins < at + wanted.length;
    });
    const [first, last] = [held[0], held.at(-1)];
    return first && last && [first.start, last.end];
  };

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/** A day however it is written: in three parts in any usual order, the month as a word or a number, or in one. */
const asDay =
  (year: string, month: string, day: string): Search =>
  (note) => {
    const short = year.slice(2);
    const parts = [...note.matchAll(/\p{L}+|\p{Nd}+/gu)]
      .map(({ 0: raw, index }) => ({ text: fold(raw), start: index, end: index + raw.length }))
      .filter(({ text }) => !/^(?:st|nd|rd|th|of|the)$/.test(text))
      .map((part) => {
        const at = /^[a-z]{3,}$/.test(part.text) ? MONTHS.indexOf(part.text.slice(0, 3)) : -1;
        return at < 0 ? part : { ...part, text: String(at + 1) };
      });
    const is = (text: string | undefined, wanted: string) => text?.replace(/^0+(?=\d)/, "") === String(Number(wanted));
    const isYear = (text: string | undefined) => text === year || text === short;
    for (const [at, first] of parts.entries()) {
      const [a, b, c] = [first.text, parts[at + 1]?.text, parts[at + 2]?.text];
      const last = parts[at + 2];
      const said =
        (isYear(a) && is(b, month) && is(c, day)) ||
        (isYear(c) && ((is(a, day) && is(b, month)) || (is(a, month) && is(b, day))));
      if (said && last) return [first.start, last.end];
      const whole = [year + month + day, day + month + year, month + day + year, short + month + day];
      if (whole.includes(first.text)) return [first.start, first.end];
    }
    return undefined;
  };

/** Scripts that put no space between words. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/u;
/** A value of one of these is an ordinary word, and says little of anybody. */
const ORDINARY = /(?:type|country|nationality|gender|sex|status|level)$/i;
const NAME = /name$/i;
const PHONE = /phone|mobile|cell|tel(?:$|[^a-z])/i;
/** Parts of names that are in everybody's. */
const PARTICLES: ReadonlySet<string> = new Set(
  "abu and bin bint dal das del della den der des dos ibn las los mac mrs san the van von".split(" "),
);

function searchesOf(field: string, value: unknown): Search[] {
  if (typeof value === "object" && value !== null) {
    return Object.entries(value).flatMap(([name, part]) => searchesOf(Array.isArray(value) ? field : name, part));
  }
  if (ORDINARY.test(field)) return [];
  if (typeof value === "number" || typeof value === "bigint") return textSearches(field, String(value), 4);
  return typeof value === "string" ? textSearches(field, value, 3) : [];
}

function textSearches(field: string, value: string, least: number): Search[] {
  const searches: Search[] = [];
  const whole = fold(value);
  if (UNSPACED.test(whole)) return whole.length >= 2 ? [asPart(whole)] : [];
  const [, year, month, day] = /^\s*(\d{4})-(\d{2})-(\d{2})(?!\d)/.exec(value) ?? [];
  if (year && month && day) return [asDay(year, month, day)];
  if (whole.length >= least) searches.push(asWords(whole));
  if (/\d/.test(whole) && whole.length >= 6) searches.push(asPart(whole));
  const digits = value.replace(/\D/g, "");
  // With or without the country's code, and the nought in its place.
  if ((PHONE.test(field) || /^\s*\+/.test(value)) && digits.length >= 8) searches.push(asPart(digits.slice(-7)));
  const [, mailbox] = /^\s*([^@\s]+)@[^@\s]+\s*$/.exec(value) ?? [];
  if (mailbox && fold(mailbox).length >= 5) searches.push(asWords(fold(mailbox)));
  if (NAME.test(field)) {
    const parts = value.split(/[^\p{L}\p{M}\p{N}]+/u).map(fold);
    for (const part of parts) if (part.length >= 3 && !PARTICLES.has(part)) searches.push(asWords(part));
  }
  // A line of a postal address says enough.
  const lines = value.split(/[,;\n]/).map(fold);
  if (lines.length > 1) for (const line of lines) if (line.length >= 5) searches.push(asWords(line));
  return searches;
}

/** Which of a record's values a note says, each once, in the order in which they stand there. */
export function disclosures(note: string, information: object | undefined): Disclosure[] {
  const tokens = tokensOf(note);
  const found: (Disclosure & { start: number; end: number })[] = [];
  for (const [field, value] of Object.entries(information ?? {})) {
    for (const search of searchesOf(field, value)) {
      const [start, end] = search(note, tokens) ?? [];
      if (start === undefined || end === undefined) continue;
      // "Ada Lovelace" is told once, and not as "Ada" and "Lovelace" too.
      if (found.some((one) => one.start <= start && end <= one.end)) continue;
      found.push({ field, words: note.slice(start, end), start, end });
    }
  }
  return found
    .filter(
      (one) =>
        !found.some(
          (other) =>
            other !== one &&
            other.start <= one.start &&
            one.end <= other.end &&
            other.end - other.start > one.end - one.start,
        ),
    )
    .sort((a, b) => a.start - b.start)
    .map(({ field, words }) => ({ field, words }));
}
