// How the console writes what the APIs abbreviate.

/** `idDocumentFront` → `Id document front`: for names that nobody has put into words. */
export function spaced(name: string): string {
  const words = name
    .replace(/[_-]+/g, " ")
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z])([A-Z][a-z]{2,})/g, "$1 $2")
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** `41,230 bytes`, `2.4 MB`. */
export function bytes(count: number): string {
  if (count < 10_000) return `${count.toLocaleString("en")} bytes`;
  if (count < 1_000_000) return `${Math.round(count / 1000)} kB`;
  return `${(count / 1_000_000).toFixed(1)} MB`;
}

/** `11,020`. */
export function number(count: number): string {
  return count.toLocaleString("en");
}

/** An upstream date to the minute. Its zone is not always given, so it is shown as written rather than converted. */
export function minute(date: string | null | undefined): string {
  const [, day, time] = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})/.exec(date ?? "") ?? [];
  return day ? `${day} ${time}` : (date ?? "");
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `less than a minute`, `12 min`, `3 h 5 min`, `2 days 4 h`. */
export function duration(ms: number): string {
  if (ms < MINUTE) return "less than a minute";
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`;
  if (ms < DAY) return joined(Math.floor(ms / HOUR), "h", Math.floor((ms % HOUR) / MINUTE), "min");
  const days = Math.floor(ms / DAY);
  return joined(days, days === 1 ? "day" : "days", Math.floor((ms % DAY) / HOUR), "h");
}

const joined = (much: number, unit: string, little: number, smaller: string) =>
  little === 0 ? `${much} ${unit}` : `${much} ${unit} ${little} ${smaller}`;

/** `1 case`, `1,204 cases`. */
export function counted(count: number, one: string, many: string): string {
  return `${number(count)} ${count === 1 ? one : many}`;
}

/** A time of the desk's own, in the reader's zone: the hour where it is today, else the day too. */
export function moment(at: number, now = Date.now()): string {
  const date = new Date(at);
  const time = date.toLocaleTimeString("en", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  if (date.toDateString() === new Date(now).toDateString()) return time;
  return `${date.toLocaleDateString("en", { day: "numeric", month: "short", year: "numeric" })}, ${time}`;
}

/** An e-mail address without its domain, where everybody has the same. */
export function person(email: string, me: string): string {
  if (email === me) return "you";
  const [name = email, domain] = email.split("@");
  return domain === me.split("@")[1] ? name : email;
}

/** A time to the second, where the reader is: `2026-11-21 23:52:10`. */
export function second(at: number): string {
  return new Date(at).toLocaleString("sv");
}
