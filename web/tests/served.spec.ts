/** Cases of `scorp-gen serve` only: your own model, and a server that stopped. */

import { test as bare, expect } from "@playwright/test";
import { open, test } from "./page.ts";

for (const [argument, word] of [
  ["letters", "letters"],
  ["/home/me/my models/it's mine.onnx", "'/home/me/my models/it'\\''s mine.onnx'"],
] as const) {
  test(`commands name the model ${argument}`, async ({ page }) => {
    await page.route("**/model.onnx", async (route) => {
      const response = await route.fetch();
      const headers = { ...response.headers(), "scorp-model": encodeURIComponent(argument) };
      await route.fulfill({ response, headers });
    });
    await open(page);
    await expect(page.locator("#commands code")).toHaveText(
      `scorp-gen all --count 64 --seed 1 --model ${word} --invert digits.png`,
    );
  });
}

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
