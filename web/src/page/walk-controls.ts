/** The controls of a walk: a strip of its images, a slider, and a button that plays it. */

import { contactSheet } from "../core/image.ts";
import { paint } from "./canvas.ts";
import { find } from "./dom.ts";
import { type Drawing, STEPS } from "./draw.ts";
import type { Store } from "./state.ts";

const STEP_INTERVAL = 90; // ms
const STRIP_IMAGES = 13; // every second step

/** Binds the controls. Returns a function that shows the images of a drawing. */
export function bindWalkControls(store: Store): (drawing: Drawing) => void {
  const slider = find<HTMLInputElement>("#position");
  const strip = find<HTMLCanvasElement>("#strip");
  const play = find<HTMLButtonElement>("#play");
  let timer: number | undefined;
  const stop = () => {
    clearInterval(timer);
    timer = undefined;
    play.textContent = "Play";
  };
  const step = (to: number) => store.change({ position: to / (STEPS - 1) });
  slider.max = String(STEPS - 1);
  slider.addEventListener("input", () => step(slider.valueAsNumber));
  play.addEventListener("click", () => {
    if (timer !== undefined) return stop();
    play.textContent = "Stop";
    timer = window.setInterval(() => step((slider.valueAsNumber + 1) % STEPS), STEP_INTERVAL);
  });
  store.watch((state) => {
    if (state.view !== "walk" && timer !== undefined) stop();
    slider.valueAsNumber = Math.round(state.position * (STEPS - 1));
    slider.setAttribute("aria-valuetext", `${Math.round(state.position * 100)} percent of the way`);
  });
  return ({ images }) => {
    const steps = images.filter((_, number) => number % 2 === 0).map(({ image }) => image);
    paint(strip, contactSheet(steps, STRIP_IMAGES), {
      width: slider.clientWidth,
      height: slider.clientWidth,
    });
  };
}
