/**
 * Walks: the images between two images.
 *
 * Noise and style change gradually; the class changes half-way because there is nothing between two classes. Noise is
 * interpolated on the sphere: straight lines lead through a region without samples (White 2016).
 */

import { toGrid } from "./knobs.ts";
import type { Model } from "./model.ts";
import type { NetworkInputs } from "./request.ts";

/** Returns the inputs of `steps` images from the first to the second image of `ends`, both included. */
export function walk(model: Model, ends: NetworkInputs, steps: number): NetworkInputs {
  const positions = Array.from({ length: steps }, (_, step) => step / (steps - 1));
  const { noiseSize } = model;
  const noise = positions.flatMap((position) => {
    const [near, far] = [1 - position, position];
    const length = Math.sqrt(near * near + far * far);
    return Array.from({ length: noiseSize }, (_, j) =>
      Math.floor((near * ends.noise[j] + far * ends.noise[noiseSize + j]) / length + 0.5),
    );
  });
  const styles = positions.flatMap((position) =>
    model.knobs.map((knob, column) => {
      const [from, to] = [ends.styles[column], ends.styles[model.knobs.length + column]];
      return toGrid(knob, from + (to - from) * position);
    }),
  );
  return {
    count: steps,
    noise: Int32Array.from(noise),
    labels: Int32Array.from(positions, (position) => ends.labels[position < 0.5 ? 0 : 1]),
    styles: Float64Array.from(styles),
  };
}
