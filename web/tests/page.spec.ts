/** Actions of a visitor, by mouse and keyboard, on the static site and on the page of `scorp-gen serve`. */

import { readFile } from "node:fs/promises";
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { unzipSync } from "fflate";
import { run } from "./command.ts";
import { checksum, expect, open, test } from "./page.ts";

test.beforeEach(async ({ page }) => open(page));

async function choose(page: Page, group: string, name: string): Promise<void> {
  await page.getByRole("group", { name: group }).getByRole("radio", { name, exact: true }).check();
}

async function download(page: Page, button: string): Promise<Buffer> {
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: button }).click(),
  ]);
  return readFile(await file.path());
}

/** Returns the colours of a PNG file, decoded by the browser. */
function pixels(page: Page, file: Buffer): Promise<{ width: number; height: number; colours: string }> {
  return page.evaluate(
    async (bytes) => {
      const image = await createImageBitmap(new Blob([Uint8Array.from(bytes)], { type: "image/png" }));
      const context = new OffscreenCanvas(image.width, image.height).getContext("2d");
      context?.drawImage(image, 0, 0);
      const data = context?.getImageData(0, 0, image.width, image.height).data ?? [];
      return {
        width: image.width,
        height: image.height,
        colours: Array.from(data).join(),
      };
    },
    [...file],
  );
}

const command = (page: Page) => page.locator("#commands code");

test("the page draws and describes 64 images at the start", async ({ page }) => {
  await expect(page.getByRole("img", { name: /^64 images of all digits/ })).toBeVisible();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("SCORP");
  await expect(page.locator("#about")).toContainText("digits");
  await expect(page.locator("#announcement")).toContainText("64 images");
});

test("class and count can be chosen", async ({ page }) => {
  const before = await checksum(page);
  await choose(page, "Class", "7");
  await choose(page, "Count", "1");
  await expect(page.getByRole("img", { name: /^1 image of 7/ })).toBeVisible();
  await expect(command(page)).toHaveText("scorp-gen 7 --count 1 --seed 1 --invert digits.png");
  expect(await checksum(page)).not.toBe(before);
});

test("400 images fit on one sheet", async ({ page }) => {
  await choose(page, "Count", "400");
  await expect(page.getByRole("img", { name: /^400 images/ })).toBeVisible();
  const { json } = run(await command(page).innerText());
  expect(await checksum(page)).toBe(json.pixels_sha256);
});

test("every knob changes the image and can be reset", async ({ page }) => {
  await choose(page, "Count", "16");
  const open = await checksum(page);
  for (const name of await page.locator("#style label").allInnerTexts()) {
    const knob = page.getByRole("slider", { name });
    await knob.focus();
    await page.keyboard.press("Home");
    const low = await checksum(page);
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("End");
    const high = await checksum(page);
    expect(new Set([open, low, high]).size).toBe(3);
    await expect(knob).toHaveAttribute("aria-valuetext", name === "Rarity" ? /^[0-2]$/ : /\d (px|degrees)$/);
    expect(await command(page).innerText()).toContain(`--${name.toLowerCase()} `);
    await page.getByRole("button", { name: `Reset ${name.toLowerCase()}` }).click();
    await expect(knob).toBeFocused();
    await expect.poll(() => checksum(page)).toBe(open);
  }
});

