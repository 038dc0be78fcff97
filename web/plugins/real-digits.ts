/**
 * `#real` is the URLs of the real digits for the game, or null.
 *
 * `images` is an IDX file such as MNIST's `t10k-images-idx3-ubyte`, gzipped or not. Its labels are next to it, with
 * `labels-idx1` in the name. The first thousand go into the site.
 */

import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import type { Plugin } from "vite";
import { readIdx } from "../src/core/idx.ts";

const MAX_DIGITS = 1000;
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
      const urls = [emit("real-images.idx", firstItems(images)), emit("real-labels.idx", firstItems(labels))];
      return `export const realDigits = { images: ${urls[0]}, labels: ${urls[1]} };`;
    },
  };
}

/** Returns an IDX file with the first items of another one. */
function firstItems(path: string): Uint8Array {
  const packed = readFileSync(path);
  const file = packed.readUInt16BE(0) === 0x1f8b ? gunzipSync(packed) : packed;
  const { shape, bytes } = readIdx(file);
  const count = Math.min(MAX_DIGITS, shape[0]);
  const header = Buffer.from(file.subarray(0, 4 + 4 * shape.length));
  header.writeUInt32BE(count, 4);
  return Buffer.concat([header, bytes.subarray(0, (bytes.length / shape[0]) * count)]);
}
