/**
 * Text of one writer on a page, specified in `docs/reference/model-format.md`, section 7.
 *
 * Character p is image p of the seed; spaces count. The page writes text 0 of a seed, with the default layout.
 */

import { type GrayImage, splitImages } from "./image.ts";
import { crop, inkBox, padded, withoutSpecks } from "./ink.ts";
import { type KnobValue, LINE_FORM } from "./knobs.ts";
import { type Glyph, placeGlyphs } from "./layout.ts";
import type { Model } from "./model.ts";
import { BASELINE, drawMark, MARKS } from "./punctuation.ts";
import { randomWriter } from "./random.ts";
import type { NetworkInputs, Request } from "./request.ts";
import { resize, resizeTo } from "./resize.ts";

/** Longest text on the page; the runtime allows 4096 characters. */
export const MAX_CHARACTERS = 64;

const PRINTABLE = Array.from({ length: 94 }, (_, at) => String.fromCharCode("!".charCodeAt(0) + at));
const FEW = 8; // characters that a message lists
const DOTTED = "!%:;?ij";
const DOT_SHARE = 40; // their dots may have as little as 1/40 of the ink of the largest stroke

/** A text and how to write it. If `writer` is null, the seed determines the writer. */
export interface TextInput {
  readonly text: string;
  readonly seed: bigint;
  readonly writer: bigint | null;
  readonly size: number;
  readonly knobValues: readonly KnobValue[];
}

/** The ink of a character, and how far its bottom is under the baseline. */
type Placed = Pick<Glyph, "ink" | "below">;

/** Lists the supported characters for the visitor: all except a few, or those that there are. */
export function supportedCharacters(classes: readonly string[]): string {
  const missing = PRINTABLE.filter((character) => ![...classes, ...MARKS].includes(character));
  if (missing.length > FEW)
    return `${hasLetters(classes) ? "digits, letters" : "digits"}, spaces and ${MARKS.join(" ")}`;
  const except = missing.length > 0 ? ` except ${missing.join(" ")}` : "";
  return `digits, letters, spaces and the symbols of ASCII${except}`;
}

function hasLetters(classes: readonly string[]): boolean {
  return classes.some((name) => /\D/.test(name));
}

/** Returns the error that the visitor sees for a text, or null. */
export function textError(classes: readonly string[], text: string): string | null {
  const known = new Set([...classes, ...MARKS, " "]);
  const unknown = [...new Set(text)].filter((character) => !known.has(character));
  if (unknown.length > 0) return `Unsupported characters: ${unknown.slice(0, FEW).join(" ")}`;
  if (![...text].some((character) => classes.includes(character)))
    return `Type at least one digit${hasLetters(classes) ? " or letter" : ""}`;
  return [...text].length > MAX_CHARACTERS ? `At most ${MAX_CHARACTERS} characters` : null;
}

/** Returns the distance of baselines in px. */
export function lineHeight(model: Model, size: number): number {
  const inForm = LINE_FORM.every((name) => model.knobs.some((knob) => knob.name === name));
  return Math.floor(((inForm ? 10 : 8) * size) / 7);
}

/** Returns the writer of a text. */
export function textWriter({ writer, seed }: TextInput): bigint {
  return writer ?? randomWriter(seed, 0n);
}

/** Requests an image for each character. Those of marks and spaces are not used. */
export function characterRequest(model: Model, input: TextInput): Request {
  const { text, seed, knobValues } = input;
  const list = [...text].map((character) => Math.max(0, model.classes.indexOf(character)));
  return {
    labels: { list },
    count: list.length,
    seed,
    start: 0n,
    writer: textWriter(input),
    knobValues,
    perClass: model.knobs.some(({ name }) => LINE_FORM.includes(name)),
  };
}

/** Draws the images of the characters on a page. */
export function renderText(
  model: Model,
  input: TextInput,
  inputs: NetworkInputs,
  pixels: Uint8Array,
): GrayImage & { readonly baseline: number } {
  const images = splitImages(pixels, model.height, model.width);
  const [extents, rises] = LINE_FORM.map((name) => knobColumn(model, inputs, name));
  const placed = (character: string, position: number): Placed => {
    const image = images[position];
    if (!model.classes.includes(character)) return placedMark(model, input, inputs, character);
    if (extents && rises) return inLine(image, character, input.size, extents[position], rises[position]);
    return { ink: cut(resizeTo(withoutSpecks(image), input.size)), below: 0 };
  };
  const glyphs: Glyph[] = [];
  let spaces = 0;
  [...input.text].forEach((character, position) => {
    if (character === " ") {
      spaces += 1;
      return;
    }
    glyphs.push({ position, spaces, ...placed(character, position) });
    spaces = 0;
  });
  return placeGlyphs(glyphs, input.size, input.seed, 0n);
}

/** Draws a mark that is not a class. */
function placedMark(model: Model, input: TextInput, inputs: NetworkInputs, mark: string): Placed {
  const [thickness, slant] = [
    meanStyle(model, input, inputs, "thickness", 2.5),
    meanStyle(model, input, inputs, "slant", 0),
  ];
  const image = drawMark(mark, model.height, model.width, thickness, slant);
  const ink = resizeTo(withoutSpecks(image), input.size);
  const box = inkBox(ink);
  return { ink: crop(ink, box), below: box.y + box.height - Math.floor(BASELINE * input.size + 0.5) };
}

/** Scales a character to its extent and places it at its rise, both in heights of a capital. */
function inLine(image: GrayImage, character: string, size: number, extent: number, rise: number): Placed {
  const ink = cut(withoutSpecks(image, DOTTED.includes(character) ? DOT_SHARE : undefined));
  const longer = Math.max(ink.height, ink.width);
  const scaled = (side: number) => Math.max(1, rounded(extent, 5 * size * (side + 2), 7 * longer));
  return {
    ink: cut(resize(padded(ink), scaled(ink.height), scaled(ink.width))),
    below: -rounded(rise, 5 * size, 7),
  };
}

/**
 * Returns `value * numerator / denominator`, rounded to an integer, halves up.
 *
 * Exact, because `value` is a multiple of a power of two: for steps of at least 2^-32, all terms have fewer than 53 bits,
 * and a quotient below an integer is not rounded up to it.
 */
function rounded(value: number, numerator: number, denominator: number): number {
  return Math.floor((2 * value * numerator + denominator) / (2 * denominator));
}

/** Returns an image without blank borders. */
function cut(image: GrayImage): GrayImage {
  return crop(image, inkBox(image));
}

/** Returns the mean of a knob over the characters of the model's classes, or `missing` if it has no such knob. */
function meanStyle(
  model: Model,
  { text }: TextInput,
  inputs: NetworkInputs,
  name: string,
  missing: number,
): number {
  const values = knobColumn(model, inputs, name);
  if (values === null) return missing;
  const drawn = values.filter((_, position) => model.classes.includes([...text][position]));
  return drawn.reduce((sum, value) => sum + value, 0) / drawn.length;
}

/** Returns the value of a knob for each image, in single precision, or null if the model has no such knob. */
function knobColumn(model: Model, { styles }: NetworkInputs, name: string): Float32Array | null {
  const column = model.knobs.findIndex((knob) => knob.name === name);
  if (column < 0) return null;
  return Float32Array.from(styles.filter((_, at) => at % model.knobs.length === column));
}
