/** Draws what the visitor chose, with its checksum and the commands that repeat it. */

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { sheetCommand, textCommand } from "../core/command.ts";
import { contactSheet, type GrayImage, sheetColumns, splitImages } from "../core/image.ts";
import type { Model } from "../core/model.ts";
import { imagePlace, onPaper, textPlace } from "../core/paper.ts";
import { type NetworkInputs, networkInputs, type Request } from "../core/request.ts";
import { resizeTo } from "../core/resize.ts";
import { characterRequest, lineHeight, renderText, type TextInput, textWriter } from "../core/text.ts";
import { dissolve } from "../core/walk.ts";
import type { PixelSource } from "../source/source.ts";
import { knobValues, lookOf, type State } from "./state.ts";

/** One image of a drawing. `id` names its file: its index, or its step in a walk. */
export interface LabelledImage {
  readonly image: GrayImage;
  readonly label: string;
  readonly id: string;
  readonly style: readonly number[];
}

/** The result on the page. `name` is the name of saved files. */
export interface Drawing {
  readonly model: Model;
  readonly name: string;
  readonly image: GrayImage;
  readonly images: readonly LabelledImage[];
  readonly caption: string;
  readonly commands: readonly string[];
  /** SHA-256 of the pixels, as in `scorp-gen --json`. */
  readonly checksum: string;
  readonly seed: bigint;
  readonly writer: bigint | null;
}

/** Images of a walk, both ends included. */
export const STEPS = 25;

/** The model and what runs it. */
export interface Engine {
  readonly model: Model;
  readonly source: PixelSource;
}

/** Draws the current view. */
export function draw(engine: Engine, state: State): Promise<Drawing> {
  if (state.view === "text") return drawText(engine, state);
  if (state.view === "walk") return drawWalk(engine, state);
  return drawSheet(engine, state);
}

/** Draws a sheet with only its first image, which is ready much earlier than the whole sheet. */
export async function drawFirst({ model, source }: Engine, state: State): Promise<GrayImage> {
  const inputs = networkInputs(model, sheetRequest(model, { ...state, count: 1 }));
  const images = finished(await drawImages({ model, source }, inputs, state.size), state);
  return contactSheet(images, sheetColumns(state.count), state.count);
}

async function drawSheet({ model, source }: Engine, state: State): Promise<Drawing> {
  const { what, count, seed, start, writer, size } = state;
  const inputs = networkInputs(model, sheetRequest(model, state));
  const images = finished(await drawImages({ model, source }, inputs, size), state);
  const plural = model.classes.every((name) => /^\d$/.test(name)) ? "digits" : "characters";
  const look = lookOf(state);
  const options = { count, seed, start, writer, knobValues: knobValues(state), size, look };
  return {
    model,
    name: plural,
    image: contactSheet(images, sheetColumns(count)),
    images: labelled(model, inputs, images, (at) => String(start + BigInt(at))),
    caption: `${count === 1 ? "1 image" : `${count} images`} of ${what ?? `all ${plural}`}, ${describeSeed(state)}`,
    commands: [sheetCommand(model, what ?? "all", plural, options)],
    checksum: checksum(images),
    seed,
    writer,
  };
}

function sheetRequest(model: Model, state: State): Request {
  const { what, count, seed, start, writer } = state;
  const cycle = what === null ? model.classes.map((_, position) => position) : [model.classes.indexOf(what)];
  return { labels: { cycle }, count, seed, start, writer, knobValues: knobValues(state) };
}

async function drawText({ model, source }: Engine, state: State): Promise<Drawing> {
  const { text, seed, writer, size } = state;
  const look = lookOf(state);
  const options = { seed, writer, knobValues: knobValues(state), size, look };
  const input: TextInput = { text, ...options };
  const inputs = networkInputs(model, characterRequest(model, input));
  const pixels = await source.draw(inputs);
  const grey = renderText(model, input, inputs, pixels);
  const page = look ? onPaper(grey, look, textPlace(lineHeight(model, size), grey.baseline, seed)) : grey;
  const characters = finished(resized(model, pixels, size), { ...state, start: 0n });
  const all = labelled(model, inputs, characters, String);
  return {
    model,
    name: "text",
    image: page,
    images: all.filter((_, position) => model.classes.includes([...text][position])),
    caption: `${text} by writer ${textWriter(input)}, seed ${seed}`,
    commands: [textCommand(model, text, options)],
    checksum: checksum([page]),
    seed,
    writer: textWriter(input),
  };
}

async function drawWalk({ model, source }: Engine, state: State): Promise<Drawing> {
  const { from, to, position, seed, start, writer, size } = state;
  const options = { seed, writer, knobValues: knobValues(state) };
  const list = [from, to].map((name) => model.classes.indexOf(name));
  const request: Request = { labels: { list }, count: 2, start, ...options };
  const inputs = networkInputs(model, request);
  const [first, last] = labelled(model, inputs, await drawImages({ model, source }, inputs, size), String);
  const images = dissolve(first.image, last.image, STEPS).map((image) => finished([image], state)[0]);
  const step = Math.round(position * (STEPS - 1));
  const end = { count: 1, size, look: lookOf(state), ...options };
  return {
    model,
    name: "walk",
    image: images[step],
    images: images.map((image, at) => ({
      ...(at < STEPS / 2 ? first : last),
      image,
      id: `${at}-of-${STEPS - 1}`,
    })),
    caption: `Step ${step} of ${STEPS - 1} from ${from} to ${to}, ${describeSeed(state)}`,
    commands: [
      sheetCommand(model, from, "from", { ...end, start }),
      sheetCommand(model, to, "to", { ...end, start: start + 1n }),
    ],
    checksum: checksum([images[step]]),
    seed,
    writer,
  };
}

/** Returns images from the first index on, in their colours if the visitor chose some. */
function finished(images: readonly GrayImage[], state: State): GrayImage[] {
  const look = lookOf(state);
  if (!look) return [...images];
  return images.map((image, at) =>
    onPaper(image, look, imagePlace(image.height, state.seed, state.start + BigInt(at))),
  );
}

/** Runs the network and resizes the images. */
export async function drawImages(
  { model, source }: Engine,
  inputs: NetworkInputs,
  size: number,
): Promise<GrayImage[]> {
  return resized(model, await source.draw(inputs), size);
}

function resized({ height, width }: Model, pixels: Uint8Array, size: number): GrayImage[] {
  return splitImages(pixels, height, width).map((image) => resizeTo(image, size));
}

function labelled(
  model: Model,
  { labels, styles }: NetworkInputs,
  images: readonly GrayImage[],
  id: (at: number) => string,
): LabelledImage[] {
  const columns = model.knobs.length;
  return images.map((image, at) => ({
    image,
    label: model.classes[labels[at]],
    id: id(at),
    style: [...styles.subarray(at * columns, (at + 1) * columns)],
  }));
}

function checksum(images: readonly GrayImage[]): string {
  const hash = sha256.create();
  for (const { pixels, colours } of images) hash.update(colours ?? pixels);
  return bytesToHex(hash.digest());
}

function describeSeed({ seed, start, writer }: State): string {
  return `seed ${seed}, from index ${start}${writer === null ? "" : `, writer ${writer}`}`;
}
