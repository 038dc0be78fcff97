/**
 * `#real` is where the real digits of the game lie, or null.
 *
 * `images` names an IDX file of pictures such as MNIST's `t10k-images-idx3-ubyte`, gzipped or not; the labels are
 * beside it, under the name with `labels-idx1` for `images-idx3`. The first thousand go into the site.
 */

import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { Plugin } from "vite";
import { readIdx } from "../src/core/idx.ts";

const MOST = 1000;
const ID = "\0scorp:real";

export function realDigits(images: string | undefined): Plugin {
  return {
    name: "scorp:real-digits",
    apply: "build",
    resolveId: (id) => (id === "#real" ? ID : null),
    load(id) {
      if (id !== ID) return null;
      if (!images) return "export const realDigits = null;";
      const emit = (fileName: string, source: Uint8Array) => {
        this.emitFile({ type: "asset", fileName, source });
        return JSON.stringify(`./${fileName}`);
      };
      const labels = images.replace("images-idx3", "labels-idx1");
      const [first, second] = [
        emit("real-images.idx", begin(images)),
        emit("real-labels.idx", begin(labels)),
      ];
      return `export const realDigits = { images: ${first}, labels: ${second} };`;
    },
  };
}

/** The first entries of an IDX file, as a file again. */
function begin(path: string): Uint8Array {
  const packed = readFileSync(path);
  const file = packed.readUInt16BE(0) === 0x1f8b ? gunzipSync(packed) : packed;
  const { shape, bytes } = readIdx(file);
  const count = Math.min(MOST, shape[0]);
  const head = Buffer.from(file.subarray(0, 4 + 4 * shape.length));
  head.writeUInt32BE(count, 4);
  return Buffer.concat([head, bytes.subarray(0, (bytes.length / shape[0]) * count)]);
}
