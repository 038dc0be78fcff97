/** The page: loads the model, sets up a source of pixels, and draws whatever the visitor chooses. */

import { realDigits } from "#real";
import { modelUrl, openSource, placeOf } from "#source";
import { type Model, ModelError, readModel } from "./core/model.ts";
import type { Picture } from "./core/picture.ts";
import { alphabet, complaint } from "./core/sequence.ts";
import { bindAddress } from "./page/address.ts";
import { sayInPause } from "./page/announcer.ts";
import { bindChoices } from "./page/choices.ts";
import { find } from "./page/dom.ts";
import { offerGame } from "./page/game.ts";
import { bindKnobs } from "./page/knobs.ts";
import { latest } from "./page/latest.ts";
import { beginSheet, makeScene, type Scene, type Studio, WishError } from "./page/scene.ts";
import { paint } from "./page/stage.ts";
import { Store } from "./page/state.ts";
import { bindTabs } from "./page/tabs.ts";
import { bindTakeaway } from "./page/takeaway.ts";
import { bindWalking } from "./page/walking.ts";

async function loadModel(): Promise<Model> {
  const response = await fetch(modelUrl);
  if (!response.ok) throw new ModelError(`the server answered ${response.status} for the model file`);
  return readModel(new Uint8Array(await response.arrayBuffer()), placeOf(response));
}

function bindText(model: Model, store: Store): void {
  const [text, help] = [find<HTMLInputElement>("#text"), find("#text-help")];
  text.addEventListener("input", () => store.change({ text: text.value }));
  text.value = store.state.text;
  store.watch((state) => {
    const wrong = complaint(model, state.text);
    text.setAttribute("aria-invalid", String(wrong !== null));
    help.textContent = wrong ?? `All in one hand: ${alphabet(model)}`;
    help.classList.toggle("wrong", wrong !== null);
  });
  find("#controls").addEventListener("submit", (event) => event.preventDefault());
}

/** Shows scenes on the stage, and tells them to who cannot see them once the visitor pauses. */
function bindStage(store: Store, studio: Studio, show: (scene: Scene) => void): void {
  const [stage, canvas, caption] = [
    find("#stage"),
    find<HTMLCanvasElement>("#stage canvas"),
    find("figcaption"),
  ];
  const room = find("#stage .paper");
  let shown: Picture | undefined;
  const repaint = () => {
    const { clientWidth, clientHeight } = room;
    const padding = 2 * Number.parseFloat(getComputedStyle(room).paddingLeft);
    if (shown) paint(canvas, shown, { width: clientWidth - padding, height: clientHeight - padding });
  };
  const draw = latest(async () => {
    if (store.state.view === "game") return;
    stage.ariaBusy = "true";
    try {
      if (!shown && store.state.view === "draw") {
        shown = await beginSheet(studio, store.state);
        repaint();
      }
      const scene = await makeScene(studio, store.state);
      shown = scene.shown;
      repaint();
      show(scene);
      tell(scene.caption, false);
    } catch (error) {
      tell(error instanceof WishError ? error.message : `Drawing failed: ${(error as Error).message}`, true);
    }
    stage.ariaBusy = "false";
  });
  const tell = (text: string, isWrong: boolean) => {
    caption.textContent = text;
    caption.classList.toggle("wrong", isWrong);
    canvas.ariaLabel = text;
    sayInPause(text);
  };
  store.watch(draw);
  new ResizeObserver(repaint).observe(room);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
}

function tellEngine({ model, source }: Studio): void {
  const size = Math.round(model.bytes.length / 1000);
  const promise = model.exact ? ", which draws the same pixels everywhere" : "";
  find("#about").textContent =
    `Drawn by ${source.engine} with the model ${model.name} ${model.version} of ${size} kB${promise}. Nothing leaves your computer.`;
}

function complain(error: Error): void {
  const alert = find("#alert");
  alert.hidden = false;
  find("main").hidden = true;
  find("p", alert).textContent = `The model could not be loaded: ${error.message}`;
  find("button", alert).addEventListener("click", () => location.reload());
}

async function start(): Promise<void> {
  const model = await loadModel();
  const studio = { model, source: openSource(model) }; // first, for it takes the longest
  const store = new Store(model);
  let scene: Scene | undefined;
  bindTabs(store);
  bindChoices(model, store);
  bindText(model, store);
  bindKnobs(model, store);
  bindAddress(store, () => scene?.writer ?? null);
  const showWalk = bindWalking(store);
  const showTakeaway = bindTakeaway(model);
  for (const part of ['[role="tablist"]', "#controls"]) find(part).hidden = false;

  bindStage(store, studio, (drawn) => {
    scene = drawn;
    showTakeaway(drawn);
    if (store.state.view === "walk") showWalk(drawn);
  });
  await studio.source.ready;
  tellEngine(studio);
  if (realDigits) await offerGame(studio, store, realDigits);
  const isSite = import.meta.env.PROD && import.meta.env.MODE !== "packed";
  if (isSite) await navigator.serviceWorker?.register("offline.js");
}

start().catch(complain);
