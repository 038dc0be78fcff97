/** Layout of a line of text, specified in `docs/reference/model-format.md`, section 7. */

import type { GrayImage } from "./image.ts";
import type { Box } from "./ink.ts";
import { layoutWords, scaled } from "./random.ts";

/** The cropped ink of one character. Its bottom is `below` px under the baseline; `spaces` precede it. */
export interface Glyph {
  readonly position: number;
  readonly spaces: number;
  readonly ink: GrayImage;
  readonly below: number;
}

/** Draws glyphs on a page that fits them. `start` is the index of the first character; `baseline` is a row. */
export function placeGlyphs(
  glyphs: readonly Glyph[],
  size: number,
  seed: bigint,
  start: bigint,
): GrayImage & { readonly baseline: number } {
  const boxes = boxesOf(glyphs, size, seed, start);
  const margin = Math.floor(size / 7);
  const left = Math.min(...boxes.map((box) => box.x)) - margin;
  const top = Math.min(...boxes.map((box) => box.y)) - margin;
  const width = Math.max(...boxes.map((box) => box.x + box.width)) + margin - left;
  const height = Math.max(...boxes.map((box) => box.y + box.height)) + margin - top;
  const pixels = new Uint8Array(width * height);
  glyphs.forEach(({ ink }, number) => {
    const corner = (boxes[number].y - top) * width + boxes[number].x - left;
    ink.pixels.forEach((grey, at) => {
      const target = corner + Math.floor(at / ink.width) * width + (at % ink.width);
      pixels[target] = Math.max(pixels[target], grey);
    });
  });
  return { width, height, pixels, baseline: -top };
}

/** Returns the boxes of the glyphs, relative to the start of the baseline. */
function boxesOf(glyphs: readonly Glyph[], size: number, seed: bigint, start: bigint): Box[] {
  const wordSpace = Math.floor((size * 3) / 7);
  let right = 0;
  return glyphs.map((glyph, number) => {
    const [across, down] = layoutWords(seed, start + BigInt(glyph.position));
    const jitter = (half: number) => scaled(half, 2 * Math.floor(size / 28) + 1) - Math.floor(size / 28);
    right += wordSpace * glyph.spaces;
    if (number > 0) right += Math.floor(size / 9) + jitter(across) - overlap(glyphs[number - 1], glyph, size);
    const { width, height } = glyph.ink;
    const box = { x: right, y: jitter(down) + glyph.below - height, width, height };
    right += width;
    return box;
  });
}

/** Returns by how many px the box of `right` may overlap that of `left` before their ink shares a column. */
function overlap(left: Glyph, right: Glyph, size: number): number {
  const reach = Math.floor(size / 7);
  let room = Number.POSITIVE_INFINITY;
  for (const [leftRow, free] of outline(left, true)) {
    for (const [rightRow, taken] of outline(right, false)) {
      if (Math.abs(leftRow - rightRow) <= reach) room = Math.min(room, free + taken);
    }
  }
  return room === Number.POSITIVE_INFINITY ? 0 : Math.min(room, Math.floor(size / 4));
}

/** Returns each row with ink, counted down from the baseline, and the px of paper at its right or left end. */
function outline({ ink, below }: Glyph, atRight: boolean): [row: number, paper: number][] {
  const rows: [number, number][] = [];
  for (let row = 0; row < ink.height; row++) {
    const pixels = ink.pixels.subarray(row * ink.width, (row + 1) * ink.width);
    const first = pixels.findIndex((grey) => grey > 0);
    if (first < 0) continue;
    const last = pixels.findLastIndex((grey) => grey > 0);
    rows.push([row + below - ink.height, atRight ? ink.width - 1 - last : first]);
  }
  return rows;
}
