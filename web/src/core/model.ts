/** What the page knows of the model that it draws with; all of it is read from the model file. */

import type { Knob } from "./knobs.ts";
import type { Natural } from "./natural.ts";
import { type OnnxFile, readOnnx } from "./onnx.ts";

/** The version of the model format that this page reads. */
const FORMAT = "1";

/** A model: `classes` in the order of labels, `knobs` in the order of style columns, sizes of noise and pictures. */
export interface Model {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  readonly classes: readonly string[];
  readonly knobs: readonly Knob[];
  readonly natural: readonly Natural[];
  readonly exact: boolean;
  readonly noiseSize: number;
  readonly height: number;
  readonly width: number;
  readonly bytes: Uint8Array;
  /** What `--model` says of it; null for the model that `scorp-gen` takes unasked. */
  readonly place: string | null;
}

/** A file that is no model, or not one that this page can read. The message is one line for the visitor. */
export class ModelError extends Error {}

/** Reads the bytes of a model file; throws a ModelError that names the part that is wrong. */
export function readModel(bytes: Uint8Array, place: string | null): Model {
  const file = parse(bytes);
  const format = text(file, "scorp_format");
  if (format !== FORMAT) throw new ModelError(`the model is of format ${format}; this page reads ${FORMAT}`);
  const classes = json<string[]>(file, "classes");
  const knobs = json<Knob[]>(file, "knobs");
  const natural = json<Record<string, Natural>>(file, "natural");
  const [, noiseSize] = shape(file, "noise", 2);
  const [, height, width] = shape(file, "image", 3);
  return {
    name: text(file, "name"),
    version: text(file, "version"),
    licence: text(file, "licence"),
    classes,
    knobs,
    natural: classes.map((name) => natural[name] ?? refuse(`natural styles of ${name}`)),
    exact: text(file, "exact") === "true",
    noiseSize: noiseSize ?? refuse("size of the noise"),
    height: height ?? refuse("height of pictures"),
    width: width ?? refuse("width of pictures"),
    bytes,
    place,
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
    if (error instanceof SyntaxError) throw new ModelError(`the metadata ${key} of the model is no JSON`);
    throw error;
  }
}

function shape(file: OnnxFile, name: string, rank: number): readonly (number | null)[] {
  const found = file.shapes.get(name);
  return found?.length === rank ? found : refuse(`shape of ${name}`);
}

function refuse(what: string): never {
  throw new ModelError(`this is no SCORP model: the ${what} is missing`);
}
