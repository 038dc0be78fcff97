/** Cases of the static site only: offline use, model files, and errors while loading. */

import { test as bare } from "@playwright/test";
import { modelArgument } from "../plugins/model-files.ts";
import { expect, open, test } from "./page.ts";

test("once loaded, the site works offline", async ({ page, context }) => {
  await open(page);
  await page.evaluate(() => navigator.serviceWorker.ready);
  await context.setOffline(true);
  for (const url of ["./", "index.html", "./?from=a-friend#here"]) {
    await page.goto(url);
    await expect(page.getByRole("img", { name: /^64 images/ })).toBeVisible();
  }
  await page.getByRole("tab", { name: "Text" }).click();
  await page.getByLabel("Text to write").fill("Hello");
  await expect(page.getByRole("img", { name: /^Hello by writer/ })).toBeVisible();
});

test("caches of other sites of the same origin are kept", async ({ page }) => {
  await page.addInitScript(() => caches.open("of another site"));
  await open(page);
  await page.waitForFunction(async () => (await navigator.serviceWorker.ready).active?.state === "activated");
  expect(await page.evaluate(() => caches.keys())).toEqual([
    "of another site",
    expect.stringContaining("http://localhost:4173/ "),
  ]);
});

for (const [file, argument] of [
  ["../exported/digits.onnx", null],
  ["../exported/text.onnx", "text"],
  ["../runs/1/digits.onnx", "digits.onnx"],
] as const) {
  bare(`commands of a site built with ${file} name it`, () => {
    expect(modelArgument(file)).toBe(argument);
  });
}

test("the model file is served unchanged", async ({ page }) => {
  const [response] = await Promise.all([page.waitForResponse(/\.onnx$/), open(page)]);
  const { readFileSync } = await import("node:fs");
  expect(await response.body()).toEqual(readFileSync(new URL("../../exported/digits.onnx", import.meta.url)));
});

for (const [what, body, answer] of [
  ["is missing", { status: 404, body: "" }, "the server answered 404"],
  ["is cut short", { body: Buffer.from([58, 127, 1]) }, "the model file is damaged"],
  ["is not a model", { body: "" }, "not a SCORP model"],
] as const) {
  bare(`a model that ${what} is reported, and "Try again" works`, async ({ page }) => {
    await page.route(/\.onnx$/, (route) => route.fulfill(body), { times: 1 });
    await page.goto("./");
    await expect(page.getByRole("alert")).toContainText(`The model could not be loaded: ${answer}`);
    await page.getByRole("button", { name: "Try again" }).click();
    await expect(page.getByRole("img", { name: /^64 images/ })).toBeVisible();
  });
}

for (const file of [/\.wasm$/, /wasm-worker.*\.js$/]) {
  bare(`a missing ${file.source} is reported`, async ({ page }) => {
    await page.route(file, (route) => route.abort());
    await page.goto("./");
    await expect(page.getByRole("alert")).toContainText("The model could not be loaded");
  });
}
