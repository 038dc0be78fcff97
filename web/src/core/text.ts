/**
 * Text of one writer on a page, specified in `docs/reference/model-format.md`, section 7.
 *
 * Character p is image p of the seed; spaces count. The page writes text 0 of a seed, with the default layout.
 */

import { type GrayImage, splitImages } from "./image.ts";
import { crop, inkBox, withoutSpecks } from "./ink.ts";
import type { KnobValue } from "./knobs.ts";
import { type Glyph, placeGlyphs } from "./layout.ts";
import type { Model } from "./model.ts";
import { BASELINE, drawMark, MARKS } from "./punctuation.ts";
import { randomWriter } from "./random.ts";
import type { NetworkInputs, Request } from "./request.ts";
import { resizeTo } from "./resize.ts";

/** Longest text on the page; the runtime allows 4096 characters. */
export const MAX_CHARACTERS = 64;

/** A text and how to write it. If `writer` is null, the seed determines the writer. */
export interface TextInput {
  readonly text: string;
  readonly seed: bigint;
  readonly writer: bigint | null;
  readonly size: number;
  readonly knobValues: readonly KnobValue[];
}

/** Lists the supported characters for the visitor. */
export function supportedCharacters(model: Model): string {
  return `${hasLetters(model) ? "digits, letters" : "digits"}, spaces and ${MARKS.join(" ")}`;
}

function hasLetters({ classes }: Model): boolean {
  return classes.some((name) => /\D/.test(name));
}

/** Returns the error that the visitor sees for a text, or null. */
export function textError(model: Model, text: string): string | null {
  const known = new Set([...model.classes, ...MARKS, " "]);
  const unknown = [...new Set(text)].filter((character) => !known.has(character));
  if (unknown.length > 0) return `Unsupported characters: ${unknown.slice(0, 8).join(" ")}`;
  if (![...text].some((character) => model.classes.includes(character)))
    return `Type at least one digit${hasLetters(model) ? " or letter" : ""}`;
  return [...text].length > MAX_CHARACTERS ? `At most ${MAX_CHARACTERS} characters` : null;
}

/** Returns the writer of a text. */
export function textWriter({ writer, seed }: TextInput): bigint {
  return writer ?? randomWriter(seed, 0n);
}

/** Requests an image for each character. Those of marks and spaces are not used. */
export function characterRequest(model: Model, input: TextInput): Request {
  const { text, seed, knobValues } = input;
  const list = [...text].map((character) => Math.max(0, model.classes.indexOf(character)));
  return { labels: { list }, count: list.length, seed, start: 0n, writer: textWriter(input), knobValues };
}

/** Draws the images of the characters on a page. */
export function renderText(
  model: Model,
  input: TextInput,
  inputs: NetworkInputs,
  pixels: Uint8Array,
): GrayImage {
  const images = splitImages(pixels, model.height, model.width);
  const pen = {
    thickness: meanStyle(model, input, inputs, "thickness", 2.5),
    slant: meanStyle(model, input, inputs, "slant", 0),
  };
  const glyphs: Glyph[] = [];
  let spaces = 0;
  [...input.text].forEach((character, position) => {
    if (character === " ") {
      spaces += 1;
      return;
    }
    const isMark = MARKS.includes(character);
    const image = isMark
      ? drawMark(character, model.height, model.width, pen.thickness, pen.slant)
      : images[position];
    glyphs.push({ position, spaces, ...cutOut(image, input.size, isMark) });
    spaces = 0;
  });
  return placeGlyphs(glyphs, input.size, input.seed, 0n);
}

function cutOut(image: GrayImage, size: number, isMark: boolean): { ink: GrayImage; below: number } {
  const ink = resizeTo(withoutSpecks(image), size);
  const box = inkBox(ink);
  const below = isMark ? box.y + box.height - Math.floor(BASELINE * size + 0.5) : 0;
  return { ink: crop(ink, box), below };
}

/** Returns the mean of a knob over the characters of the model's classes, or `missing` if it has no such knob. */
function meanStyle(
  model: Model,
  { text }: TextInput,
  { styles }: NetworkInputs,
  name: string,
  missing: number,
): number {
  const column = model.knobs.findIndex((knob) => knob.name === name);
  if (column < 0) return missing;
  const drawn = [...text].flatMap((character, position) =>
    model.classes.includes(character) ? [Math.fround(styles[position * model.knobs.length + column])] : [],
  );
  return drawn.reduce((sum, value) => sum + value, 0) / drawn.length;
}
