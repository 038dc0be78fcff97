/** Where the browser is: SCORP_CHROMIUM, or a Chromium or Chrome on the path, or the one that Playwright installed. */

import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { LaunchOptions } from "@playwright/test";

const NAMES = ["chromium", "chromium-browser", "google-chrome"];
const QUIET = ["disable-gpu", "disable-quic", "no-first-run", "disable-background-networking"];

export function browser(): LaunchOptions {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const known = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  const executablePath = process.env.SCORP_CHROMIUM ?? known.find(existsSync);
  const root = process.getuid?.() === 0; // for whom Chromium has no sandbox
  return {
    ...(executablePath && { executablePath }),
    chromiumSandbox: !root,
    args: [...QUIET, "disable-component-update", "disable-sync"].map((flag) => `--${flag}`),
  };
}
