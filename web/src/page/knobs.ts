/** A slider for each knob of the model and one for the image size. */

import { type Knob, toGrid } from "../core/knobs.ts";
import type { Model } from "../core/model.ts";
import { copyOf, find } from "./dom.ts";
import type { State, Store } from "./state.ts";

const SIZES = { low: 8, high: 112 };
const STEPS = 100; // approximate number of steps of a slider

export function bindKnobs(model: Model, store: Store): void {
  model.knobs.forEach((knob, position) => {
    const step =
      knob.step * 2 ** Math.max(0, Math.round(Math.log2((knob.high - knob.low) / STEPS / knob.step)));
    const show = slider(
      { ...knob, step },
      (value) => store.setKnob(position, toGrid(knob, value)),
      () => store.setKnob(position, null),
    );
    store.watch((state) => {
      const value = state.knobValues[position];
      if (value === null) show(median(model, state, position), "natural", true);
      else show(value, `${round(value)} ${knob.unit}`.trimEnd(), false);
    });
  });
  const size = { name: "size", low: SIZES.low, high: SIZES.high, step: 1 };
  const show = slider(
    size,
    (value) => store.change({ size: value }),
    () => store.change({ size: model.height }),
  );
  store.watch((state) => show(state.size, `${state.size} px`, state.size === model.height));
}

type Show = (value: number, text: string, isUnset: boolean) => void;

/** Adds a slider. Returns a function that shows its value and whether it is unset. */
function slider(knob: Omit<Knob, "unit">, set: (value: number) => void, unset: () => void): Show {
  const row = copyOf("#knob");
  const [label, output] = [find<HTMLLabelElement>("label", row), find("output", row)];
  const [range, reset] = [find<HTMLInputElement>("input", row), find<HTMLButtonElement>("button", row)];
  range.id = `knob-${knob.name}`;
  label.htmlFor = range.id;
  label.textContent = knob.name[0].toUpperCase() + knob.name.slice(1);
  reset.setAttribute("aria-label", `Reset ${knob.name}`);
  Object.assign(range, { min: knob.low, max: knob.high, step: knob.step });
  range.addEventListener("input", () => set(range.valueAsNumber));
  reset.addEventListener("click", () => {
    unset();
    range.focus();
  });
  find("#style").append(row);
  return (value, text, isUnset) => {
    range.valueAsNumber = value;
    range.setAttribute("aria-valuetext", text);
    output.textContent = text;
    row.classList.toggle("unset", isUnset);
    reset.hidden = isUnset;
  };
}

/** Returns the position of an unset knob: the median of the class, or the mean median of all classes. */
function median(model: Model, { what }: State, position: number): number {
  const priors = what === null ? model.stylePriors : [model.stylePriors[what]];
  const medians = priors.map(({ quantiles }) => quantiles[position][6]);
  return medians.reduce((sum, value) => sum + value, 0) / medians.length;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
