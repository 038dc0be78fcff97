/** The controls of a walk: a slider with the steps above it, and a button that walks. */

import { contactSheet } from "../core/picture.ts";
import { find } from "./dom.ts";
import { type Scene, STEPS } from "./scene.ts";
import { paint } from "./stage.ts";
import type { Store } from "./state.ts";

const PACE = 90; // milliseconds per step
const SHOWN = 13; // of the steps, every second one

/** Binds the controls; the function that it returns shows the steps of a scene. */
export function bindWalking(store: Store): (scene: Scene) => void {
  const place = find<HTMLInputElement>("#place");
  const strip = find<HTMLCanvasElement>("#strip");
  const play = find<HTMLButtonElement>("#play");
  let timer: number | undefined;
  const stop = () => {
    clearInterval(timer);
    timer = undefined;
    play.textContent = "Play";
  };
  const step = (to: number) => store.change({ place: to / (STEPS - 1) });
  place.max = String(STEPS - 1);
  place.addEventListener("input", () => step(place.valueAsNumber));
  play.addEventListener("click", () => {
    if (timer !== undefined) return stop();
    play.textContent = "Stop";
    timer = window.setInterval(() => step((place.valueAsNumber + 1) % STEPS), PACE);
  });
  store.watch((state) => {
    if (state.view !== "walk" && timer !== undefined) stop();
    place.valueAsNumber = Math.round(state.place * (STEPS - 1));
    place.setAttribute("aria-valuetext", `${Math.round(state.place * 100)} percent of the way`);
  });
  return ({ samples }) => {
    const steps = samples.filter((_, number) => number % 2 === 0).map(({ picture }) => picture);
    paint(strip, contactSheet(steps, SHOWN), { width: place.clientWidth, height: place.clientWidth });
  };
}
