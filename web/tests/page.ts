/** The page under test. Every test fails where a request leaves the page's own origin, or an error reaches the console. */

import { test as base, expect, type Page } from "@playwright/test";

export { expect };

export const test = base.extend<{ watched: undefined }>({
  watched: [
    async ({ context, baseURL }, use) => {
      const [foreign, errors]: [string[], string[]] = [[], []];
      const origin = new URL(baseURL as string).origin;
      context.on("request", (request) => {
        const { protocol, origin: asked } = new URL(request.url());
        if (asked !== origin && protocol !== "blob:") foreign.push(request.url());
      });
      context.on("weberror", (error) => errors.push(String(error.error())));
      context.on("console", (message) => message.type() === "error" && errors.push(message.text()));
      await use(undefined);
      expect(foreign, "requests to other origins").toEqual([]);
      expect(errors, "errors in the console").toEqual([]);
    },
    { auto: true },
  ],
});

/** Opens the page and waits for its first picture. */
export async function open(page: Page): Promise<void> {
  await page.goto("./");
  await expect(page.locator("#stage")).toHaveAttribute("aria-busy", "false", { timeout: 60_000 });
}

/** The checksum on the page, once it has drawn what was chosen last. */
export async function checksum(page: Page): Promise<string> {
  await expect(page.locator("#stage")).toHaveAttribute("aria-busy", "false");
  return page.locator("#fingerprint code").innerText();
}
