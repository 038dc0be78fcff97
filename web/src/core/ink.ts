/** The ink of a picture: its strokes without the specks beside them, and the tight box around them. */

import type { Picture } from "./picture.ts";

/** A rectangle of whole pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const STROKE = 64; // grey from which a pixel surely is ink
const LEAST_SHARE = 12; // a component with less than a twelfth of the ink of the largest is a speck

/** The smallest box that holds every pixel above 0; of blank paper, the whole picture. */
export function inkBox({ width, height, pixels }: Picture): Box {
  let [left, top, right, bottom] = [width, height, -1, -1];
  pixels.forEach((grey, at) => {
    if (grey === 0) return;
    const [x, y] = [at % width, Math.floor(at / width)];
    [left, top, right, bottom] = [
      Math.min(left, x),
      Math.min(top, y),
      Math.max(right, x),
      Math.max(bottom, y),
    ];
  });
  if (right < 0) return { x: 0, y: 0, width, height };
  return { x: left, y: top, width: right + 1 - left, height: bottom + 1 - top };
}

/** The part of a picture inside a box. */
export function cut(picture: Picture, box: Box): Picture {
  const pixels = new Uint8Array(box.width * box.height);
  for (let row = 0; row < box.height; row++) {
    const from = (box.y + row) * picture.width + box.x;
    pixels.set(picture.pixels.subarray(from, from + box.width), row * box.width);
  }
  return { width: box.width, height: box.height, pixels };
}

/** A picture with paper where no stroke is near; without a pixel of a stroke it stays as it is. */
export function withoutSpecks(picture: Picture): Picture {
  const parts = components(picture);
  if (parts.length === 0) return picture;
  const weights = parts.map((part) => part.reduce((sum, at) => sum + picture.pixels[at], 0));
  const largest = Math.max(...weights);
  const pixels = new Uint8Array(picture.pixels.length);
  parts.forEach((part, number) => {
    if (weights[number] * LEAST_SHARE < largest) return;
    for (const at of part.flatMap((inked) => around(inked, picture))) pixels[at] = picture.pixels[at];
  });
  return { ...picture, pixels };
}

/** The 8-connected components of the pixels that surely are ink, each as places in the picture. */
function components(picture: Picture): number[][] {
  const left = new Set<number>();
  picture.pixels.forEach((grey, at) => {
    if (grey >= STROKE) left.add(at);
  });
  const parts: number[][] = [];
  for (const seed of left) {
    left.delete(seed);
    const part = [seed];
    for (const at of part) {
      for (const near of around(at, picture)) if (left.delete(near)) part.push(near);
    }
    parts.push(part);
  }
  return parts;
}

/** A pixel and its neighbours within the picture. */
function around(at: number, { width, height }: Picture): number[] {
  const [x, y] = [at % width, Math.floor(at / width)];
  const near: number[] = [];
  for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row++) {
    for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column++)
      near.push(row * width + column);
  }
  return near;
}
