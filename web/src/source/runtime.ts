/** Pixels from `scorp-gen serve`; docs/how-to/browser.md documents its endpoints. */

import type { Catalog } from "../core/catalog.ts";
import type { NetworkInputs } from "../core/request.ts";
import type { LoadCatalog, OpenSource } from "./source.ts";

export const loadCatalog: LoadCatalog = async () => (await (await fetch("models.json")).json()) as Catalog;

export const openSource: OpenSource = ({ url }) => ({
  engine: "scorp-runtime on this computer",
  ready: Promise.resolve(),
  draw: (inputs) => draw(new URL("draw", new URL(url, location.href)), inputs),
});

async function draw(url: URL, { count, noise, labels, styles }: NetworkInputs): Promise<Uint8Array> {
  const body = { noise: rows(noise, count), labels: [...labels], styles: rows(styles, count) };
  const response = await fetch(url, {
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
