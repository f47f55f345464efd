import { defineConfig, type Plugin } from "vite";

/**
 * The queue is what nearly everybody opens: its files come beside the page's own, not only once those have run. Another
 * screen has them fetched anyway as soon as it is idle (src/app.tsx).
 */
const queueBeside: Plugin = {
  name: "queue-beside",
  transformIndexHtml: {
    order: "post",
    handler(html, { bundle = {} }) {
      const chunks = Object.values(bundle).filter((file) => file.type === "chunk");
      const queue = chunks.find((chunk) => chunk.facadeModuleId?.endsWith("/pages/queue-page.tsx"));
      if (queue === undefined) throw new Error("the queue has no chunk of its own");
      const link = (attrs: Record<string, string>, file: string) => ({
        tag: "link",
        attrs: { ...attrs, crossorigin: true, href: `/${file}` },
        injectTo: "head" as const,
      });
      const scripts = [queue.fileName, ...queue.imports].filter((file) => !html.includes(`"/${file}"`));
      return [
        ...scripts.map((file) => link({ rel: "modulepreload", fetchpriority: "low" }, file)),
        ...[...(queue.viteMetadata?.importedCss ?? [])].map((file) => link({ rel: "preload", as: "style" }, file)),
      ];
    },
  },
};

// The root is console/, which build.mjs names.
export default defineConfig({
  plugins: [queueBeside],
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
