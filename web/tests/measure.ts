/** `npm run measure` prints the size and the speed of the page. It asserts nothing. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { test } from "@playwright/test";
import { open } from "./page.ts";

const SECONDS = 4;

const KINDS: [string, RegExp][] = [
  ["page, styles, script, icon", /^(index.*\.(html|css|js)|.*\.svg)$/],
  ["model", /\.onnx$/],
  ["onnxruntime-web, worker", /worker.*\.js$/],
  ["onnxruntime-web, WebAssembly", /\.wasm$/],
  ["total with service worker and licences", /^/],
];

test("bytes to transfer: plain, gzip and Brotli", () => {
  const files = readdirSync("dist", { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith("real-"))
    .map(({ parentPath, name }) => {
      const bytes = readFileSync(join(parentPath, name));
      const sizes = [bytes.length, gzipSync(bytes).length, brotliCompressSync(bytes).length];
      return { name, sizes };
    });
  const rows = KINDS.map(([kind, pattern]) => {
    const found = files.filter(({ name }) => pattern.test(name));
    const sums = [0, 1, 2].map((place) => found.reduce((sum, { sizes }) => sum + sizes[place], 0));
    return [kind, ...sums.map((sum) => sum.toLocaleString("en"))];
  });
  table(["", "plain", "gzip", "Brotli"], rows);
});

test("milliseconds from navigation to the first digit, and to all 64", async ({ page }) => {
  await page.addInitScript(() => {
    new MutationObserver((_, observer) => {
      const canvas = document.querySelector<HTMLCanvasElement>("#preview canvas");
      const isPainted = canvas?.style.width && !performance.getEntriesByName("first digit").length;
      if (isPainted) performance.mark("first digit");
      if (!document.querySelector("#fingerprint code")?.textContent) return;
      observer.disconnect();
      performance.mark("all digits");
    }).observe(document, { subtree: true, childList: true, attributeFilter: ["style"] });
  });
  const times: Record<string, number[]> = { "first digit": [], "all digits": [] };
  for (const _ of Array(6)) {
    await open(page);
    for (const [name, found] of Object.entries(times))
      found.push(
        await page.evaluate((mark) => Math.round(performance.getEntriesByName(mark)[0].startTime), name),
      );
  }
  const rows = Object.entries(times).map(([name, [first, ...again]]) => [
    name,
    String(first),
    `${Math.min(...again)} to ${Math.max(...again)}`,
  ]);
  table(["ms after navigation", "first visit", "loaded again"], rows);
});

for (const count of ["64", "400"]) {
  test(`redraws per second while a knob moves, ${count} digits`, async ({ page, browser }) => {
    await open(page);
    await page.getByRole("radio", { name: count, exact: true }).check();
    const session = await browser.newBrowserCDPSession();
    const cpu = async () => {
      const { processInfo } = await session.send("SystemInfo.getProcessInfo");
      return processInfo.reduce((sum, { type, cpuTime }) => sum + (type === "renderer" ? cpuTime : 0), 0);
    };
    await page.evaluate(drag, 1); // warm up
    const before = await cpu();
    const redraws = await page.evaluate(drag, SECONDS);
    const each = (await cpu()) - before;
    const row = [count, (redraws / SECONDS).toFixed(1), ((1000 * each) / redraws).toFixed(1)];
    table(["digits, while a knob moves", "redraws per second", "CPU ms per redraw"], [row]);
  });
}

/** Prints a table. */
function table(head: string[], rows: string[][]): void {
  const lines = [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
  console.log(`\n${lines.join("\n")}\n`);
}

/** Moves the first knob after each image and returns the number of images; runs inside the page. */
async function drag(seconds: number): Promise<number> {
  const range = document.querySelector("#style input") as HTMLInputElement;
  const code = document.querySelector("#fingerprint code") as HTMLElement;
  const [low, high, begin] = [Number(range.min), Number(range.max), performance.now()];
  let drawn = 0;
  for (let part = 0; part < 1; part = (performance.now() - begin) / (1000 * seconds)) {
    const next = new Promise((resolve) => new MutationObserver(resolve).observe(code, { childList: true }));
    range.valueAsNumber = low + part * (high - low);
    range.dispatchEvent(new Event("input"));
    await next;
    drawn += 1;
  }
  return drawn;
}
