// Before the first paint, so that a chosen theme does not flash in the other one. src/util/preferences.ts writes it.
try {
  const { theme } = JSON.parse(localStorage.getItem("passdesk.preferences") ?? "{}");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // A browser that stores nothing shows what the system prefers.
}
