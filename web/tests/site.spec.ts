/** What only the static site promises: it works offline once loaded, and says so when it cannot load. */

import { test as bare } from "@playwright/test";
import { placeOf } from "../plugins/model-file.ts";
import { expect, open, test } from "./page.ts";

test("once loaded, the site works offline", async ({ page, context }) => {
  await open(page);
  await page.evaluate(() => navigator.serviceWorker.ready);
  await context.setOffline(true);
  for (const address of ["./", "index.html", "./?from=a-friend#here"]) {
    await page.goto(address);
    await expect(page.getByRole("img", { name: /^64 pictures/ })).toBeVisible();
  }
});

test("what other sites of the origin keep is left to them", async ({ page }) => {
  await page.addInitScript(() => caches.open("of another site"));
  await open(page);
  await page.waitForFunction(async () => (await navigator.serviceWorker.ready).active?.state === "activated");
  expect(await page.evaluate(() => caches.keys())).toEqual([
    "of another site",
    expect.stringContaining("http://localhost:4173/ "),
  ]);
});

for (const [file, place] of [
  [undefined, null],
  ["../exported/letters.onnx", "letters"],
  ["../runs/1/digits.onnx", "digits.onnx"],
] as const) {
  bare(`a site built with ${file ?? "the released model"} has commands that name it`, () => {
    expect(placeOf(file)).toBe(place);
  });
}

test("the released model file is served as it is", async ({ page }) => {
  const [response] = await Promise.all([page.waitForResponse(/\.onnx$/), open(page)]);
  const { readFileSync } = await import("node:fs");
  expect(await response.body()).toEqual(readFileSync(new URL("../../exported/digits.onnx", import.meta.url)));
});

for (const [what, body, answer] of [
  ["is missing", { status: 404, body: "" }, "the server answered 404"],
  ["is cut short", { body: Buffer.from([58, 127, 1]) }, "the model file is damaged"],
  ["is no model", { body: "" }, "this is no SCORP model"],
] as const) {
  bare(`a model that ${what} is told, and can be tried again`, async ({ page }) => {
    await page.route(/\.onnx$/, (route) => route.fulfill(body), { times: 1 });
    await page.goto("./");
    await expect(page.getByRole("alert")).toContainText(`The model could not be loaded: ${answer}`);
    await page.getByRole("button", { name: "Try again" }).click();
    await expect(page.getByRole("img", { name: /^64 pictures/ })).toBeVisible();
  });
}

for (const file of [/\.wasm$/, /wasm-worker.*\.js$/]) {
  bare(`an engine whose ${file.source} does not come is told`, async ({ page }) => {
    await page.route(file, (route) => route.abort());
    await page.goto("./");
    await expect(page.getByRole("alert")).toContainText("The model could not be loaded");
  });
}
