/** The browser that tests: SCORP_CHROMIUM, or the one that `npx playwright install chromium` has fetched. */

import type { LaunchOptions } from "@playwright/test";

const QUIET = ["disable-gpu", "disable-quic", "no-first-run", "disable-background-networking"];

export function browser(): LaunchOptions {
  const executablePath = process.env.SCORP_CHROMIUM;
  return {
    ...(executablePath && { executablePath }),
    chromiumSandbox: process.getuid?.() !== 0, // for root, Chromium has no sandbox
    args: [...QUIET, "disable-component-update", "disable-sync"].map((flag) => `--${flag}`),
  };
}
