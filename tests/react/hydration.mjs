// @ts-check
// The same component on both sides: what a server renders, and what takes it over in the page.

import { useReviewHandoff } from "passdesk/react";
import { createElement } from "react";
import { hydrateRoot } from "react-dom/client";
import { renderToString } from "react-dom/server";

function Notice() {
  const endpoint = Reflect.get(globalThis, "endpoint") ?? "/desk/intake";
  const { status } = useReviewHandoff({ presentationRequestId: "abc123" }, { endpoint });
  return createElement("output", { "data-has": "id" }, status);
}

export let rendered = "";
if (typeof document === "undefined") rendered = renderToString(createElement(Notice));
else hydrateRoot(/** @type {HTMLElement} */ (document.getElementById("root")), createElement(Notice));
