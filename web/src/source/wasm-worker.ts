/** The worker that holds the network. It answers each question with one message: pixels, or an error. */

import { env, InferenceSession, Tensor } from "onnxruntime-web/wasm";
import { type Inputs, sliceInputs } from "../core/request.ts";

export type Question =
  | { readonly kind: "open"; readonly model: Uint8Array }
  | { readonly kind: "draw"; readonly inputs: Inputs };

export type Answer = Uint8Array | Error;

const MICRO_BATCH = 32; // pictures per run: few enough that their activations stay in a core's cache

// All optimizations take a tenth of a second on a laptop, and make the models that are exported here no faster than the basic ones.
const OPTIONS = { executionProviders: ["wasm"], graphOptimizationLevel: "basic" } as const;

env.wasm.numThreads = 1; // more would need headers that a static host does not send
let session: InferenceSession;

let before = Promise.resolve();
self.onmessage = ({ data }: MessageEvent<Question>) => {
  before = before.then(async () => self.postMessage(await answer(data)));
};

async function answer(question: Question): Promise<Answer> {
  try {
    if (question.kind === "draw") return await draw(question.inputs);
    session = await InferenceSession.create(question.model, OPTIONS);
    return new Uint8Array();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

async function draw(inputs: Inputs): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (let first = 0; first < inputs.count; first += MICRO_BATCH) {
    parts.push(await run(sliceInputs(inputs, first, Math.min(first + MICRO_BATCH, inputs.count))));
  }
  const pixels = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => {
    pixels.set(part, at);
    return at + part.length;
  }, 0);
  return pixels;
}

async function run({ count, noise, labels, styles }: Inputs): Promise<Uint8Array> {
  const { image } = await session.run({
    noise: new Tensor(
      "float32",
      Float32Array.from(noise, (number) => number / 256),
      [count, noise.length / count],
    ),
    label: new Tensor("int64", BigInt64Array.from(labels, BigInt), [count]),
    style: new Tensor("float32", Float32Array.from(styles), [count, styles.length / count]),
  });
  return image.data as Uint8Array;
}
