import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { watchConnection } from "./api/connection.ts";
import { dropPersonal, meQuery, queries } from "./api/queries.ts";
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

// On its way before anything is drawn, since everything waits for it.
queries.prefetchQuery(meQuery);
followPreferences();
listenForShortcuts();
watchConnection();
concealOnLeave(dropPersonal);

createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <App />
    </QueryClientProvider>
  </StrictMode>,
);
