/** Ink and paper in colour, specified in `docs/reference/model-format.md`, section 8. */

import type { GrayImage } from "./image.ts";
import { paperWords, scaled } from "./random.ts";

/** Ink is `#rrggbb`; paper is `#rrggbb` or a key of `RULES`. */
export interface Look {
  readonly ink: string;
  readonly paper: string;
}

/** The part of a sheet that an image shows: `line` px between lines of text, one on row `y`; half a random word. */
export interface Place {
  readonly line: number;
  readonly y: number;
  readonly across: number;
}

/** Kinds of paper with rules, their colour, and rules per line of text. */
const RULES: Readonly<Record<string, { readonly colour: string; readonly perLine: number }>> = {
  ruled: { colour: "#a8c4e0", perLine: 1 },
  grid: { colour: "#bcd0e2", perLine: 2 },
};
const CLOSEST = 4; // px between rules

/** Returns the place on paper of the image of one character. */
export function imagePlace(height: number, seed: bigint, index: bigint): Place {
  const line = Math.floor((8 * height) / 7);
  const [first, across] = paperWords(seed, index);
  return { line, y: Number((first * BigInt(line)) >> 64n), across };
}

/** Returns the place on paper of a text with a baseline on row `y`. */
export function textPlace(line: number, y: number, seed: bigint): Place {
  return { line, y, across: paperWords(seed, 0n)[1] };
}

/** Draws the ink of an image in colour on paper. */
export function onPaper(image: GrayImage, look: Look, place: Place): GrayImage {
  const rules = RULES[look.paper];
  const distance = Math.max(CLOSEST, Math.floor(place.line / (rules?.perLine ?? 1)));
  const wide = Math.max(1, Math.floor(place.line / 32));
  const start = scaled(place.across, distance);
  const isRule = (position: number, from: number) => modulo(position - from, distance) < wide;
  const ink = channels(look.ink);
  const sheet = channels(rules ? "#ffffff" : look.paper);
  const ruled = rules ? channels(rules.colour) : sheet;
  const colours = new Uint8Array(3 * image.pixels.length);
  image.pixels.forEach((cover, at) => {
    const [row, column] = [Math.floor(at / image.width), at % image.width];
    const onRule = rules && (isRule(row, place.y) || (look.paper === "grid" && isRule(column, start)));
    const paper = onRule ? ruled : sheet;
    for (let channel = 0; channel < 3; channel++) {
      const mixed = cover * ink[channel] + (255 - cover) * paper[channel];
      colours[3 * at + channel] = Math.floor((mixed + 127) / 255);
    }
  });
  return { ...image, colours };
}

function channels(colour: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
}

function modulo(number: number, by: number): number {
  return ((number % by) + by) % by;
}
