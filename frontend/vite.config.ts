import { defineConfig } from "vite";
import { notices } from "./build/notices.ts";
import { symbols } from "./build/symbols.ts";

// `npm run dev` shows the picture of a node (or of benchmarks/stream_source.py) at this address.
const node = process.env["STEPPEWATCH_NODE"] ?? "http://127.0.0.1:8471";

export default defineConfig({
  base: "./",
  plugins: [symbols(), notices()],
  build: {
    outDir: "../src/steppewatch/web/static",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    rollupOptions: { input: { index: "index.html", plan: "plan.html", custody: "custody.html", capture: "capture.html" } },
  },
  server: {
    proxy: {
      "/api": node,
      "/terrain": node,
      "/healthz": node,
      "/ws": { target: node, ws: true },
    },
  },
});
