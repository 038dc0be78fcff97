/** A slider for each knob of the model, except those that text uses, and one for the image size. */

import { type Knob, LINE_FORM, toGrid } from "../core/knobs.ts";
import type { Model } from "../core/model.ts";
import { copyOf, find } from "./dom.ts";
import { knobValues, type State, type Store } from "./state.ts";

const SIZES = { low: 8, high: 112 };
const STEPS = 100; // approximate number of steps of a slider

export function bindKnobs(store: Store): void {
  let shown: Model | undefined;
  let update: (state: State) => void;
  store.watch((state) => {
    if (state.model !== shown) update = addSliders(state.model, store);
    shown = state.model;
    update(state);
  });
}

/** Replaces the sliders. Returns a function that shows a state. */
function addSliders(model: Model, store: Store): (state: State) => void {
  find("#knobs").replaceChildren();
  const knobs = model.knobs.flatMap((knob, position) => {
    if (LINE_FORM.includes(knob.name)) return [];
    const step =
      knob.step * 2 ** Math.max(0, Math.round(Math.log2((knob.high - knob.low) / STEPS / knob.step)));
    const show = slider(
      { ...knob, step },
      (value) => store.setKnob(knob.name, toGrid(knob, value)),
      () => store.setKnob(knob.name, null),
    );
    return [{ ...knob, position, show }];
  });
  const size = { name: "size", low: SIZES.low, high: SIZES.high, step: 1 };
  const showSize = slider(
    size,
    (value) => store.change({ size: value }),
    () => store.change({ size: model.height }),
  );
  return (state) => {
    const values = knobValues(state);
    for (const { position, unit, show } of knobs) {
      const value = values[position];
      if (value === null) show(median(state, position), "natural", true);
      else show(value, `${round(value)} ${unit}`.trimEnd(), false);
    }
    showSize(state.size, `${state.size} px`, state.size === model.height);
  };
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
  find("#knobs").append(row);
  return (value, text, isUnset) => {
    range.valueAsNumber = value;
    range.setAttribute("aria-valuetext", text);
    output.textContent = text;
    row.classList.toggle("unset", isUnset);
    reset.hidden = isUnset;
  };
}

/** Returns the position of an unset knob: the median of the class, or the mean median of all classes. */
function median({ model, what }: State, position: number): number {
  const prior = what === null ? undefined : model.stylePriors[model.classes.indexOf(what)];
  const medians = (prior ? [prior] : model.stylePriors).map(({ quantiles }) => quantiles[position][6]);
  return medians.reduce((sum, value) => sum + value, 0) / medians.length;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
