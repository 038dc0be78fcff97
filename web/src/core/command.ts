/** The `scorp-gen` command that makes a picture again. */

import type { Asked } from "./knobs.ts";
import type { Model } from "./model.ts";

const PLAIN = /^[\w@%+=:,./-]+$/; // what no shell reads as more than a word

/** What a command may say beside what it draws; null and undefined are left out. */
export interface Terms {
  readonly count?: number;
  readonly seed: bigint;
  readonly start?: bigint;
  readonly writer: bigint | null;
  readonly asked: readonly Asked[];
  readonly size: number;
}

/** The command for a contact sheet of a class, or of `all`, in the file `name`. */
export function sheetCommand(model: Model, what: string, name: string, terms: Terms): string {
  return join("scorp-gen", what, ...options(model, terms), "--invert", `${name}.png`);
}

/** The command for a text. */
export function textCommand(model: Model, text: string, terms: Terms): string {
  return join("scorp-gen", `--text="${text}"`, ...options(model, terms), "--invert", "number.png");
}

function options(model: Model, terms: Terms): string[] {
  const { count, seed, start, writer, asked, size } = terms;
  return [
    option("count", count),
    option("seed", seed),
    option("start", start || undefined),
    option("writer", writer ?? undefined),
    ...model.knobs.map((knob, position) => option(knob.name, asked[position] ?? undefined)),
    option("size", size === model.height ? undefined : size),
    option("model", model.place === null ? undefined : quoted(model.place)),
  ];
}

function option(name: string, value: number | bigint | string | undefined): string {
  return value === undefined ? "" : `--${name} ${value}`;
}

function quoted(word: string): string {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function join(...words: string[]): string {
  return words.filter((word) => word !== "").join(" ");
}
