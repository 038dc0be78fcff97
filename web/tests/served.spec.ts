/** Cases of `scorp-gen serve` only: your own model, and a server that stopped. */

import { readFileSync } from "node:fs";
import { test as bare, expect } from "@playwright/test";
import { unzipSync } from "fflate";
import { drawAll, golden } from "./golden.ts";
import { open, test } from "./page.ts";

for (const [argument, word] of [
  ["text", "text"],
  ["/home/me/my models/it's mine.onnx", "'/home/me/my models/it'\\''s mine.onnx'"],
] as const) {
  test(`commands name the model ${argument}`, async ({ page }) => {
    await page.route("**/models.json", async (route) => {
      const [entry] = await (await route.fetch()).json();
      await route.fulfill({ json: [{ ...entry, argument }] });
    });
    await open(page);
    await expect(page.locator("#commands code")).toHaveText(
      `scorp-gen all --count 64 --seed 1 --model ${word} --invert digits.png`,
    );
  });
}

test("classes may be marks", async ({ page }) => {
  const classes = ["0", "1", "<", "&", ",", "-", "'", "*", "a", "A"];
  await page.route("**/model.onnx", async (route) => {
    const response = await route.fetch();
    const model = (await response.body()).toString("latin1");
    const changed = classes.reduce((bytes, name, at) => bytes.replaceAll(`"${at}"`, `"${name}"`), model);
    await route.fulfill({ response, body: Buffer.from(changed, "latin1") });
  });
  await page.route("**/models.json", async (route) => {
    const [entry] = await (await route.fetch()).json();
    await route.fulfill({ json: [{ ...entry, classes }] });
  });
  await open(page);
  await page.getByText("Capitals, small letters, symbols").click();
  const group = page.getByRole("group", { name: "Class" });
  const button = page.getByRole("button", { name: "Save ZIP" });
  const [zip] = await Promise.all([page.waitForEvent("download"), button.click()]);
  const files = unzipSync(readFileSync(await zip.path()));
  const [, ...rows] = Buffer.from(files["metadata.csv"]).toString().split("\n");
  const folders = ["0", "1", "U+003C", "U+0026", "U+002C", "U+002D", "U+0027", "U+002A", "lower_a", "A"];
  const words: Record<string, string> = { "<": "'<'", "&": "'&'", "'": "''\\'''", "*": "'*'" };
  for (const [at, name] of classes.entries()) {
    expect(rows[at]).toContain(`${folders[at]}/0000000${at}.png,${name === "," ? '","' : name},1,${at},`);
    await group.getByRole("radio", { name, exact: true }).check({ force: true });
    const command = `scorp-gen ${words[name] ?? name} --count`;
    await expect(page.locator("#commands code")).toContainText(command);
  }
});

test("marks that a model lacks are drawn as by the runtime", async ({ page }) => {
  await page.route("**/models.json", async (route) => {
    const [digits] = await (await route.fetch()).json();
    await route.fulfill({ json: [digits] });
  });
  await open(page);
  await page.getByRole("tab", { name: "Text" }).click();
  const checksums = await page.evaluate(drawAll, golden.marks);
  expect(golden.marks.filter(({ checksum }, at) => checksum !== checksums[at])).toEqual([]);
});

bare("a missing model is reported, and loaded when it is back", async ({ page }) => {
  await open(page);
  await page.route("**/text/model.onnx", (route) => route.fulfill({ status: 404 }));
  await page.getByRole("tab", { name: "Text" }).click();
  await page.getByLabel("Text to write").fill("Hello");
  const caption = page.locator("figcaption");
  await expect(caption).toHaveText("Drawing failed: the server answered 404 for the model file");
  await page.unroute("**/text/model.onnx");
  await page.getByRole("button", { name: "New seed" }).click();
  await expect(caption).toContainText("Hello by writer");
});

bare("a stopped server is reported, and used again when it is back", async ({ page }) => {
  await open(page);
  await page.route("**/draw", (route) => route.abort());
  await page.getByRole("button", { name: "New seed" }).click();
  const caption = page.locator("figcaption");
  await expect(caption).toHaveText("Drawing failed: scorp-gen serve is not responding");
  await page.unroute("**/draw");
  await page.getByLabel("Seed", { exact: true }).fill("2");
  await expect(caption).toContainText("seed 2");
});
