import { defineConfig } from "vite";

export default defineConfig({
  root: "console",
  build: {
    outDir: "../dist/console",
    emptyOutDir: true,
    target: "es2023",
    // The page's policy allows no data: URLs, so nothing may be inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
