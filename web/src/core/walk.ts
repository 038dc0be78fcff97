/**
 * Walks: the pictures between two samples.
 *
 * A network knows no class between two classes, so a walk between different classes changes class half-way; noise and style
 * move all the way. Noise moves on the sphere, where the normal numbers lie, and not through its empty middle (White 2016).
 */

import { toGrid } from "./knobs.ts";
import type { Model } from "./model.ts";
import type { Inputs } from "./request.ts";

/** The inputs of `steps` pictures from sample 0 to sample 1 of `ends`, both included. */
export function walk(model: Model, ends: Inputs, steps: number): Inputs {
  const places = Array.from({ length: steps }, (_, step) => step / (steps - 1));
  const { noiseSize } = model;
  const noise = places.flatMap((place) => {
    const [near, far] = [1 - place, place];
    const length = Math.sqrt(near * near + far * far);
    return Array.from({ length: noiseSize }, (_, j) =>
      Math.floor((near * ends.noise[j] + far * ends.noise[noiseSize + j]) / length + 0.5),
    );
  });
  const styles = places.flatMap((place) =>
    model.knobs.map((knob, column) => {
      const [from, to] = [ends.styles[column], ends.styles[model.knobs.length + column]];
      return toGrid(knob, from + (to - from) * place);
    }),
  );
  return {
    count: steps,
    noise: Int32Array.from(noise),
    labels: Int32Array.from(places, (place) => ends.labels[place < 0.5 ? 0 : 1]),
    styles: Float64Array.from(styles),
  };
}
