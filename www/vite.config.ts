import { defineConfig } from "vite";

// The root is console/, which build.mjs names.
export default defineConfig({
  build: {
    outDir: "../dist/console",
    emptyOutDir: true,
    target: "es2023",
    // The page's policy allows no data: URLs, so nothing may be inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // "use client" is for frameworks that render on a server.
      onLog(level, log, handle) {
        if (log.code !== "MODULE_LEVEL_DIRECTIVE") handle(level, log);
      },
    },
  },
});
