import { defineConfig } from "vite";

// The page is served by Flask: files go to web/static/, and web/pages/built.py reads the manifest.
export default defineConfig({
  base: "/static/",
  publicDir: false,
  build: {
    outDir: "../static",
    emptyOutDir: true,
    manifest: "manifest.json",
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1500,
    // The map's worker is an entry of its own, so that it shares its half of MapLibre with the pages; built.py names its file.
    rollupOptions: { input: ["src/main.ts", "src/brief/main.ts", "src/points/main.ts", "src/public/main.ts", "src/desk/main.ts", "src/desk/early.ts", "src/snap/main.ts", "src/street/main.ts", "src/fonts.css", "node_modules/maplibre-gl/dist/maplibre-gl-worker.mjs"] },
  },
});
