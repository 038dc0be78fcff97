/** Runs the commands that the page shows. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Result {
  /** Content of the PNG file. */
  readonly file: Buffer;
  /** Output of `--json`; for text, that of the first page. */
  readonly json: { readonly pixels_sha256: string; readonly writer: number | null };
}

/** Runs a command with a shell in a temporary folder. */
export function run(command: string): Result {
  const python = process.env.PYTHON ?? "python3";
  if (!command.startsWith("scorp-gen ")) throw new Error(`not a scorp-gen command: ${command}`);
  const folder = mkdtempSync(join(tmpdir(), "scorp-"));
  try {
    const script = `scorp-gen() { "$0" -P -m scorp_runtime "$@" --json; }; ${command}`;
    const output = execFileSync("bash", ["-c", script, python], {
      cwd: folder,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    const json = JSON.parse(output);
    return {
      file: readFileSync(join(folder, command.split(" ").at(-1) as string)),
      json: json.pages?.[0] ?? json,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