test("dragging a knob draws intermediate images", async ({ page }) => {
  const seen = await page.evaluate(async () => {
    const range = document.querySelector<HTMLInputElement>("#style input") as HTMLInputElement;
    const code = document.querySelector("#fingerprint code") as HTMLElement;
    const checksums = new Set<string>();
    new MutationObserver(() => checksums.add(code.innerText)).observe(code, { childList: true });
    for (let step = 0; step < 40; step++) {
      range.valueAsNumber = Number(range.min) + (step / 40) * (Number(range.max) - Number(range.min));
      range.dispatchEvent(new Event("input"));
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    return checksums.size;
  });
  expect(seen).toBeGreaterThan(3);
});

test("a writer can be drawn, kept, typed and removed", async ({ page }) => {
  const writer = page.getByLabel("Writer number");
  await page.getByRole("button", { name: "New writer" }).click();
  const first = await writer.inputValue();
  expect(first).toMatch(/^\d+$/);
  await page.getByRole("button", { name: "New seed" }).click();
  await expect(writer).toHaveValue(first);
  await writer.fill("12");
  await expect(command(page)).toContainText("--writer 12");
  await expect(page.getByLabel("Same writer")).toBeChecked();
  await page.getByLabel("Same writer").uncheck();
  await expect(writer).toHaveValue("");
  await expect(command(page)).not.toContainText("--writer");
});

test("a seed can be drawn or typed, and invalid seeds are marked", async ({ page }) => {
  const seed = page.getByLabel("Seed", { exact: true });
  await page.getByRole("button", { name: "New seed" }).click();
  expect(await seed.inputValue()).not.toBe("1");
  await seed.fill("18446744073709551615");
  await expect(command(page)).toContainText("--seed 18446744073709551615");
  for (const wrong of ["18446744073709551616", "-1", "1.5", "seven"]) {
    await seed.fill(wrong);
    await expect(seed).toHaveAttribute("aria-invalid", "true");
  }
  await expect(command(page)).toContainText("--seed 18446744073709551615");
  await seed.fill("2");
  await expect(seed).toHaveAttribute("aria-invalid", "false");
});

test("'Previous' and 'Next' stay within the valid indices", async ({ page }) => {
  await expect(page.getByRole("button", { name: "Previous" })).toBeDisabled();
  await page.getByRole("button", { name: "Next" }).click();
  await expect(page.getByLabel("First index")).toHaveValue("64");
  await page.getByRole("button", { name: "Previous" }).click();
  await expect(page.getByLabel("First index")).toHaveValue("0");
  await page.getByLabel("First index").fill("18446744073709551552");
  await expect(page.getByRole("button", { name: "Next" })).toBeDisabled();
  await page.getByLabel("First index").fill("18446744073709551553");
  await expect(page.getByLabel("First index")).toHaveAttribute("aria-invalid", "true");
  await choose(page, "Count", "400");
  await expect(page.getByLabel("First index")).toHaveValue("18446744073709551216");
});

test("text has one writer, who can be kept", async ({ page }) => {
  await page.getByRole("tab", { name: "Text" }).click();
  await page.getByLabel("Text to write").fill("2026-11-21");
  await expect(page.getByRole("img", { name: /^2026-11-21 by writer \d+/ })).toBeVisible();
  const { json } = run(await command(page).innerText());
  expect(await checksum(page)).toBe(json.pixels_sha256);
  await page.getByLabel("Same writer").check();
  await expect(page.getByLabel("Writer number")).toHaveValue(String(json.writer));
  expect(await checksum(page)).toBe(json.pixels_sha256);
});

test("unsupported text is reported, and the last image stays", async ({ page }) => {
  await page.getByRole("tab", { name: "Text" }).click();
  const before = await checksum(page);
  for (const [text, answer] of [
    ["12é", "Unsupported characters: é"],
    ["", "at least one digit"],
    ["  ", "at least one digit"],
  ]) {
    await page.getByLabel("Text to write").fill(text);
    await expect(page.locator("figcaption")).toContainText(answer);
    await expect(page.getByLabel("Text to write")).toHaveAttribute("aria-invalid", "true");
    await expect(page.getByLabel("Text to write")).toHaveAccessibleDescription(new RegExp(answer));
  }
  expect(await checksum(page)).toBe(before);
});

test("characters that are not digits have their own model, loaded when it is needed", async ({ page }) => {
  const models = () =>
    page.evaluate(
      () => performance.getEntriesByType("resource").filter(({ name }) => /\.onnx$/.test(name)).length,
    );
  expect(await models()).toBe(1);
  await page.getByText("Capitals, small letters, symbols").click();
  for (const name of ["A", "a", "-", "'"]) {
    await choose(page, "Class", name);
    await expect(page.locator("figcaption")).toContainText(`64 images of ${name},`);
    await expect(page.locator("#about")).toContainText("Model: text");
    const { json } = run(await command(page).innerText());
    expect(await checksum(page)).toBe(json.pixels_sha256);
  }
  await choose(page, "Class", "7");
  await expect(command(page)).toHaveText("scorp-gen 7 --count 64 --seed 1 --invert digits.png");
  await expect(page.locator("#about")).toContainText("Model: digits");
  expect(await models()).toBe(2);
});

test("a change of the model keeps styles by name, within its range", async ({ page }) => {
  const width = page.getByRole("slider", { name: "Width" });
  await width.focus();
  await page.keyboard.press("End");
  const before = Number(await width.inputValue());
  await page.getByText("Capitals, small letters, symbols").click();
  await choose(page, "Class", "W");
  await expect(page.getByRole("img", { name: "64 images of W" })).toBeVisible();
  const highest = Math.min(before, Number(await width.getAttribute("max")));
  await expect(command(page)).toContainText(`--width ${highest} `);
  await expect(page.getByRole("slider", { name: /Extent|Rise/ })).toHaveCount(0);
  const { json } = run(await command(page).innerText());
  expect(await checksum(page)).toBe(json.pixels_sha256);
  await choose(page, "Class", "7");
  await expect(width).toHaveValue(String(before));
});

test("any text can be written", async ({ page }) => {
  await page.getByRole("tab", { name: "Text" }).click();
  await expect(page.getByLabel("Text to write")).toHaveAccessibleDescription(
    /letters.* symbols .*except \\$/,
  );
  for (const text of ["Hello, World!", "it's $1,204.50", "seven", "---"]) {
    await page.getByLabel("Text to write").fill(text);
    await expect(page.locator("figcaption")).toContainText(`${text} by writer`);
    const { json } = run(await command(page).innerText());
    expect(await checksum(page)).toBe(json.pixels_sha256);
  }
});

test("a walk may lead from a digit to a letter", async ({ page }) => {
  await page.getByRole("tab", { name: "Walk" }).click();
  await page.getByLabel("To", { exact: true }).selectOption("A");
  await expect(page.locator("figcaption")).toContainText("from 0 to A");
  const [from, to] = (await command(page).allInnerTexts()).map((text) => run(text).json.pixels_sha256);
  expect(await checksum(page)).toBe(from);
  await page.getByRole("slider", { name: "Position" }).press("End");
  await expect.poll(() => checksum(page)).toBe(to);
});

test("a walk leads from one digit to another, by slider and 'Play'", async ({ page }) => {
  await page.getByRole("tab", { name: "Walk" }).click();
  await page.getByLabel("From", { exact: true }).selectOption("3");
  await page.getByLabel("To", { exact: true }).selectOption("8");
  await checksum(page); // with it come the commands of what was chosen last
  const ends = (await command(page).allInnerTexts()).map((text) => run(text).json.pixels_sha256);
  await expect.poll(() => checksum(page)).toBe(ends[0]);
  const place = page.getByRole("slider", { name: "Position" });
  await place.focus();
  await page.keyboard.press("ArrowRight");
  await expect(place).toHaveAttribute("aria-valuetext", "4 percent of the way");
  expect(ends).not.toContain(await checksum(page));
  await page.keyboard.press("End");
  await expect.poll(() => checksum(page)).toBe(ends[1]);
  await page.keyboard.press("Home");
  await page.getByRole("button", { name: "Play" }).click();
  await expect(place).not.toHaveValue("0");
  await page.getByRole("button", { name: "Stop" }).click();
});

test("the saved PNG has the pixels of the copied command", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await choose(page, "Class", "3");
  await page.getByRole("slider", { name: "Slant" }).fill("-20");
  await page.getByRole("slider", { name: "Size" }).fill("40");
  await page.getByLabel("Writer number").fill("12");
  await checksum(page);
  await page.getByRole("button", { name: "Copy" }).click();
  await expect(page.locator("#announcement")).toHaveText("Command copied");
  const { file, json } = run(await page.evaluate(() => navigator.clipboard.readText()));
  expect(await checksum(page)).toBe(json.pixels_sha256);
  expect(await pixels(page, await download(page, "Save PNG"))).toEqual(await pixels(page, file));
});

