/** Requests for images, and the network inputs that they become. */

import { type Knob, type KnobValue, LINE_FORM, toGrid } from "./knobs.ts";
import type { Model } from "./model.ts";
import { Purpose } from "./random.ts";
import { completeStyle, valuesForClasses } from "./style-prior.ts";
import { writerNormals } from "./writer.ts";

/** Labels that repeat in a cycle by index, or one label per image. */
export type Labels = { readonly cycle: readonly number[] } | { readonly list: readonly number[] };

/** Images `start ... start + count - 1` of a seed, with a value or null for every knob of the model. */
export interface Request {
  readonly labels: Labels;
  readonly count: number;
  readonly seed: bigint;
  readonly start: bigint;
  readonly writer: bigint | null;
  readonly knobValues: readonly KnobValue[];
  /** Whether `knobValues` are those of a median class, as in text by models that size and place characters. */
  readonly perClass?: boolean;
}

/** Inputs for `count` images: noise in 256ths (count x Z), labels (count), and styles (count x S). */
export interface NetworkInputs {
  readonly count: number;
  readonly noise: Int32Array;
  readonly labels: Int32Array;
  readonly styles: Float64Array;
}

/** Returns the network inputs of a request. */
export function networkInputs(model: Model, request: Request): NetworkInputs {
  const { seed, start, count, writer } = request;
  const size = model.knobs.length;
  const labels = labelsOf(request);
  const given = givenValues(model, request);
  const normals = writerNormals(writer, seed, Purpose.STYLE, start, count, size);
  const styles = new Float64Array(count * size);
  for (let at = 0; at < count; at++) {
    const own = Array.from(normals.subarray(at * size, (at + 1) * size), (number) => number / 256);
    styles.set(completeStyle(model.knobs, model.stylePriors[labels[at]], given(labels[at]), own), at * size);
  }
  const noise = writerNormals(writer, seed, Purpose.NOISE, start, count, model.noiseSize);
  return { count, noise, labels, styles };
}

/** Returns the inputs of the images `from ... to - 1` of a batch. */
export function sliceInputs(inputs: NetworkInputs, from: number, to: number): NetworkInputs {
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
  if ("list" in labels) return Int32Array.from(labels.list);
  const first = Number(start % BigInt(labels.cycle.length));
  return Int32Array.from(
    { length: count },
    (_, position) => labels.cycle[(first + position) % labels.cycle.length],
  );
}

/** Returns the function from labels to the values of the knobs that are set. */
function givenValues(model: Model, { knobValues, perClass }: Request): (label: number) => KnobValue[] {
  const values = model.knobs.map((knob, position) => {
    const value = onGrid(knob, knobValues[position]);
    if (value === null || !perClass || LINE_FORM.includes(knob.name)) return () => value;
    const ofClass = valuesForClasses(model.stylePriors, position, value);
    return (label: number) => toGrid(knob, ofClass(label));
  });
  return (label) => values.map((ofClass) => ofClass(label));
}

function onGrid(knob: Knob, value: KnobValue): KnobValue {
  return value === null ? null : toGrid(knob, value);
}
