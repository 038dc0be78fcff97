/** Pixels from the local runtime that serves this page: the endpoint `draw` of `scorp-gen serve`, see docs/web.md. */

import type { Inputs } from "../core/request.ts";
import type { OpenSource, PlaceOf } from "./source.ts";

export const modelUrl = "model.onnx";

export const placeOf: PlaceOf = ({ headers }) => {
  const place = headers.get("Scorp-Model");
  return place === null ? null : decodeURIComponent(place);
};

export const openSource: OpenSource = () => ({
  engine: "the scorp-runtime on this computer",
  ready: Promise.resolve(),
  draw,
});

async function draw({ count, noise, labels, styles }: Inputs): Promise<Uint8Array> {
  const body = { noise: rows(noise, count), labels: [...labels], styles: rows(styles, count) };
  const response = await fetch("draw", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  }).catch(() => {
    throw new Error("scorp-gen serve does not answer");
  });
  const answer = (await response.json()) as { pixels: string; error?: string };
  if (!response.ok) throw new Error(answer.error ?? `the runtime answered ${response.status}`);
  return Uint8Array.from(atob(answer.pixels), (character) => character.charCodeAt(0));
}

function rows(numbers: Int32Array | Float64Array, count: number): number[][] {
  const columns = numbers.length / count;
  return Array.from({ length: count }, (_, row) => [...numbers.subarray(row * columns, (row + 1) * columns)]);
}
