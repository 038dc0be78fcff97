/** The worker that runs the networks. It answers each message with pixels or an error. */

import { env, InferenceSession, Tensor } from "onnxruntime-web/wasm";
import { type NetworkInputs, sliceInputs } from "../core/request.ts";

export type Message =
  | { readonly kind: "open"; readonly url: string; readonly model: Uint8Array }
  | { readonly kind: "draw"; readonly url: string; readonly inputs: NetworkInputs };

export type Answer = Uint8Array | Error;

const MICRO_BATCH = 32; // images per run, few enough for a core's cache

// All optimizations take 0.1 s longer and do not speed up the exported models.
const OPTIONS = { executionProviders: ["wasm"], graphOptimizationLevel: "basic" } as const;

env.wasm.numThreads = 1; // more would need HTTP headers that static hosts do not send
const sessions = new Map<string, Promise<InferenceSession>>(); // by URL of the model

let previous = Promise.resolve();
self.onmessage = ({ data }: MessageEvent<Message>) => {
  previous = previous.then(async () => self.postMessage(await answer(data)));
};

async function answer(message: Message): Promise<Answer> {
  try {
    if (message.kind === "open") sessions.set(message.url, InferenceSession.create(message.model, OPTIONS));
    const session = (await sessions.get(message.url)) as InferenceSession;
    return message.kind === "open" ? new Uint8Array() : await draw(session, message.inputs);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

async function draw(session: InferenceSession, inputs: NetworkInputs): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (let first = 0; first < inputs.count; first += MICRO_BATCH) {
    parts.push(await run(session, sliceInputs(inputs, first, Math.min(first + MICRO_BATCH, inputs.count))));
  }
  const pixels = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => {
    pixels.set(part, at);
    return at + part.length;
  }, 0);
  return pixels;
}

async function run(
  session: InferenceSession,
  { count, noise, labels, styles }: NetworkInputs,
): Promise<Uint8Array> {
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
