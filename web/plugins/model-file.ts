/** `#model` is the address of the released model, copied into the site as it is; SCORP_MODEL names another file. */

import { resolve } from "node:path";
import type { Plugin } from "vite";

const RELEASED = "../exported/digits.onnx";

export function modelFile(): Plugin {
  return {
    name: "scorp:model-file",
    resolveId(id) {
      if (id !== "#model") return null;
      const file = process.env.SCORP_MODEL ?? resolve(import.meta.dirname, "..", RELEASED);
      return `${resolve(file)}?url`;
    },
  };
}
