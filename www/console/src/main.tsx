import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/ui.css";
import "./styles/console.css";

const root = document.getElementById("console");
if (!root) throw new Error("index.html has no element #console");
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
