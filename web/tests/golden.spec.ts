/** The page, set by its controls, draws the same pixels as the runtime. */

import { drawAll, golden } from "./golden.ts";
import { expect, open, test } from "./page.ts";

test("images have the runtime's pixels", async ({ page }, { project }) => {
  await open(page);
  // The served page computes the same inputs and gets its pixels from the runtime.
  const cases = project.name === "site" ? golden.images : golden.images.filter((_, at) => at % 10 === 0);
  const checksums = await page.evaluate(drawAll, cases);
  expect(cases.filter(({ checksum }, at) => checksum !== checksums[at])).toEqual([]);
});

test("texts have the runtime's pixels", async ({ page }) => {
  await open(page);
  await page.getByRole("tab", { name: "Text" }).click();
  const checksums = await page.evaluate(drawAll, golden.texts);
  expect(golden.texts.filter(({ checksum }, at) => checksum !== checksums[at])).toEqual([]);
});
