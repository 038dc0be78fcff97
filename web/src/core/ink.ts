/** The ink of an image: bounding box, cropping, and removal of specks. */

import type { GrayImage } from "./image.ts";

/** A rectangle in px. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const STROKE = 64; // lowest value that is certainly ink

/** Returns the smallest box with every pixel above 0, or the whole image if it is blank. */
export function inkBox({ width, height, pixels }: GrayImage): Box {
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

/** Returns the part of an image inside a box. */
export function crop(image: GrayImage, box: Box): GrayImage {
  const pixels = new Uint8Array(box.width * box.height);
  for (let row = 0; row < box.height; row++) {
    const from = (box.y + row) * image.width + box.x;
    pixels.set(image.pixels.subarray(from, from + box.width), row * box.width);
  }
  return { width: box.width, height: box.height, pixels };
}

/** Returns an image with 1 px of paper on each side. */
export function padded(image: GrayImage): GrayImage {
  const [width, height] = [image.width + 2, image.height + 2];
  const pixels = new Uint8Array(width * height);
  for (let row = 0; row < image.height; row++) {
    const from = row * image.width;
    pixels.set(image.pixels.subarray(from, from + image.width), (row + 1) * width + 1);
  }
  return { width, height, pixels };
}

/**
 * Returns an image without the specks beside its strokes. An image without strokes does not change.
 *
 * A component with less than `1 / share` of the ink of the largest one is a speck.
 */
export function withoutSpecks(image: GrayImage, share = 12): GrayImage {
  const parts = components(image);
  if (parts.length === 0) return image;
  const weights = parts.map((part) => part.reduce((sum, at) => sum + image.pixels[at], 0));
  const largest = Math.max(...weights);
  const pixels = new Uint8Array(image.pixels.length);
  parts.forEach((part, number) => {
    if (weights[number] * share < largest) return;
    for (const at of part.flatMap((inked) => around(inked, image))) pixels[at] = image.pixels[at];
  });
  return { ...image, pixels };
}

/** Returns the 8-connected components of the stroke pixels, as pixel positions. */
function components(image: GrayImage): number[][] {
  const left = new Set<number>();
  image.pixels.forEach((grey, at) => {
    if (grey >= STROKE) left.add(at);
  });
  const parts: number[][] = [];
  for (const seed of left) {
    left.delete(seed);
    const part = [seed];
    for (const at of part) {
      for (const near of around(at, image)) if (left.delete(near)) part.push(near);
    }
    parts.push(part);
  }
  return parts;
}

/** Returns the positions of a pixel and its neighbours. */
function around(at: number, { width, height }: GrayImage): number[] {
  const [x, y] = [at % width, Math.floor(at / width)];
  const near: number[] = [];
  for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row++) {
    for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column++)
      near.push(row * width + column);
  }
  return near;
}
