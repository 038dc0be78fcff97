/** Real or generated? A visitor judges digits one by one; half were written by people, from a file of the site's builder. */

import { fresh } from "../core/address.ts";
import { readIdx } from "../core/idx.ts";
import { type Picture, splitPictures } from "../core/picture.ts";
import { inputsOf } from "../core/request.ts";
import { find } from "./dom.ts";
import { drawPictures, type Studio } from "./scene.ts";
import { paint } from "./stage.ts";
import type { Store } from "./state.ts";

/** Where the builder's digits lie: an IDX file of pictures and one of their labels. */
export interface RealDigits {
  readonly images: string;
  readonly labels: string;
}

interface Trial {
  readonly picture: Picture;
  readonly generated: boolean;
}

interface Written {
  readonly pictures: readonly Picture[];
  readonly labels: Uint8Array;
}

const TRIALS = 20;
const SIDE = 280; // CSS px

/** Offers the game. Throws if the builder's files are no digits of this model's size. */
export async function offerGame(studio: Studio, store: Store, files: RealDigits): Promise<void> {
  const written = await loadWritten(studio, files);
  const canvas = find<HTMLCanvasElement>("#panel-game canvas");
  let trials: Trial[] = [];
  let [judged, right] = [0, 0];

  const show = () => paint(canvas, trials[judged].picture, { width: SIDE, height: SIDE });
  const begin = async () => {
    trials = await deal(studio, written);
    [judged, right] = [0, 0];
    setOver(false, `${TRIALS} digits. Half of them were written by people.`);
    show();
  };
  const judge = (generated: boolean) => {
    if (judged === trials.length) return;
    const truth = trials[judged].generated;
    judged += 1;
    if (generated === truth) right += 1;
    const verdict = `${generated === truth ? "Right" : "Wrong"}: ${truth ? "generated" : "written by a person"}. ${right} of ${judged} right.`;
    const isOver = judged === trials.length;
    setOver(isOver, isOver ? `${verdict} Guessing gives about ${TRIALS / 2}.` : verdict);
    if (!isOver) show();
  };

  find("#real").addEventListener("click", () => judge(false));
  find("#generated").addEventListener("click", () => judge(true));
  find("#again").addEventListener("click", begin);
  document.addEventListener("keydown", ({ key, repeat, target }) => {
    if (store.state.view !== "game" || repeat || (target as Element).closest("[role=tab]")) return;
    if (key === "ArrowLeft") judge(false);
    if (key === "ArrowRight") judge(true);
  });
  await begin();
  find("#tab-game").hidden = false;
  matchMedia("(prefers-color-scheme: dark)").addEventListener(
    "change",
    () => judged < trials.length && show(),
  );
}

function setOver(isOver: boolean, verdict: string): void {
  const focused = document.activeElement;
  const [again, real, generated] = ["#again", "#real", "#generated"].map((id) => find<HTMLButtonElement>(id));
  find("#verdict").textContent = verdict;
  again.hidden = !isOver;
  real.disabled = generated.disabled = isOver;
  // A button that goes away leaves the keyboard to the one that comes.
  if (isOver && (focused === real || focused === generated)) again.focus();
  if (!isOver && focused === again) real.focus();
}

/** Draws a generated digit for each real one, of the same classes in both halves, and shuffles them. */
async function deal(studio: Studio, { pictures, labels }: Written): Promise<Trial[]> {
  const { model } = studio;
  const chosen = shuffled([...pictures.keys()]).slice(0, TRIALS / 2);
  const request = {
    labels: { listed: chosen.map((at) => labels[at]) },
    count: chosen.length,
    seed: fresh(),
    start: 0n,
    writer: null,
    asked: model.knobs.map(() => null),
  };
  const generated = await drawPictures(studio, inputsOf(model, request), model.height);
  return shuffled([
    ...chosen.map((at) => ({ picture: pictures[at], generated: false })),
    ...generated.map((picture) => ({ picture, generated: true })),
  ]);
}

async function loadWritten({ model }: Studio, files: RealDigits): Promise<Written> {
  const [images, labels] = await Promise.all(
    [files.images, files.labels].map(async (url) =>
      readIdx(new Uint8Array(await (await fetch(url)).arrayBuffer())),
    ),
  );
  const [count, height, width] = images.shape;
  if (height !== model.height || width !== model.width || labels.shape[0] !== count || count < TRIALS / 2) {
    throw new RangeError(`the real digits are not ${model.height} x ${model.width} with a label each`);
  }
  return { pictures: splitPictures(images.bytes, height, width), labels: labels.bytes };
}

function shuffled<Item>(items: readonly Item[]): Item[] {
  const keys = crypto.getRandomValues(new Uint32Array(items.length));
  return [...items.keys()].sort((a, b) => keys[a] - keys[b]).map((at) => items[at]);
}
