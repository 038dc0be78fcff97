/**
 * Sequences: a text written by one hand on one page.
 *
 * Character `p` of sequence 0 is sample `p` of the seed; spaces take a place, too. `docs/model-format.md`, section 7, is the
 * specification, of which this page writes sequence 0 with the layout that is in proportion to the size.
 */

import { drawnWriter } from "./address.ts";
import { cut, inkBox, withoutSpecks } from "./ink.ts";
import type { Asked } from "./knobs.ts";
import { type Glyph, placeGlyphs } from "./layout.ts";
import type { Model } from "./model.ts";
import { type Picture, splitPictures } from "./picture.ts";
import type { Inputs, Request } from "./request.ts";
import { resizeTo } from "./resize.ts";
import { BASELINE, drawMark, MARKS } from "./strokes.ts";

/** The most characters that the page writes; the runtime writes 4096. */
export const LONGEST = 64;

/** A text with all that decides how it is written; a writer of null is drawn from the seed. */
export interface Sequence {
  readonly text: string;
  readonly seed: bigint;
  readonly writer: bigint | null;
  readonly size: number;
  readonly asked: readonly Asked[];
}

/** What a text may be made of, in words for the visitor. */
export function alphabet(model: Model): string {
  return `${hasLetters(model) ? "digits, letters" : "digits"}, spaces and ${MARKS.join(" ")}`;
}

function hasLetters({ classes }: Model): boolean {
  return classes.some((name) => /\D/.test(name));
}

/** Why a text cannot be written, in words for the visitor; null if it can. */
export function complaint(model: Model, text: string): string | null {
  const known = new Set([...model.classes, ...MARKS, " "]);
  const unknown = [...new Set(text)].filter((character) => !known.has(character));
  if (unknown.length > 0) return `The model cannot write ${unknown.slice(0, 8).join(" ")}`;
  if (![...text].some((character) => model.classes.includes(character)))
    return `Type at least one digit${hasLetters(model) ? " or letter" : ""}`;
  return [...text].length > LONGEST ? `At most ${LONGEST} characters` : null;
}

/** The hand that writes a sequence. */
export function writerOf({ writer, seed }: Sequence): bigint {
  return writer ?? drawnWriter(seed, 0n);
}

/** What is asked of the model: a picture for each character, of which those for marks and spaces are not used. */
export function sequenceRequest(model: Model, sequence: Sequence): Request {
  const { text, seed, asked } = sequence;
  const listed = [...text].map((character) => Math.max(0, model.classes.indexOf(character)));
  return { labels: { listed }, count: listed.length, seed, start: 0n, writer: writerOf(sequence), asked };
}

/** Puts the pictures of the characters on a page. */
export function layPage(model: Model, sequence: Sequence, inputs: Inputs, pixels: Uint8Array): Picture {
  const pictures = splitPictures(pixels, model.height, model.width);
  const pen = {
    thickness: meanStyle(model, sequence, inputs, "thickness", 2.5),
    slant: meanStyle(model, sequence, inputs, "slant", 0),
  };
  const glyphs: Glyph[] = [];
  let spaces = 0;
  [...sequence.text].forEach((character, position) => {
    if (character === " ") {
      spaces += 1;
      return;
    }
    const isMark = MARKS.includes(character);
    const picture = isMark
      ? drawMark(character, model.height, model.width, pen.thickness, pen.slant)
      : pictures[position];
    glyphs.push({ position, spaces, ...cutOut(picture, sequence.size, isMark) });
    spaces = 0;
  });
  return placeGlyphs(glyphs, sequence.size, sequence.seed, 0n);
}

function cutOut(picture: Picture, size: number, isMark: boolean): { ink: Picture; below: number } {
  const ink = resizeTo(withoutSpecks(picture), size);
  const box = inkBox(ink);
  const below = isMark ? box.y + box.height - Math.floor(BASELINE * size + 0.5) : 0;
  return { ink: cut(ink, box), below };
}

/** The mean of a knob over the characters that the model draws; `otherwise` where it has no such knob. */
function meanStyle(
  model: Model,
  { text }: Sequence,
  { styles }: Inputs,
  name: string,
  otherwise: number,
): number {
  const column = model.knobs.findIndex((knob) => knob.name === name);
  if (column < 0) return otherwise;
  const drawn = [...text].flatMap((character, position) =>
    model.classes.includes(character) ? [Math.fround(styles[position * model.knobs.length + column])] : [],
  );
  return drawn.reduce((sum, value) => sum + value, 0) / drawn.length;
}
