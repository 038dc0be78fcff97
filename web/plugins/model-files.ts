/** `#models` is the catalog of the site. Its model files are copied unchanged into the site. */

import { readFileSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import type { Plugin } from "vite";
import { readModel } from "../src/core/model.ts";

const RELEASED = resolve(import.meta.dirname, "../../exported");
const DEFAULT = "digits"; // the default model of scorp-gen
const BUNDLED = [DEFAULT, "text"];
const ID = "\0scorp:models";

/** Uses only the file named in SCORP_MODEL, or the bundled models. */
export function modelFiles(path = process.env.SCORP_MODEL): Plugin {
  return {
    name: "scorp:model-files",
    resolveId: (id) => (id === "#models" ? ID : null),
    load(id) {
      if (id !== ID) return null;
      const files = path === undefined ? BUNDLED.map((name) => `${RELEASED}/${name}.onnx`) : [resolve(path)];
      const imports = files.map((file, at) => `import url${at} from ${JSON.stringify(`${file}?url`)};`);
      const entries = files.map((file, at) => {
        const { argument, classes } = readModel(readFileSync(file), modelArgument(file));
        return `{ url: url${at}, argument: ${JSON.stringify(argument)}, classes: ${JSON.stringify(classes)} }`;
      });
      return `${imports.join("\n")}\nexport const catalog = [${entries.join(", ")}];`;
    },
  };
}

/** Returns the value of `--model`: the name of a released model, the file name of another one, or null for the default. */
export function modelArgument(file: string): string | null {
  const path = resolve(file);
  if (dirname(path) !== RELEASED) return basename(path);
  const name = basename(path, ".onnx");
  return name === DEFAULT ? null : name;
}
