/** Loads the model, sets up a source of pixels, and draws what the visitor chooses. */

import { realDigits } from "#real";
import { loadCatalog } from "#source";
import { allClasses, type Catalog, type Entry } from "./core/catalog.ts";
import type { GrayImage } from "./core/image.ts";
import type { Model } from "./core/model.ts";
import { supportedCharacters, textError } from "./core/text.ts";
import { announceAfterPause } from "./page/announcer.ts";
import { paint } from "./page/canvas.ts";
import { bindChoices } from "./page/choices.ts";
import { coalesce } from "./page/coalesce.ts";
import { find } from "./page/dom.ts";
import { type Drawing, draw, drawFirst, type Engine } from "./page/draw.ts";
import { engineLoader, entryFor, InputError } from "./page/engines.ts";
import { startGame } from "./page/game.ts";
import { bindKnobs } from "./page/knobs.ts";
import { bindPaperFields } from "./page/paper-fields.ts";
import { bindSavePanel } from "./page/save-panel.ts";
import { bindSeedFields } from "./page/seed-fields.ts";
import { type State, Store } from "./page/state.ts";
import { bindTabs } from "./page/tabs.ts";
import { bindWalkControls } from "./page/walk-controls.ts";

function bindText(catalog: Catalog, store: Store): void {
  const { classes } = catalog.at(-1) as Entry; // it writes what the others do, and more
  const [text, help] = [find<HTMLInputElement>("#text"), find("#text-help")];
  text.addEventListener("input", () => store.change({ text: text.value }));
  text.value = store.state.text;
  store.watch((state) => {
    const error = textError(classes, state.text);
    text.setAttribute("aria-invalid", String(error !== null));
    help.textContent = error ?? `Supported: ${supportedCharacters(classes)}`;
    help.classList.toggle("error", error !== null);
  });
  find("#controls").addEventListener("submit", (event) => event.preventDefault());
}

/** Draws on every change, and describes the result in the caption and to screen readers. */
function bindPreview(
  store: Store,
  engineOf: (state: State) => Promise<Engine>,
  show: (drawing: Drawing) => void,
): void {
  const [preview, canvas, caption] = [
    find("#preview"),
    find<HTMLCanvasElement>("#preview canvas"),
    find("figcaption"),
  ];
  const frame = find("#preview .paper");
  let image: GrayImage | undefined;
  const repaint = () => {
    const { clientWidth, clientHeight } = frame;
    const padding = 2 * Number.parseFloat(getComputedStyle(frame).paddingLeft);
    if (image) paint(canvas, image, { width: clientWidth - padding, height: clientHeight - padding });
  };
  const redraw = coalesce(async () => {
    const { state } = store;
    if (state.view === "game") return;
    preview.ariaBusy = "true";
    try {
      const engine = await engineOf(state);
      if (engine.model !== state.model) return store.change({ model: engine.model }); // draws again
      if (!image && state.view === "draw") {
        image = await drawFirst(engine, state);
        repaint();
      }
      const drawing = await draw(engine, state);
      image = drawing.image;
      repaint();
      show(drawing);
      describe(drawing.caption, false);
    } catch (error) {
      const message = (error as Error).message;
      describe(error instanceof InputError ? message : `Drawing failed: ${message}`, true);
    }
    preview.ariaBusy = "false";
  });
  const describe = (text: string, isError: boolean) => {
    caption.textContent = text;
    caption.classList.toggle("error", isError);
    canvas.ariaLabel = text;
    announceAfterPause(text);
  };
  store.watch(redraw);
  new ResizeObserver(repaint).observe(frame);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
}

function showAbout(model: Model, engine: string): void {
  const size = Math.round(model.bytes.length / 1000);
  const exact = model.exact ? "The same seed gives the same pixels everywhere. " : "";
  find("#about").textContent =
    `Model: ${model.name} ${model.version} (${size} kB), running on ${engine}. ${exact}Nothing leaves your computer.`;
}

function showError(error: Error): void {
  const alert = find("#alert");
  alert.hidden = false;
  find("main").hidden = true;
  find("p", alert).textContent = `The model could not be loaded: ${error.message}`;
  find("button", alert).addEventListener("click", () => location.reload());
}

async function start(): Promise<void> {
  const catalog = await loadCatalog();
  const load = engineLoader();
  const engine = await load(catalog[0]); // first, because it takes longest
  const store = new Store(engine.model);
  let drawing: Drawing | undefined;
  bindTabs(store);
  bindChoices(allClasses(catalog), store);
  bindText(catalog, store);
  bindKnobs(store);
  bindPaperFields(store);
  bindSeedFields(store, () => drawing?.writer ?? null);
  const updateWalk = bindWalkControls(store);
  const updateSavePanel = bindSavePanel();
  for (const part of ['[role="tablist"]', "#controls"]) find(part).hidden = false;

  const engineOf = async (state: State) => {
    const entry = entryFor(catalog, state);
    if (entry.argument !== state.model.argument) find("figcaption").textContent = "Loading the model …";
    return load(entry);
  };
  bindPreview(store, engineOf, (drawn) => {
    drawing = drawn;
    showAbout(drawn.model, engine.source.engine);
    updateSavePanel(drawn);
    if (store.state.view === "walk") updateWalk(drawn);
  });
  await engine.source.ready;
  if (realDigits) await startGame(engine, store, realDigits);
  const isSite = import.meta.env.PROD && import.meta.env.MODE !== "packed";
  if (isSite) await navigator.serviceWorker?.register("offline.js");
}

start().catch(showError);
