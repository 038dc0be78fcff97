import { defineConfig } from "vite";
import { modelFiles } from "./plugins/model-files.ts";
import { realDigits } from "./plugins/real-digits.ts";
import { security } from "./plugins/security.ts";
import { serviceWorker } from "./plugins/service-worker.ts";

// `vite build` builds the static site in dist/, and `vite build --mode packed` the page of `scorp-gen serve`.
export default defineConfig(({ mode }) => {
  const isPacked = mode === "packed";
  return {
    base: "./",
    publicDir: "public",
    resolve: {
      alias: { "#source": `/src/source/${isPacked ? "runtime" : "wasm"}.ts` },
    },
    plugins: isPacked
      ? [realDigits(undefined)]
      : [security(), modelFiles(), serviceWorker(), realDigits(process.env.SCORP_REAL_DIGITS)],
    worker: { format: "es" },
    build: {
      outDir: isPacked ? "../scorp_runtime/web/page" : "dist",
      emptyOutDir: true,
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      license: { fileName: "licences.md" }, // notices of the bundled packages
      ...(isPacked && {
        rolldownOptions: { output: { entryFileNames: "page.js", assetFileNames: "page[extname]" } },
      }),
    },
  };
});
