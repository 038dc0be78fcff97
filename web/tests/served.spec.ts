/** What only the page of `scorp-gen serve` can meet: a model of the visitor's own, and a server that has ended. */

import { test as bare, expect } from "@playwright/test";
import { open, test } from "./page.ts";

for (const [place, word] of [
  ["letters", "letters"],
  ["/home/me/my models/it's mine.onnx", "'/home/me/my models/it'\\''s mine.onnx'"],
] as const) {
  test(`a command names the model ${place}`, async ({ page }) => {
    await page.route("**/model.onnx", async (route) => {
      const response = await route.fetch();
      const headers = { ...response.headers(), "scorp-model": encodeURIComponent(place) };
      await route.fulfill({ response, headers });
    });
    await open(page);
    const told = await page.locator("#commands code").textContent();
    expect(told).toBe(`scorp-gen all --count 64 --seed 1 --model ${word} --invert digits.png`);
  });
}

bare("a server that has ended is told, and drawn from again once it is back", async ({ page }) => {
  await open(page);
  await page.route("**/draw", (route) => route.abort());
  await page.getByRole("button", { name: "New seed" }).click();
  const caption = page.locator("figcaption");
  await expect(caption).toHaveText("Drawing failed: scorp-gen serve does not answer");
  await page.unroute("**/draw");
  await page.getByLabel("Seed", { exact: true }).fill("2");
  await expect(caption).toContainText("seed 2");
});
