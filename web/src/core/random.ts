/** Random numbers of image i of seed s, specified in `docs/reference/model-format.md`, section 3. */

import { philox } from "./philox.ts";

/** What random words are drawn for. Each purpose has its own Philox key, so they are independent. */
export const Purpose = {
  NOISE: 0,
  STYLE: 2,
  WRITER_NOISE: 4,
  WRITER_STYLE: 5,
  WRITER_CHOICE: 6,
  LAYOUT: 7,
  PAPER: 14,
} as const;

export type Purpose = (typeof Purpose)[keyof typeof Purpose];

/** Number of seeds, of images per seed, and of writers. */
export const SEED_COUNT = 1n << 64n;

const TERMS = 12; // bytes summed into one normal number
const BLOCK_BYTES = 32;
const MEAN = 1530;

/** Returns `size` normal numbers for each image, in 256ths: sums of twelve random bytes minus their mean. */
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
  for (let image = 0; image < count; image++) {
    for (let term = 0; term < TERMS; term++) {
      const from = image * blocks * BLOCK_BYTES + term * size;
      for (let j = 0; j < size; j++) numbers[image * size + j] += bytes[from + j];
    }
  }
  return numbers;
}

/** Returns the writer of a text when none is chosen. */
export function randomWriter(seed: bigint, text: bigint): bigint {
  const [low, high] = words(seed, Purpose.WRITER_CHOICE, text, 1, 1);
  return ((BigInt(high) << 32n) | BigInt(low)) >> 11n;
}

/** Returns the upper halves of the first two words of a character's layout. */
export function layoutWords(seed: bigint, index: bigint): [number, number] {
  const drawn = words(seed, Purpose.LAYOUT, index, 1, 1);
  return [drawn[1], drawn[3]];
}

/** Returns the first word of an image's place on paper, and the upper half of the second one. */
export function paperWords(seed: bigint, index: bigint): [bigint, number] {
  const drawn = words(seed, Purpose.PAPER, index, 1, 1);
  return [(BigInt(drawn[1]) << 32n) | BigInt(drawn[0]), drawn[3]];
}

/** Maps the upper half of a word to an integer below `size`. */
export function scaled(half: number, size: number): number {
  return Math.floor((half * size) / 2 ** 32);
}

/** Returns a random seed or writer of 53 bits, as the runtime does. */
export function randomSeed(): bigint {
  const [word] = crypto.getRandomValues(new BigUint64Array(1));
  return word >> 11n;
}

function words(seed: bigint, purpose: Purpose, start: bigint, count: number, blocks: number): Uint32Array {
  return philox(seed, purpose, start * BigInt(blocks), count * blocks);
}
