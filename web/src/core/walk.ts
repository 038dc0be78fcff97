/**
 * Walks: the images between two images.
 *
 * Both images are drawn with the styles in between, and one dissolves into the other. There is nothing between two
 * classes or two forms, so noise is not interpolated.
 */

import { toGrid } from "./knobs.ts";
import type { Model } from "./model.ts";
import type { NetworkInputs } from "./request.ts";

/** Returns the inputs of `steps` images of each of the two `ends`, first one, then the other. */
export function walk(model: Model, ends: NetworkInputs, steps: number): NetworkInputs {
  const { noiseSize } = model;
  const repeated = [0, 1].flatMap((end) => Array.from({ length: steps }, () => end));
  const styles = Array.from({ length: steps }, (_, step) =>
    model.knobs.map((knob, column) => {
      const [from, to] = [ends.styles[column], ends.styles[model.knobs.length + column]];
      return toGrid(knob, from + ((to - from) * step) / (steps - 1));
    }),
  ).flat();
  return {
    count: 2 * steps,
    noise: Int32Array.from(
      repeated.flatMap((end) => [...ends.noise.subarray(end * noiseSize, (end + 1) * noiseSize)]),
    ),
    labels: Int32Array.from(repeated, (end) => ends.labels[end]),
    styles: Float64Array.from([...styles, ...styles]),
  };
}

/** Dissolves the first half of the pixels of a walk into the second: one image per step. */
export function dissolve(pixels: Uint8Array, steps: number): Uint8Array {
  const half = pixels.length / 2;
  const size = half / steps;
  return Uint8Array.from({ length: half }, (_, at) => {
    const share = Math.floor(at / size) / (steps - 1);
    return Math.round(pixels[at] + (pixels[half + at] - pixels[at]) * share);
  });
}
