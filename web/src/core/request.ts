/** What is asked of a model, and the inputs of the network that it comes to. */

import { Purpose } from "./address.ts";
import { type Asked, type Knob, toGrid } from "./knobs.ts";
import type { Model } from "./model.ts";
import { completeStyle } from "./natural.ts";
import { writtenNormals } from "./writer.ts";

/** Named classes that take turns by index, or one class per picture. */
export type Labels = { readonly turns: readonly number[] } | { readonly listed: readonly number[] };

/** Pictures `start ... start + count - 1` of a seed; `asked` has an entry for every knob of the model. */
export interface Request {
  readonly labels: Labels;
  readonly count: number;
  readonly seed: bigint;
  readonly start: bigint;
  readonly writer: bigint | null;
  readonly asked: readonly Asked[];
}

/** Inputs of the network for `count` pictures: noise in 256ths (count x Z), labels, and styles (count x S). */
export interface Inputs {
  readonly count: number;
  readonly noise: Int32Array;
  readonly labels: Int32Array;
  readonly styles: Float64Array;
}

/** Works out what the network is to draw. */
export function inputsOf(model: Model, request: Request): Inputs {
  const { seed, start, count, writer } = request;
  const size = model.knobs.length;
  const labels = labelsOf(request);
  const given = model.knobs.map((knob, position) => onGrid(knob, request.asked[position]));
  const normals = writtenNormals(writer, seed, Purpose.STYLE, start, count, size);
  const styles = new Float64Array(count * size);
  for (let sample = 0; sample < count; sample++) {
    const own = Array.from(normals.subarray(sample * size, (sample + 1) * size), (number) => number / 256);
    styles.set(completeStyle(model.knobs, model.natural[labels[sample]], given, own), sample * size);
  }
  const noise = writtenNormals(writer, seed, Purpose.NOISE, start, count, model.noiseSize);
  return { count, noise, labels, styles };
}

/** The inputs of the pictures `from ... to - 1` of a batch. */
export function sliceInputs(inputs: Inputs, from: number, to: number): Inputs {
  const part = <Numbers extends Int32Array | Float64Array>(numbers: Numbers): Numbers => {
    const columns = numbers.length / inputs.count;
    return numbers.slice(from * columns, to * columns) as Numbers;
  };
  return {
    count: to - from,
    noise: part(inputs.noise),
    labels: part(inputs.labels),
    styles: part(inputs.styles),
  };
}

function labelsOf({ labels, start, count }: Request): Int32Array {
  if ("listed" in labels) return Int32Array.from(labels.listed);
  const first = Number(start % BigInt(labels.turns.length));
  return Int32Array.from(
    { length: count },
    (_, place) => labels.turns[(first + place) % labels.turns.length],
  );
}

function onGrid(knob: Knob, asked: Asked): Asked {
  return asked === null ? null : toGrid(knob, asked);
}
