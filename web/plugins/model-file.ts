/** `#model` is the URL of the model file, copied unchanged into the site, and its `--model` argument. */

import { basename, dirname, resolve } from "node:path";
import type { Plugin } from "vite";

const RELEASED = resolve(import.meta.dirname, "../../exported");
const DEFAULT = "digits"; // the default model of scorp-gen
const ID = "\0scorp:model";

/** Uses the file named in SCORP_MODEL, or the default model. */
export function modelFile(path = process.env.SCORP_MODEL): Plugin {
  return {
    name: "scorp:model-file",
    resolveId: (id) => (id === "#model" ? ID : null),
    load(id) {
      if (id !== ID) return null;
      const url = JSON.stringify(`${absolute(path)}?url`);
      return `export { default } from ${url};\nexport const argument = ${JSON.stringify(modelArgument(path))};`;
    },
  };
}

/** Returns the value of `--model`: the name of a released model, the file name of another one, or null for the default. */
export function modelArgument(path: string | undefined): string | null {
  const file = absolute(path);
  if (dirname(file) !== RELEASED) return basename(file);
  const name = basename(file, ".onnx");
  return name === DEFAULT ? null : name;
}

function absolute(path: string | undefined): string {
  return resolve(path ?? `${RELEASED}/${DEFAULT}.onnx`);
}
