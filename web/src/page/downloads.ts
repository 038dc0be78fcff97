/** Downloads: the drawing as PNG, or all images with their labels as ZIP. */

import { strToU8, zipSync } from "fflate";
import { folderName } from "../core/folder-name.ts";
import type { Model } from "../core/model.ts";
import { toPng } from "./canvas.ts";
import type { Drawing, LabelledImage } from "./draw.ts";

const MINUTE = 60_000; // ms, enough for every browser to start reading

/** Saves the drawing as one PNG file. */
export async function savePng(drawing: Drawing): Promise<void> {
  download(await toPng(drawing.image), `${drawing.name}.png`);
}

/** Saves a PNG per image in a folder per class, `metadata.csv` as written by `scorp-gen`, and the command. */
export async function saveZip(drawing: Drawing): Promise<void> {
  const files: Record<string, Uint8Array> = {
    "metadata.csv": strToU8(metadata(drawing)),
    "command.txt": strToU8(`${drawing.commands.join("\n")}\n`),
  };
  for (const item of drawing.images) {
    files[fileName(drawing.model, item)] = new Uint8Array(await (await toPng(item.image)).arrayBuffer());
  }
  download(new Blob([zipSync(files, { level: 0 })], { type: "application/zip" }), `${drawing.name}.zip`);
}

function metadata({ model, images, seed, writer }: Drawing): string {
  const writerColumn = writer === null ? [] : [["writer", String(writer)]];
  const header = [
    "file_name",
    "label",
    "seed",
    "index",
    ...writerColumn.map(([name]) => name),
    ...model.knobs.map((knob) => knob.name),
  ];
  const rows = images.map((item) => [
    fileName(model, item),
    item.label,
    String(seed),
    item.id,
    ...writerColumn.map(([, number]) => number),
    ...item.style.map(String),
  ]);
  return [header, ...rows].map((row) => `${row.map(cell).join(",")}\n`).join("");
}

function cell(text: string): string {
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function fileName(model: Model, { label, id }: LabelledImage): string {
  return `${folderName(label, model.classes)}/${id.padStart(8, "0")}.png`;
}

function download(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), MINUTE);
}
