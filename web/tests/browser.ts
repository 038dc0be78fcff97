/** The browser of the tests: SCORP_CHROMIUM, or the one installed by `npx playwright install chromium`. */

import type { LaunchOptions } from "@playwright/test";

const QUIET = ["disable-gpu", "disable-quic", "no-first-run", "disable-background-networking"];

export function browser(): LaunchOptions {
  const executablePath = process.env.SCORP_CHROMIUM;
  return {
    ...(executablePath && { executablePath }),
    chromiumSandbox: process.getuid?.() !== 0, // Chromium has no sandbox for root
    args: [...QUIET, "disable-component-update", "disable-sync"].map((flag) => `--${flag}`),
  };
}
