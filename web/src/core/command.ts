/** The `scorp-gen` commands that draw the same pixels. */

import type { KnobValue } from "./knobs.ts";
import type { Model } from "./model.ts";
import type { Look } from "./paper.ts";

const PLAIN = /^[\w@%+=:,./-]+$/; // needs no quotes in a shell

/** Options of a command. Options that are null or undefined are left out. */
export interface CommandOptions {
  readonly count?: number;
  readonly seed: bigint;
  readonly start?: bigint;
  readonly writer: bigint | null;
  readonly knobValues: readonly KnobValue[];
  readonly size: number;
  readonly look: Look | null;
}

/** Returns the command that draws a contact sheet of a class, or of `all`, into the file `name`. */
export function sheetCommand(model: Model, what: string, name: string, options: CommandOptions): string {
  return join("scorp-gen", quoted(what), ...words(model, options), `${name}.png`);
}

/** Returns the command that draws a text. */
export function textCommand(model: Model, text: string, options: CommandOptions): string {
  const word = /["$`\\!]/.test(text) ? quoted(text) : `"${text}"`;
  return join("scorp-gen", `--text=${word}`, ...words(model, options), "text.png");
}

function words(model: Model, options: CommandOptions): string[] {
  const { count, seed, start, writer, knobValues, size, look } = options;
  return [
    option("count", count),
    option("seed", seed),
    option("start", start || undefined),
    option("writer", writer ?? undefined),
    ...model.knobs.map((knob, position) => option(knob.name, knobValues[position] ?? undefined)),
    option("size", size === model.height ? undefined : size),
    option("model", model.argument === null ? undefined : quoted(model.argument)),
    ...(look ? [option("ink", quoted(look.ink)), option("paper", quoted(look.paper))] : ["--invert"]),
  ];
}

function option(name: string, value: number | bigint | string | undefined): string {
  return value === undefined ? "" : `--${name} ${value}`;
}

function quoted(word: string): string {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function join(...parts: string[]): string {
  return parts.filter((part) => part !== "").join(" ");
}
