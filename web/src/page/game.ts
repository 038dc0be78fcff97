/** The game "Real or generated?". Half of its digits are from the file given when the site was built. */

import { readIdx } from "../core/idx.ts";
import { type GrayImage, splitImages } from "../core/image.ts";
import { randomSeed } from "../core/random.ts";
import { networkInputs } from "../core/request.ts";
import { paint } from "./canvas.ts";
import { find } from "./dom.ts";
import { drawImages, type Engine } from "./draw.ts";
import type { Store } from "./state.ts";

/** URLs of the real digits: IDX files of images and of labels. */
export interface RealDigits {
  readonly images: string;
  readonly labels: string;
}

interface Trial {
  readonly image: GrayImage;
  readonly generated: boolean;
}

interface RealImages {
  readonly images: readonly GrayImage[];
  readonly labels: Uint8Array;
}

const TRIALS = 20;
const SIDE = 280; // CSS px

/** Sets up the game. Throws a RangeError if the real digits do not have the size of the model's images. */
export async function startGame(engine: Engine, store: Store, files: RealDigits): Promise<void> {
  const real = await loadRealDigits(engine, files);
  const canvas = find<HTMLCanvasElement>("#panel-game canvas");
  let trials: Trial[] = [];
  let [answered, right] = [0, 0];

  const show = () => paint(canvas, trials[answered].image, { width: SIDE, height: SIDE });
  const restart = async () => {
    trials = await makeTrials(engine, real);
    [answered, right] = [0, 0];
    setOver(false, `${TRIALS} digits. Half of them were written by people.`);
    show();
  };
  const answer = (generated: boolean) => {
    if (answered === trials.length) return;
    const isGenerated = trials[answered].generated;
    answered += 1;
    if (generated === isGenerated) right += 1;
    const verdict = `${generated === isGenerated ? "Right" : "Wrong"}: ${isGenerated ? "generated" : "written by a person"}. ${right} of ${answered} right.`;
    const isOver = answered === trials.length;
    setOver(isOver, isOver ? `${verdict} Guessing gives about ${TRIALS / 2}.` : verdict);
    if (!isOver) show();
  };

  find("#real").addEventListener("click", () => answer(false));
  find("#generated").addEventListener("click", () => answer(true));
  find("#again").addEventListener("click", restart);
  document.addEventListener("keydown", ({ key, repeat, target }) => {
    if (store.state.view !== "game" || repeat || (target as Element).closest("[role=tab]")) return;
    if (key === "ArrowLeft") answer(false);
    if (key === "ArrowRight") answer(true);
  });
  await restart();
  find("#tab-game").hidden = false;
  matchMedia("(prefers-color-scheme: dark)").addEventListener(
    "change",
    () => answered < trials.length && show(),
  );
}

function setOver(isOver: boolean, verdict: string): void {
  const focused = document.activeElement;
  const [again, real, generated] = ["#again", "#real", "#generated"].map((id) => find<HTMLButtonElement>(id));
  find("#verdict").textContent = verdict;
  again.hidden = !isOver;
  real.disabled = generated.disabled = isOver;
  // Move the focus from the button that disappears to the one that appears.
  if (isOver && (focused === real || focused === generated)) again.focus();
  if (!isOver && focused === again) real.focus();
}

/** Draws a generated digit of the same class for each real one, and shuffles them. */
async function makeTrials(engine: Engine, { images, labels }: RealImages): Promise<Trial[]> {
  const { model } = engine;
  const chosen = shuffled([...images.keys()]).slice(0, TRIALS / 2);
  const request = {
    labels: { list: chosen.map((at) => labels[at]) },
    count: chosen.length,
    seed: randomSeed(),
    start: 0n,
    writer: null,
    knobValues: model.knobs.map(() => null),
  };
  const generated = await drawImages(engine, networkInputs(model, request), model.height);
  return shuffled([
    ...chosen.map((at) => ({ image: images[at], generated: false })),
    ...generated.map((image) => ({ image, generated: true })),
  ]);
}

async function loadRealDigits({ model }: Engine, files: RealDigits): Promise<RealImages> {
  const [images, labels] = await Promise.all(
    [files.images, files.labels].map(async (url) =>
      readIdx(new Uint8Array(await (await fetch(url)).arrayBuffer())),
    ),
  );
  const [count, height, width] = images.shape;
  if (height !== model.height || width !== model.width || labels.shape[0] !== count || count < TRIALS / 2) {
    throw new RangeError(`the real digits are not ${model.height} x ${model.width} images with labels`);
  }
  return { images: splitImages(images.bytes, height, width), labels: labels.bytes };
}

function shuffled<Item>(items: readonly Item[]): Item[] {
  const keys = crypto.getRandomValues(new Uint32Array(items.length));
  return [...items.keys()].sort((a, b) => keys[a] - keys[b]).map((at) => items[at]);
}
