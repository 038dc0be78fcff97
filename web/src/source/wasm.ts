/** Pixels from onnxruntime-web, in a worker of its own, so that the page never waits for the network. */

import modelFile, { place } from "#model";
import type { OpenSource, PlaceOf } from "./source.ts";
import type { Answer, Question } from "./wasm-worker.ts";

export const modelUrl = modelFile;

export const placeOf: PlaceOf = () => place;

// The worker loads while the page still waits for the model.
const ask = conversation(new Worker(new URL("./wasm-worker.ts", import.meta.url), { type: "module" }));

export const openSource: OpenSource = (model) => ({
  engine: "onnxruntime-web in this browser",
  ready: ask({ kind: "open", model: model.bytes }),
  draw: async (inputs) => (await ask({ kind: "draw", inputs })) as Uint8Array,
});

/** Sends questions to the worker, which answers in their order. */
function conversation(worker: Worker): (question: Question) => Promise<Answer> {
  const waiting: { resolve(answer: Answer): void; reject(error: Error): void }[] = [];
  worker.onmessage = ({ data }: MessageEvent<Answer>) => {
    const asked = waiting.shift();
    if (data instanceof Error) asked?.reject(data);
    else asked?.resolve(data);
  };
  let broken: Error | undefined; // which may be before anything is asked
  worker.onerror = (event) => {
    broken = new Error(event.message || "the worker did not start");
    for (const asked of waiting.splice(0)) asked.reject(broken);
  };
  return (question) =>
    new Promise((resolve, reject) => {
      if (broken) return reject(broken);
      waiting.push({ resolve, reject });
      worker.postMessage(question);
    });
}
