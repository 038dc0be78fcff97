/**
 * Writers: a number that stands for a hand. Its digits share their style and most of their noise, in every seed.
 *
 * `docs/model-format.md`, section 6, is the specification.
 */

import { normals, Purpose } from "./address.ts";

/** How much of a normal number is the writer's and the sample's, in 256ths. */
const MIXES = {
  [Purpose.NOISE]: { purpose: Purpose.WRITER_NOISE, writer: 236, sample: 99 },
  [Purpose.STYLE]: { purpose: Purpose.WRITER_STYLE, writer: 248, sample: 63 },
} as const;

type Written = readonly [
  writer: bigint | null,
  seed: bigint,
  purpose: keyof typeof MIXES,
  start: bigint,
  count: number,
  size: number,
];

const latest = new Map<Purpose, { readonly asked: Written; readonly numbers: Int32Array }>();

/**
 * Normal numbers in 256ths, `size` for each sample, in the hand of a writer; of no writer where it is null.
 *
 * The latest of each purpose are kept: they stay the same while a knob moves. Do not write into them.
 */
export function writtenNormals(...asked: Written): Int32Array {
  const [, , purpose] = asked;
  const known = latest.get(purpose);
  if (known?.asked.every((value, at) => value === asked[at])) return known.numbers;
  const numbers = mixed(...asked);
  latest.set(purpose, { asked, numbers });
  return numbers;
}

function mixed(...[writer, seed, purpose, start, count, size]: Written): Int32Array {
  const numbers = normals(seed, purpose, start, count, size);
  if (writer === null) return numbers;
  const mix = MIXES[purpose];
  const hand = normals(writer, mix.purpose, 0n, 1, size);
  return numbers.map((number, at) => (mix.writer * hand[at % size] + mix.sample * number + 128) >> 8);
}
