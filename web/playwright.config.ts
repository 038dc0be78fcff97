import { execFileSync } from "node:child_process";
import { defineConfig, devices } from "@playwright/test";

// PYTHON has scorp-runtime installed. It computes the expected values and serves the packed page.
const python = process.env.PYTHON ?? "python3";
if (!process.env.TEST_WORKER_INDEX)
  execFileSync(python, ["tests/fixtures.py", "tests/fixtures"], { stdio: "inherit" });

// SCORP_CHROMIUM is the browser; default: the one installed by `npx playwright install chromium`.
const executablePath = process.env.SCORP_CHROMIUM;
const launchOptions = {
  ...(executablePath && { executablePath }),
  chromiumSandbox: process.getuid?.() !== 0, // Chromium has no sandbox for root
  args: [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
};

const site = "http://localhost:4173/";
const served = "http://127.0.0.1:4174/";

export default defineConfig({
  testDir: "tests",
  outputDir: "test-results",
  workers: 1,
  forbidOnly: true,
  timeout: 600_000, // a thousand requests are slow on a busy machine
  expect: { timeout: 30_000 },
  use: { ...devices["Desktop Chrome"], launchOptions },
  projects: [
    { name: "site", use: { baseURL: site }, testIgnore: /served\.spec/ },
    { name: "served", use: { baseURL: served }, testIgnore: /(site|game)\.spec/ },
    { name: "measure", use: { baseURL: site }, testMatch: /measure\.ts/ },
  ],
  webServer: [
    {
      command: "npx vite build && npx vite preview --port 4173 --strictPort",
      url: site,
      timeout: 300_000,
      env: { SCORP_REAL_DIGITS: "tests/fixtures/t10k-images-idx3-ubyte" },
    },
    { command: `"${python}" -P -m scorp_runtime serve --port 4174`, url: served, timeout: 300_000 },
  ],
});