for (const paper of ["plain", "ruled", "grid"]) {
  test(`ink on ${paper} paper has the pixels of the copied command`, async ({ page }) => {
    await page.getByRole("combobox", { name: "Paper" }).selectOption(paper);
    await page.getByLabel("Ink", { exact: true }).fill("#8a1c1c");
    if (paper === "plain") await page.locator("#paper-colour").fill("#f4ecd8");
    await choose(page, "Count", "16");
    for (const view of ["Draw", "Text"]) {
      await page.getByRole("tab", { name: view }).click();
      await page.getByRole("slider", { name: "Size" }).fill("40");
      const shown = await checksum(page);
      const { file, json } = run(await page.locator("#commands code").innerText());
      expect(shown).toBe(json.pixels_sha256);
      expect(await pixels(page, await download(page, "Save PNG"))).toEqual(await pixels(page, file));
    }
  });
}

test("the ZIP has a labelled image for each digit", async ({ page }) => {
  await choose(page, "Count", "16");
  await checksum(page);
  const files = unzipSync(await download(page, "Save ZIP"));
  const [head, ...rows] = Buffer.from(files["metadata.csv"]).toString().trim().split("\n");
  expect(head).toMatch(/^file_name,label,seed,index,/);
  expect(rows).toHaveLength(16);
  for (const [at, row] of rows.entries()) {
    const [name, label, seed, index] = row.split(",");
    expect([label, seed, index]).toEqual([String(at % 10), "1", String(at)]);
    expect(name).toBe(`${label}/${index.padStart(8, "0")}.png`);
    expect((await pixels(page, Buffer.from(files[name]))).width).toBe(28);
  }
  const commands = Buffer.from(files["command.txt"]).toString();
  expect(commands.trim()).toBe(await command(page).innerText());
});

