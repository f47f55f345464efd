// How the console writes what the APIs abbreviate.

/** `idDocumentFront` → `Id document front`: for names that nobody has put into words. */
export function spaced(name: string): string {
  const words = name
    .replace(/[_-]+/g, " ")
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
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
