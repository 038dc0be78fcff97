/** What the visitor takes home: a picture as PNG, or all pictures with their labels as ZIP. */

import { strToU8, zipSync } from "fflate";
import type { Model } from "../core/model.ts";
import type { Sample, Scene } from "./scene.ts";
import { toPng } from "./stage.ts";

const A_MINUTE = 60_000; // by when every browser has begun to read a download

/** Saves what is on the stage. */
export async function savePng(scene: Scene): Promise<void> {
  download(await toPng(scene.shown), `${scene.name}.png`);
}

/** Saves a PNG for each picture in a folder per class, `metadata.csv` as `scorp-gen` writes it, and how it was made. */
export async function saveZip(model: Model, scene: Scene): Promise<void> {
  const files: Record<string, Uint8Array> = {
    "metadata.csv": strToU8(metadata(model, scene)),
    "command.txt": strToU8(`${scene.commands.join("\n")}\n`),
  };
  for (const sample of scene.samples) {
    files[fileName(sample)] = new Uint8Array(await (await toPng(sample.picture)).arrayBuffer());
  }
  download(new Blob([zipSync(files, { level: 0 })], { type: "application/zip" }), `${scene.name}.zip`);
}

function metadata(model: Model, { samples, seed, writer }: Scene): string {
  const hand = writer === null ? [] : [["writer", String(writer)]];
  const header = [
    "file_name",
    "label",
    "seed",
    "index",
    ...hand.map(([name]) => name),
    ...model.knobs.map((knob) => knob.name),
  ];
  const rows = samples.map((sample) => [
    fileName(sample),
    sample.label,
    String(seed),
    sample.origin,
    ...hand.map(([, number]) => number),
    ...sample.style.map(String),
  ]);
  return [header, ...rows].map((row) => `${row.join(",")}\n`).join("");
}

function fileName({ label, origin }: Sample): string {
  return `${label}/${origin.padStart(8, "0")}.png`;
}

function download(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), A_MINUTE);
}
