/**
 * `#model` is the address of the released model, copied into the site as it is, with what `--model` says of it as
 * `place`. SCORP_MODEL names another file.
 */

import { basename, dirname, resolve } from "node:path";
import type { Plugin } from "vite";

const RELEASED = resolve(import.meta.dirname, "../../exported");
const DEFAULT = "digits"; // the released model that scorp-gen takes unasked
const ID = "\0scorp:model";

export function modelFile(named = process.env.SCORP_MODEL): Plugin {
  return {
    name: "scorp:model-file",
    resolveId: (id) => (id === "#model" ? ID : null),
    load(id) {
      if (id !== ID) return null;
      const address = JSON.stringify(`${fileOf(named)}?url`);
      return `export { default } from ${address};\nexport const place = ${JSON.stringify(placeOf(named))};`;
    },
  };
}

/** What `--model` says of a model: a released one is known by its name; of any other, the visitor has the file. */
export function placeOf(named: string | undefined): string | null {
  const file = fileOf(named);
  if (dirname(file) !== RELEASED) return basename(file);
  const name = basename(file, ".onnx");
  return name === DEFAULT ? null : name;
}

function fileOf(named: string | undefined): string {
  return resolve(named ?? `${RELEASED}/${DEFAULT}.onnx`);
}
