/** Pixels from onnxruntime-web, in a worker so that the page stays responsive. */

import { catalog } from "#models";
import type { LoadCatalog, OpenSource } from "./source.ts";
import type { Answer, Message } from "./wasm-worker.ts";

export const loadCatalog: LoadCatalog = async () => catalog;

// The worker loads while the page waits for the model.
const ask = connect(new Worker(new URL("./wasm-worker.ts", import.meta.url), { type: "module" }));

export const openSource: OpenSource = ({ url }, { bytes }) => ({
  engine: "onnxruntime-web in this browser",
  ready: ask({ kind: "open", url, model: bytes }),
  draw: async (inputs) => (await ask({ kind: "draw", url, inputs })) as Uint8Array,
});

/** Sends messages to the worker, which answers in the same order. */
function connect(worker: Worker): (message: Message) => Promise<Answer> {
  const waiting: { resolve(answer: Answer): void; reject(error: Error): void }[] = [];
  worker.onmessage = ({ data }: MessageEvent<Answer>) => {
    const request = waiting.shift();
    if (data instanceof Error) request?.reject(data);
    else request?.resolve(data);
  };
  let broken: Error | undefined; // possibly before the first message
  worker.onerror = (event) => {
    broken = new Error(event.message || "the worker did not start");
    for (const request of waiting.splice(0)) request.reject(broken);
  };
  return (message) =>
    new Promise((resolve, reject) => {
      if (broken) return reject(broken);
      waiting.push({ resolve, reject });
      worker.postMessage(message);
    });
}
