/** A thousand addresses, set by the page's own controls, have the pixels that the runtime draws. */

import { readFileSync } from "node:fs";
import { expect, open, test } from "./page.ts";

interface Case {
  readonly seed: string;
  readonly writer: string | null;
  readonly styles: Readonly<Record<string, number>>;
  readonly size: number;
  readonly checksum: string;
}

interface Address extends Case {
  readonly what: string;
  readonly count: number;
  readonly start: string;
}

interface Text extends Case {
  readonly text: string;
}

const golden = JSON.parse(readFileSync(new URL("fixtures/golden.json", import.meta.url), "utf8")) as {
  addresses: Address[];
  texts: Text[];
};

/** Sets the controls for each case in turn and reads the checksums; runs inside the page. */
async function drawAll(cases: readonly (Partial<Address> & Partial<Text> & Case)[]): Promise<string[]> {
  const find = <Kind extends HTMLElement>(selector: string) => document.querySelector(selector) as Kind;
  const type = (selector: string, value: string) => {
    const field = find<HTMLInputElement>(selector);
    field.value = value;
    field.dispatchEvent(new Event("input"));
  };
  const slide = (name: string, value: number | undefined) => {
    const range = find<HTMLInputElement>(`#knob-${name}`);
    range.step = "any"; // the mouse reaches fewer values than the knob has
    if (value === undefined) range.closest(".knob")?.querySelector("button")?.click();
    else type(`#knob-${name}`, String(value));
  };
  const drawn = () =>
    new Promise<void>((resolve) => {
      const look = () => (find("#stage").ariaBusy === "false" ? resolve() : setTimeout(look));
      setTimeout(look);
    });
  const names = [...document.querySelectorAll<HTMLElement>(".knob input")].map(({ id }) =>
    id.slice("knob-".length),
  );
  const checksums: string[] = [];
  for (const { what, count, start, text, seed, writer, styles, size } of cases) {
    if (what !== undefined) find(`#classes input[value="${what}"]`).click();
    if (count !== undefined) find(`#counts input[value="${count}"]`).click();
    if (start !== undefined) type("#start", start);
    if (text !== undefined) type("#text", text);
    type("#seed", seed);
    type("#writer", writer ?? "");
    for (const name of names) slide(name, name === "size" ? size : styles[name]);
    await drawn();
    checksums.push(find("#fingerprint code").innerText);
  }
  return checksums;
}

test("a thousand addresses have the runtime's pixels", async ({ page }, { project }) => {
  await open(page);
  // The served page works out the same inputs, and has its pixels from the runtime itself.
  const addresses = project.name === "site" ? golden.addresses : golden.addresses.slice(0, 100);
  const checksums = await page.evaluate(drawAll, addresses);
  expect(addresses.filter((address, at) => address.checksum !== checksums[at])).toEqual([]);
});

test("texts have the runtime's pixels", async ({ page }) => {
  await open(page);
  await page.getByRole("tab", { name: "Write" }).click();
  const checksums = await page.evaluate(drawAll, golden.texts);
  expect(golden.texts.filter((text, at) => text.checksum !== checksums[at])).toEqual([]);
});
