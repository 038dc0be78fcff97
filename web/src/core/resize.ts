/**
 * Pictures in other sizes, in whole numbers: a triangle filter as wide as the coarser of the two grids.
 *
 * `docs/model-format.md`, section 8, is the specification.
 */

import type { Picture } from "./picture.ts";

/** Resizes a picture to a height, its width in proportion; the same size is the same picture. */
export function resizeTo(picture: Picture, height: number): Picture {
  const width = Math.max(1, Math.floor((picture.width * height) / picture.height));
  if (height === picture.height && width === picture.width) return picture;
  // Each pass turns the picture about its diagonal, so that two leave it upright.
  return weighColumns(weighColumns(picture, height), width);
}

/** Resizes the columns of a picture to `size` pixels and returns them as rows. */
function weighColumns(picture: Picture, size: number): Picture {
  const { width, height, pixels } = picture;
  const turned = new Uint8Array(width * size);
  weights(height, size).forEach(({ first, parts, total }, row) => {
    for (let column = 0; column < width; column++) {
      let sum = 0;
      parts.forEach((part, at) => {
        sum += part * pixels[(first + at) * width + column];
      });
      turned[column * size + row] = Math.floor((2 * sum + total) / (2 * total));
    }
  });
  return { width: size, height: width, pixels: turned };
}

interface Weights {
  readonly first: number;
  readonly parts: readonly number[];
  readonly total: number;
}

/** For each new pixel, the old ones that it is the mean of, and their weights. */
function weights(before: number, size: number): Weights[] {
  return Array.from({ length: size }, (_, pixel) => {
    const all = Array.from({ length: before }, (_, old) =>
      Math.max(0, 2 * Math.max(before, size) - Math.abs((2 * pixel + 1) * before - (2 * old + 1) * size)),
    );
    const first = all.findIndex((weight) => weight > 0);
    const parts = all.filter((weight) => weight > 0);
    return { first, parts, total: parts.reduce((sum, part) => sum + part) };
  });
}
