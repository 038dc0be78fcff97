/** The model, as its file describes it. */

import type { Knob } from "./knobs.ts";
import { type OnnxFile, readOnnx } from "./onnx.ts";
import type { StylePrior } from "./style-prior.ts";

/** The supported version of the model format. */
const FORMAT = "1";

/** A model: `classes` and `stylePriors` in the order of labels, `knobs` in the order of style columns, sizes in px. */
export interface Model {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  readonly classes: readonly string[];
  readonly knobs: readonly Knob[];
  readonly stylePriors: readonly StylePrior[];
  readonly exact: boolean;
  readonly noiseSize: number;
  readonly height: number;
  readonly width: number;
  readonly bytes: Uint8Array;
  /** Value of `--model` for this model; null for the default model of `scorp-gen`. */
  readonly argument: string | null;
}

/** The model file is invalid or not supported. The message is one line for the visitor. */
export class ModelError extends Error {}

/** Reads a model file. Throws a ModelError that names the invalid part. */
export function readModel(bytes: Uint8Array, argument: string | null): Model {
  const file = parse(bytes);
  const format = text(file, "scorp_format");
  if (format !== FORMAT)
    throw new ModelError(`the model has format ${format}; this page supports format ${FORMAT}`);
  const classes = json<string[]>(file, "classes");
  const knobs = json<Knob[]>(file, "knobs");
  const priors = json<Record<string, StylePrior>>(file, "natural");
  const [, noiseSize] = shape(file, "noise", 2);
  const [, height, width] = shape(file, "image", 3);
  return {
    name: text(file, "name"),
    version: text(file, "version"),
    licence: text(file, "licence"),
    classes,
    knobs,
    stylePriors: classes.map((name) => priors[name] ?? refuse(`natural styles of ${name}`)),
    exact: text(file, "exact") === "true",
    noiseSize: noiseSize ?? refuse("noise size"),
    height: height ?? refuse("image height"),
    width: width ?? refuse("image width"),
    bytes,
    argument,
  };
}

function parse(bytes: Uint8Array): OnnxFile {
  try {
    return readOnnx(bytes);
  } catch (error) {
    if (error instanceof RangeError) throw new ModelError(`the model file is damaged: ${error.message}`);
    throw error;
  }
}

function text(file: OnnxFile, key: string): string {
  return file.metadata.get(key) ?? refuse(`metadata ${key}`);
}

function json<Value>(file: OnnxFile, key: string): Value {
  try {
    return JSON.parse(text(file, key)) as Value;
  } catch (error) {
    if (error instanceof SyntaxError) throw new ModelError(`the model metadata ${key} is not JSON`);
    throw error;
  }
}

function shape(file: OnnxFile, name: string, rank: number): readonly (number | null)[] {
  const found = file.shapes.get(name);
  return found?.length === rank ? found : refuse(`shape of ${name}`);
}

function refuse(what: string): never {
  throw new ModelError(`not a SCORP model: the ${what} is missing`);
}
