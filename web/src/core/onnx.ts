/** Minimal reader of `.onnx` files: metadata, and the shapes of inputs and outputs. */

/** Metadata by key, and the shape of each input and output. A free dimension is null. */
export interface OnnxFile {
  readonly metadata: ReadonlyMap<string, string>;
  readonly shapes: ReadonlyMap<string, readonly (number | null)[]>;
}

// Field numbers of onnx.proto.
const MODEL = { graph: 7, metadata: 14 };
const GRAPH = { input: 11, output: 12 };
const VALUE = { name: 1, type: 2 };
const TYPE = { tensor: 1 };
const TENSOR = { shape: 2 };
const SHAPE = { dimension: 1 };
const DIMENSION = { size: 1 };
const ENTRY = { key: 1, value: 2 };

type Field = readonly [number: number, value: number | Uint8Array];

/** Reads a model file. Throws a RangeError if the bytes are not valid protobuf. */
export function readOnnx(bytes: Uint8Array): OnnxFile {
  const metadata = new Map<string, string>();
  const shapes = new Map<string, (number | null)[]>();
  for (const entry of messages(bytes, MODEL.metadata))
    metadata.set(text(entry, ENTRY.key), text(entry, ENTRY.value));
  for (const graph of messages(bytes, MODEL.graph)) {
    for (const value of [...messages(graph, GRAPH.input), ...messages(graph, GRAPH.output)]) {
      shapes.set(text(value, VALUE.name), shape(value));
    }
  }
  return { metadata, shapes };
}

function shape(value: Uint8Array): (number | null)[] {
  const dimensions = [VALUE.type, TYPE.tensor, TENSOR.shape, SHAPE.dimension].reduce(
    (parts, number) => parts.flatMap((part) => messages(part, number)),
    [value],
  );
  return dimensions.map((dimension) => {
    const size = fields(dimension).find(([number]) => number === DIMENSION.size)?.[1];
    return typeof size === "number" ? size : null;
  });
}

function messages(bytes: Uint8Array, wanted: number): Uint8Array[] {
  return fields(bytes).flatMap(([number, value]) =>
    number === wanted && typeof value === "object" ? [value] : [],
  );
}

function text(bytes: Uint8Array, wanted: number): string {
  return new TextDecoder().decode(messages(bytes, wanted)[0]);
}

function fields(bytes: Uint8Array): Field[] {
  const found: Field[] = [];
  let at = 0;
  const byte = () => {
    if (at >= bytes.length) throw new RangeError("the file ends within a field");
    return bytes[at++];
  };
  const varint = () => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const next = byte();
      value += (next & 127) * scale;
      if (next < 128) return value;
      if (scale > 2 ** 56) throw new RangeError("a number has too many digits");
    }
  };
  const skip = (length: number) => {
    at += length;
    if (at > bytes.length) throw new RangeError("the file ends within a field");
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const key = varint();
    const number = Math.floor(key / 8);
    if (key % 8 === 0) found.push([number, varint()]);
    else if (key % 8 === 1) skip(8);
    else if (key % 8 === 2) found.push([number, skip(varint())]);
    else if (key % 8 === 5) skip(4);
    else throw new RangeError(`field ${number} has an unknown wire type`);
  }
  return found;
}