test("the ZIP of a text has each digit, resized, with its seed and index", async ({ page }) => {
  await page.getByRole("tab", { name: "Text" }).click();
  await page.getByLabel("Text to write").fill("7 1");
  await page.getByRole("slider", { name: "Size" }).fill("40");
  const before = await checksum(page);
  await page.getByLabel("Text to write").fill("7-é"); // which cannot be, so the image stays
  await page.getByRole("button", { name: "New seed" }).click();
  expect(await checksum(page)).toBe(before);
  const files = unzipSync(await download(page, "Save ZIP"));
  const rows = Buffer.from(files["metadata.csv"]).toString().trim().split("\n").slice(1);
  expect(rows.map((row) => row.split(",").slice(0, 4).join())).toEqual([
    "7/00000000.png,7,1,0",
    "1/00000002.png,1,1,2",
  ]);
  for (const row of rows) {
    const [name, label, seed, index, writer] = row.split(",");
    const address = `--count 1 --seed ${seed} --start ${index} --writer ${writer}`;
    const { file } = run(`scorp-gen ${label} ${address} --size 40 --invert one.png`);
    expect(await pixels(page, Buffer.from(files[name]))).toEqual(await pixels(page, file));
  }
});

test("all controls work by keyboard", async ({ page }) => {
  await page.keyboard.press("Tab");
  await expect(page.getByRole("tab", { name: "Draw" })).toBeFocused();
  await page.keyboard.press("ArrowRight");
  await expect(page.getByRole("tab", { name: "Text" })).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("Tab");
  await page.keyboard.press("ArrowLeft");
  await expect(page.getByRole("radio", { name: "9", exact: true })).toBeChecked();
  const reached = new Set<string>();
  for (let presses = 0; presses < 20; presses++) {
    await page.keyboard.press("Tab");
    reached.add(
      await page.evaluate(() => document.activeElement?.id || document.activeElement?.textContent || ""),
    );
  }
  for (const id of [
    "knob-thickness",
    "knob-size",
    "same-writer",
    "writer",
    "seed",
    "start",
    "png",
    "zip",
    "Copy",
  ]) {
    expect([...reached]).toContain(id);
  }
});

test("letters and symbols can be chosen by keyboard", async ({ page }) => {
  const group = page.getByRole("group", { name: "Class" });
  await group.getByRole("radio", { name: "all" }).focus();
  await page.keyboard.press("ArrowRight");
  await expect(group.getByRole("radio", { name: "0", exact: true })).toBeFocused(); // skips the closed part
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Shift+Tab");
  for (const key of ["ArrowLeft", "ArrowLeft"]) await page.keyboard.press(key);
  await expect(group.getByRole("radio", { name: "}", exact: true })).toBeChecked();
  await expect(page.getByRole("img", { name: "64 images of }" })).toBeVisible();
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds no accessibility problems, ${colorScheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    await page.getByText("Capitals, small letters, symbols").click();
    for (const tab of ["Draw", "Text", "Walk"]) {
      await page.getByRole("tab", { name: tab }).click();
      await checksum(page);
      expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    }
  });
}

test("the row of tabs does not scroll on a desktop", async ({ page }) => {
  const overflow = await page
    .getByRole("tablist")
    .evaluate((row) => [row.scrollHeight - row.clientHeight, row.scrollWidth - row.clientWidth]);
  expect(overflow).toEqual([0, 0]);
});

test("a phone shows the image above the knobs without horizontal scrolling", async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  for (const tab of ["Draw", "Text", "Walk"]) {
    await page.getByRole("tab", { name: tab }).click();
    await checksum(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
    await page.getByRole("slider", { name: "Width" }).scrollIntoViewIfNeeded();
    await expect(page.locator("#preview canvas")).toBeInViewport({ ratio: 0.9 });
  }
});

test("on a phone, the image never covers the focused element", async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  await page.getByRole("button", { name: "Save ZIP" }).focus();
  for (let presses = 0; presses < 12; presses++) {
    await page.keyboard.press("Shift+Tab");
    const covered = await page.evaluate(() => {
      const { x, y, width, height } = (document.activeElement as Element).getBoundingClientRect();
      return document.elementFromPoint(x + width / 2, y + height / 2)?.closest("#preview");
    });
    expect(covered).toBeNull();
  }
});
