/** From what the visitor chose to what is shown: pictures, their checksum, and the command that makes them again. */

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { sheetCommand, textCommand } from "../core/command.ts";
import type { Model } from "../core/model.ts";
import { contactSheet, type Picture, sheetColumns, splitPictures } from "../core/picture.ts";
import { type Inputs, inputsOf, type Request } from "../core/request.ts";
import { resizeTo } from "../core/resize.ts";
import { complaint, layPage, type Sequence, sequenceRequest, writerOf } from "../core/sequence.ts";
import { walk } from "../core/walk.ts";
import type { PixelSource } from "../source/source.ts";
import type { State } from "./state.ts";

/** One picture among those that a scene is made of; `origin` is what names it: its index, or its place in a walk. */
export interface Sample {
  readonly picture: Picture;
  readonly label: string;
  readonly origin: string;
  readonly style: readonly number[];
}

/** What is on the stage; saved, it is named `name`. */
export interface Scene {
  readonly name: string;
  readonly shown: Picture;
  readonly samples: readonly Sample[];
  readonly caption: string;
  readonly commands: readonly string[];
  /** SHA-256 of the pixels, as `scorp-gen --json` tells it. */
  readonly checksum: string;
  readonly seed: bigint;
  readonly writer: bigint | null;
}

/** The steps of a walk, both ends included. */
export const STEPS = 25;

/** A wish that cannot be fulfilled; the message is for the visitor. */
export class WishError extends Error {}

/** What the pictures are drawn with. */
export interface Studio {
  readonly model: Model;
  readonly source: PixelSource;
}

/** Draws what the state asks for. Throws a WishError where it asks for what cannot be. */
export function makeScene(studio: Studio, state: State): Promise<Scene> {
  if (state.view === "write") return writeScene(studio, state);
  if (state.view === "walk") return walkScene(studio, state);
  return sheetScene(studio, state);
}

/** The first picture of a sheet in its place, which is there long before the others if the network is still new. */
export async function beginSheet({ model, source }: Studio, state: State): Promise<Picture> {
  const inputs = inputsOf(model, sheetRequest(model, { ...state, count: 1 }));
  const pictures = await drawPictures({ model, source }, inputs, state.size);
  return contactSheet(pictures, sheetColumns(state.count), state.count);
}

async function sheetScene({ model, source }: Studio, state: State): Promise<Scene> {
  const { what, count, seed, start, writer, asked, size } = state;
  const inputs = inputsOf(model, sheetRequest(model, state));
  const pictures = await drawPictures({ model, source }, inputs, size);
  const asks = what === null ? "all" : model.classes[what];
  return {
    name: "digits",
    shown: contactSheet(pictures, sheetColumns(count)),
    samples: samplesOf(model, inputs, pictures, (place) => String(start + BigInt(place))),
    caption: `${describeCount(count, what === null ? "of all classes in turn" : `of ${asks}`)}, ${describeAddress(state)}`,
    commands: [sheetCommand(model, asks, "digits", { count, seed, start, writer, asked, size })],
    checksum: checksum(pictures),
    seed,
    writer,
  };
}

function sheetRequest(model: Model, { what, count, seed, start, writer, asked }: State): Request {
  const turns = what === null ? model.classes.map((_, position) => position) : [what];
  return { labels: { turns }, count, seed, start, writer, asked };
}

async function writeScene({ model, source }: Studio, state: State): Promise<Scene> {
  const { text, seed, writer, asked, size } = state;
  const wrong = complaint(model, text);
  if (wrong !== null) throw new WishError(wrong);
  const sequence: Sequence = { text, seed, writer, asked, size };
  const inputs = inputsOf(model, sequenceRequest(model, sequence));
  const pixels = await source.draw(inputs);
  const shown = layPage(model, sequence, inputs, pixels);
  const all = samplesOf(model, inputs, sized(model, pixels, size), String);
  return {
    name: "number",
    shown,
    samples: all.filter((_, position) => model.classes.includes([...text][position])),
    caption: `${text} in the hand of writer ${writerOf(sequence)}, seed ${seed}`,
    commands: [textCommand(model, text, { seed, writer, asked, size })],
    checksum: checksum([shown]),
    seed,
    writer: writerOf(sequence),
  };
}

async function walkScene({ model, source }: Studio, state: State): Promise<Scene> {
  const { from, to, place, seed, start, writer, asked, size } = state;
  const request: Request = { labels: { listed: [from, to] }, count: 2, seed, start, writer, asked };
  const inputs = walk(model, inputsOf(model, request), STEPS);
  const pictures = await drawPictures({ model, source }, inputs, size);
  const step = Math.round(place * (STEPS - 1));
  const end = { count: 1, seed, writer, asked, size };
  return {
    name: "walk",
    shown: pictures[step],
    samples: samplesOf(model, inputs, pictures, (number) => `${number}-of-${STEPS - 1}`),
    caption: `Step ${step} of ${STEPS - 1} from ${model.classes[from]} to ${model.classes[to]}, ${describeAddress(state)}`,
    commands: [
      sheetCommand(model, model.classes[from], "from", { ...end, start }),
      sheetCommand(model, model.classes[to], "to", { ...end, start: start + 1n }),
    ],
    checksum: checksum([pictures[step]]),
    seed,
    writer,
  };
}

/** The pictures that the network draws, in the size that is asked for. */
export async function drawPictures(
  { model, source }: Studio,
  inputs: Inputs,
  size: number,
): Promise<Picture[]> {
  return sized(model, await source.draw(inputs), size);
}

function sized({ height, width }: Model, pixels: Uint8Array, size: number): Picture[] {
  return splitPictures(pixels, height, width).map((picture) => resizeTo(picture, size));
}

function samplesOf(
  model: Model,
  { labels, styles }: Inputs,
  pictures: readonly Picture[],
  origin: (place: number) => string,
): Sample[] {
  const columns = model.knobs.length;
  return pictures.map((picture, place) => ({
    picture,
    label: model.classes[labels[place]],
    origin: origin(place),
    style: [...styles.subarray(place * columns, (place + 1) * columns)],
  }));
}

function checksum(pictures: readonly Picture[]): string {
  const hash = sha256.create();
  for (const { pixels } of pictures) hash.update(pixels);
  return bytesToHex(hash.digest());
}

function describeCount(count: number, rest: string): string {
  return count === 1 ? `One picture ${rest}` : `${count} pictures ${rest}`;
}

function describeAddress({ seed, start, writer }: State): string {
  return `seed ${seed}, from picture ${start}${writer === null ? "" : `, by writer ${writer}`}`;
}
