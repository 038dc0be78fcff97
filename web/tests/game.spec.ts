/** The game "Real or generated?". The site under test has real digits; the served page has no game. */

import AxeBuilder from "@axe-core/playwright";
import { expect, open, test } from "./page.ts";

test.beforeEach(async ({ page }) => {
  await open(page);
  await page.getByRole("tab", { name: "Real or generated?" }).click();
});

test("a game has 20 digits, ends with a score and can be played again", async ({ page }) => {
  for (let trial = 1; trial <= 20; trial++) {
    if (trial % 2) await page.getByRole("button", { name: "Person" }).click();
    else await page.keyboard.press("ArrowRight");
    await expect(page.getByRole("status").filter({ hasText: `of ${trial} right` })).toBeVisible();
  }
  await expect(page.locator("#verdict")).toContainText(/\d+ of 20 right\. Guessing gives about 10\./);
  await expect(page.getByRole("button", { name: "Person" })).toBeDisabled();
  await page.getByRole("button", { name: "Play again" }).click();
  await expect(page.getByRole("button", { name: "Person" })).toBeEnabled();
  await expect(page.locator("#verdict")).toContainText("Half of them were written by people");
});

test("half of the digits are real", async ({ page }) => {
  await page.keyboard.press("Tab"); // arrow keys on a tab change the tab
  for (let trial = 1; trial <= 20; trial++) await page.keyboard.press("ArrowLeft");
  await expect(page.locator("#verdict")).toContainText(" 10 of 20 right");
});

test("the focus moves to 'Play again' and back", async ({ page }) => {
  const [real, again] = ["Person", "Play again"].map((name) => page.getByRole("button", { name }));
  await real.focus();
  for (let trial = 1; trial <= 20; trial++) await page.keyboard.press("Enter");
  await expect(again).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(real).toBeFocused();
});

test("axe finds no accessibility problems", async ({ page }) => {
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
});
