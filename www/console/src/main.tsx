import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { watchConnection } from "./api/connection.ts";
import { dropNotes, dropPersonal, followFocus, meQuery, queries } from "./api/queries.ts";
import { App } from "./app.tsx";
import { followPreferences } from "./util/preferences.ts";
import { concealOnLeave } from "./util/privacy.ts";
import { listenForShortcuts } from "./util/shortcuts.ts";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/ui.css";
import "./styles/frame.css";

const root = document.getElementById("console");
if (!root) throw new Error("index.html has no element #console");

// A list that is gone back to finds its place by itself (util/places.ts); the browser would look for it too early.
window.history.scrollRestoration = "manual";
// On its way before anything is drawn, since everything waits for it.
queries.prefetchQuery(meQuery);
followPreferences();
listenForShortcuts();
watchConnection();
followFocus();
concealOnLeave(() => {
  dropPersonal();
  dropNotes();
});

// React would write the whole error to the log, and nobody knows what its message holds (components/frame/page-guard.tsx).
const onCaughtError = (error: unknown) => console.warn("A screen broke:", error instanceof Error ? error.name : "");

createRoot(root, { onCaughtError }).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <App />
    </QueryClientProvider>
  </StrictMode>,
);
