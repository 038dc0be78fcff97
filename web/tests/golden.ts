/** Requests with the checksums of the runtime, and a way to make the page draw them. */

import { readFileSync } from "node:fs";

interface Case {
  readonly seed: string;
  readonly writer: string | null;
  readonly styles: Readonly<Record<string, number>>;
  readonly size: number;
  readonly checksum: string;
}

interface Images extends Case {
  readonly what: string;
  readonly count: number;
  readonly start: string;
}

interface Text extends Case {
  readonly text: string;
}

export const golden = JSON.parse(readFileSync(new URL("fixtures/golden.json", import.meta.url), "utf8")) as {
  images: Images[];
  texts: Text[];
  marks: Text[];
};

/** Sets the controls for each case and returns the checksums; runs inside the page. */
export async function drawAll(cases: readonly (Partial<Images> & Partial<Text> & Case)[]): Promise<string[]> {
  const find = <Kind extends HTMLElement>(selector: string) => document.querySelector(selector) as Kind;
  const type = (selector: string, value: string) => {
    const field = find<HTMLInputElement>(selector);
    field.value = value;
    field.dispatchEvent(new Event("input"));
  };
  const slide = (range: HTMLInputElement, values: Readonly<Record<string, number>>) => {
    const value = values[range.id.slice("knob-".length)];
    range.step = "any"; // allows values between the slider's steps
    if (value === undefined) range.closest(".knob")?.querySelector("button")?.click();
    else type(`#${range.id}`, String(value));
  };
  const drawn = () =>
    new Promise<void>((resolve) => {
      const look = () => (find("#preview").ariaBusy === "false" ? resolve() : setTimeout(look));
      setTimeout(look);
    });
  const checksums: string[] = [];
  for (const { what, count, start, text, seed, writer, styles, size } of cases) {
    if (what !== undefined) find(`#classes input[value="${CSS.escape(what)}"]`).click();
    if (count !== undefined) find(`#counts input[value="${count}"]`).click();
    if (start !== undefined) type("#start", start);
    if (text !== undefined) type("#text", text);
    type("#seed", seed);
    type("#writer", writer ?? "");
    await drawn(); // with the sliders of its model
    for (const range of document.querySelectorAll<HTMLInputElement>(".knob input"))
      slide(range, { ...styles, size });
    await drawn();
    checksums.push(find("#fingerprint code").innerText);
  }
  return checksums;
}
