/** Walks: one image dissolves into another, because there is nothing between two forms or two classes. */

import type { GrayImage } from "./image.ts";

/** Returns `steps` images from the first to the last, both included. */
export function dissolve(first: GrayImage, last: GrayImage, steps: number): GrayImage[] {
  return Array.from({ length: steps }, (_, step) => {
    const share = step / (steps - 1);
    return {
      ...first,
      pixels: first.pixels.map((grey, at) => Math.round(grey + (last.pixels[at] - grey) * share)),
    };
  });
}
