/** Pixels from `scorp-gen serve`; docs/how-to/browser.md documents its endpoint `/draw`. */

import type { NetworkInputs } from "../core/request.ts";
import type { ModelArgument, OpenSource } from "./source.ts";

export const modelUrl = "model.onnx";

export const modelArgument: ModelArgument = ({ headers }) => {
  const argument = headers.get("Scorp-Model");
  return argument === null ? null : decodeURIComponent(argument);
};

export const openSource: OpenSource = () => ({
  engine: "scorp-runtime on this computer",
  ready: Promise.resolve(),
  draw,
});

async function draw({ count, noise, labels, styles }: NetworkInputs): Promise<Uint8Array> {
  const body = { noise: rows(noise, count), labels: [...labels], styles: rows(styles, count) };
  const response = await fetch("draw", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  }).catch(() => {
    throw new Error("scorp-gen serve is not responding");
  });
  const answer = (await response.json()) as { pixels: string; error?: string };
  if (!response.ok) throw new Error(answer.error ?? `the runtime answered ${response.status}`);
  return Uint8Array.from(atob(answer.pixels), (character) => character.charCodeAt(0));
}

function rows(numbers: Int32Array | Float64Array, count: number): number[][] {
  const columns = numbers.length / count;
  return Array.from({ length: count }, (_, row) => [...numbers.subarray(row * columns, (row + 1) * columns)]);
}
