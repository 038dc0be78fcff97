/** Resizing in integer arithmetic with a triangle filter, specified in `docs/reference/model-format.md`, section 8. */

import type { GrayImage } from "./image.ts";

/** Resizes an image to a height and keeps its aspect ratio. */
export function resizeTo(image: GrayImage, height: number): GrayImage {
  return resize(image, height, Math.max(1, Math.floor((image.width * height) / image.height)));
}

/** Resizes an image to a height and a width. */
export function resize(image: GrayImage, height: number, width: number): GrayImage {
  if (height === image.height && width === image.width) return image;
  // Each pass cycle the image about its diagonal, so that two leave it upright.
  return resizeColumns(resizeColumns(image, height), width);
}

/** Resizes the columns of an image to `size` px and returns them as rows. */
function resizeColumns(image: GrayImage, size: number): GrayImage {
  const { width, height, pixels } = image;
  const transposed = new Uint8Array(width * size);
  weights(height, size).forEach(({ first, parts, total }, row) => {
    for (let column = 0; column < width; column++) {
      let sum = 0;
      parts.forEach((part, at) => {
        sum += part * pixels[(first + at) * width + column];
      });
      transposed[column * size + row] = Math.floor((2 * sum + total) / (2 * total));
    }
  });
  return { width: size, height: width, pixels: transposed };
}

interface Weights {
  readonly first: number;
  readonly parts: readonly number[];
  readonly total: number;
}

/** Returns the weights of the old pixels in each new pixel. */
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
