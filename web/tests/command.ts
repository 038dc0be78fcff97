/** Runs the commands that the page shows, as a visitor would. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Made {
  /** The PNG file. */
  readonly file: Buffer;
  /** What `--json` tells, of pages the first. */
  readonly told: { readonly pixels_sha256: string; readonly writer: number | null };
}

/** Runs a command in a folder of its own. */
export function run(command: string): Made {
  const python = process.env.PYTHON ?? "python3";
  const words = [...command.matchAll(/(?:[^\s"]|"[^"]*")+/g)].map(([word]) => word.replaceAll('"', ""));
  if (words.shift() !== "scorp-gen") throw new Error(`no scorp-gen command: ${command}`);
  const folder = mkdtempSync(join(tmpdir(), "scorp-"));
  try {
    const json = execFileSync(python, ["-P", "-m", "scorp_runtime", ...words, "--json"], {
      cwd: folder,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    const told = JSON.parse(json);
    return { file: readFileSync(join(folder, words.at(-1) as string)), told: told.pages?.[0] ?? told };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
