/**
 * Writers, specified in `docs/reference/model-format.md`, section 6. Images of one writer share most of their style
 * and noise, in every seed.
 */

import { normals, Purpose } from "./random.ts";

/** Shares of the writer and of the image in a normal number, in 256ths. */
const MIXES = {
  [Purpose.NOISE]: { purpose: Purpose.WRITER_NOISE, writer: 236, image: 99 },
  [Purpose.STYLE]: { purpose: Purpose.WRITER_STYLE, writer: 248, image: 63 },
} as const;

type Arguments = readonly [
  writer: bigint | null,
  seed: bigint,
  purpose: keyof typeof MIXES,
  start: bigint,
  count: number,
  size: number,
];

const cache = new Map<Purpose, { readonly key: Arguments; readonly numbers: Int32Array }>();

/**
 * Returns `size` normal numbers for each image, in 256ths, of a writer or, if null, of independent images.
 *
 * The last result for each purpose is cached, because it does not change while a knob moves. Do not modify it.
 */
export function writerNormals(...key: Arguments): Int32Array {
  const [, , purpose] = key;
  const cached = cache.get(purpose);
  if (cached?.key.every((value, at) => value === key[at])) return cached.numbers;
  const numbers = mixed(...key);
  cache.set(purpose, { key, numbers });
  return numbers;
}

function mixed(...[writer, seed, purpose, start, count, size]: Arguments): Int32Array {
  const numbers = normals(seed, purpose, start, count, size);
  if (writer === null) return numbers;
  const mix = MIXES[purpose];
  const own = normals(writer, mix.purpose, 0n, 1, size);
  return numbers.map((number, at) => (mix.writer * own[at % size] + mix.image * number + 128) >> 8);
}
