/**
 * Random numbers by address: what sample `i` of seed `s` is made of. Nothing here is a stream.
 *
 * `docs/model-format.md`, section 3, is the specification.
 */

import { philox } from "./philox.ts";

/** What the page draws random words for. Each purpose has its own key, so none disturbs another. */
export const Purpose = {
  NOISE: 0,
  STYLE: 2,
  WRITER_NOISE: 4,
  WRITER_STYLE: 5,
  WRITER_CHOICE: 6,
  LAYOUT: 7,
} as const;

export type Purpose = (typeof Purpose)[keyof typeof Purpose];

/** The number of seeds, of samples of each, and of writers. */
export const SPACE = 1n << 64n;

const TERMS = 12; // bytes summed into one normal number
const BLOCK_BYTES = 32;
const MEAN = 1530;

/** Normal numbers in 256ths, `size` for each sample: each is the sum of twelve random bytes, less its mean. */
export function normals(
  seed: bigint,
  purpose: Purpose,
  start: bigint,
  count: number,
  size: number,
): Int32Array {
  const blocks = Math.ceil((TERMS * size) / BLOCK_BYTES);
  const bytes = new Uint8Array(words(seed, purpose, start, count, blocks).buffer);
  const numbers = new Int32Array(count * size).fill(-MEAN);
  for (let sample = 0; sample < count; sample++) {
    for (let term = 0; term < TERMS; term++) {
      const from = sample * blocks * BLOCK_BYTES + term * size;
      for (let j = 0; j < size; j++) numbers[sample * size + j] += bytes[from + j];
    }
  }
  return numbers;
}

/** The writer of a sequence whose writer is left open. */
export function drawnWriter(seed: bigint, sequence: bigint): bigint {
  const [low, high] = words(seed, Purpose.WRITER_CHOICE, sequence, 1, 1);
  return ((BigInt(high) << 32n) | BigInt(low)) >> 11n;
}

/** The upper halves of the first two words that the layout of a character draws. */
export function layoutWords(seed: bigint, sample: bigint): [number, number] {
  const drawn = words(seed, Purpose.LAYOUT, sample, 1, 1);
  return [drawn[1], drawn[3]];
}

/** A whole number below `size` from the upper half of a word. */
export function scaled(half: number, size: number): number {
  return Math.floor((half * size) / 2 ** 32);
}

/** A fresh seed or writer, of 53 bits like those of the runtime. */
export function fresh(): bigint {
  const [word] = crypto.getRandomValues(new BigUint64Array(1));
  return word >> 11n;
}

function words(seed: bigint, purpose: Purpose, start: bigint, count: number, blocks: number): Uint32Array {
  return philox(seed, purpose, start * BigInt(blocks), count * blocks);
}
