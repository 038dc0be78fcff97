/** The page under test. Tests fail on requests to other origins and on errors in the console. */

import { test as base, expect, type Page } from "@playwright/test";

export { expect };

export const test = base.extend<{ watched: undefined }>({
  watched: [
    async ({ context, baseURL }, use) => {
      const [foreign, errors]: [string[], string[]] = [[], []];
      const origin = new URL(baseURL as string).origin;
      context.on("request", (request) => {
        const { protocol, origin: requested } = new URL(request.url());
        if (requested !== origin && protocol !== "blob:") foreign.push(request.url());
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

/** Opens the page and waits for its first image. */
export async function open(page: Page): Promise<void> {
  await page.goto("./");
  await expect(page.locator("#preview")).toHaveAttribute("aria-busy", "false", { timeout: 60_000 });
}

/** Returns the checksum on the page after the latest change was drawn. */
export async function checksum(page: Page): Promise<string> {
  await expect(page.locator("#preview")).toHaveAttribute("aria-busy", "false");
  return page.locator("#fingerprint code").innerText();
}
