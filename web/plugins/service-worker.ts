/** Adds a service worker that caches all files of the site, so that it works offline. */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Plugin } from "vite";

const SOURCE = resolve(import.meta.dirname, "../src/offline.js");

export function serviceWorker(): Plugin {
  return {
    name: "scorp:service-worker",
    apply: "build",
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        const hash = createHash("sha256");
        for (const file of Object.values(bundle))
          hash.update(file.type === "chunk" ? file.code : file.source);
        const files = JSON.stringify([
          "./",
          ...Object.keys(bundle).filter((name) => name !== "index.html"),
          "icon.svg",
        ]);
        const code = readFileSync(SOURCE, "utf8");
        const head = `const VERSION = "${hash.digest("hex").slice(0, 16)}";\nconst FILES = ${files};\n`;
        this.emitFile({ type: "asset", fileName: "offline.js", source: head + code });
      },
    },
  };
}
