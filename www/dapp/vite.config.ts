import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

// The root is dapp/, which build.mjs names.
export default defineConfig({
  build: {
    outDir: "../dist/dapp",
    emptyOutDir: true,
    target: "es2023",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // "use client" is for frameworks that render on a server.
      onLog(level, log, handle) {
        if (log.code !== "MODULE_LEVEL_DIRECTIVE") handle(level, log);
      },
    },
  },
  resolve: {
    // Civic's own window, in which a user shows documents, is not part of the demo; nor is the frame that would hold it.
    alias: { "@iframe-resizer/react": fileURLToPath(new URL("src/no-frame.ts", import.meta.url)) },
  },
});
