/** Real or generated? The test site has a file of real digits; the packed page has none, and hides the game. */

import AxeBuilder from "@axe-core/playwright";
import { expect, open, test } from "./page.ts";

test.beforeEach(async ({ page }) => {
  await open(page);
  await page.getByRole("tab", { name: "Real or generated?" }).click();
});

test("a game of twenty digits ends with a score, and can be played again", async ({ page }) => {
  for (let trial = 1; trial <= 20; trial++) {
    if (trial % 2) await page.getByRole("button", { name: "By a person" }).click();
    else await page.keyboard.press("ArrowRight");
    await expect(page.getByRole("status").filter({ hasText: `of ${trial} right` })).toBeVisible();
  }
  await expect(page.locator("#verdict")).toContainText(/\d+ of 20 right\. Guessing gives about 10\./);
  await expect(page.getByRole("button", { name: "By a person" })).toBeDisabled();
  await page.getByRole("button", { name: "Play again" }).click();
  await expect(page.getByRole("button", { name: "By a person" })).toBeEnabled();
  await expect(page.locator("#verdict")).toContainText("Half of them were written by people");
});

test("half of the digits are real: whoever always says so is right ten times", async ({ page }) => {
  await page.keyboard.press("Tab"); // on a tab, arrows lead to other tabs
  for (let trial = 1; trial <= 20; trial++) await page.keyboard.press("ArrowLeft");
  await expect(page.locator("#verdict")).toContainText(" 10 of 20 right");
});

test("at its end, the keyboard goes on to the button that plays again", async ({ page }) => {
  const [real, again] = ["By a person", "Play again"].map((name) => page.getByRole("button", { name }));
  await real.focus();
  for (let trial = 1; trial <= 20; trial++) await page.keyboard.press("Enter");
  await expect(again).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(real).toBeFocused();
});

test("nothing is wrong for assistive technology", async ({ page }) => {
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
});
