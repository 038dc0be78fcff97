/** State of the page: everything that the visitor chose. */

import { type KnobValue, toGrid } from "../core/knobs.ts";
import type { Model } from "../core/model.ts";
import type { Look } from "../core/paper.ts";
import { randomSeed, SEED_COUNT } from "../core/random.ts";

export type View = "draw" | "text" | "walk" | "game";

/**
 * Choices of all views, and the model that draws them. `what` is a class, or null for all classes of the first model;
 * `position` in a walk is 0 to 1. `knobs` has the values by name, which models with other ranges clip.
 */
export interface State {
  readonly model: Model;
  readonly view: View;
  readonly what: string | null;
  readonly count: number;
  readonly text: string;
  readonly from: string;
  readonly to: string;
  readonly position: number;
  readonly seed: bigint;
  readonly start: bigint;
  readonly writer: bigint | null;
  readonly knobs: Readonly<Record<string, KnobValue>>;
  readonly size: number;
  readonly ink: string;
  /** "" for grey images, `plain` for `paperColour`, or a kind of paper. */
  readonly paper: string;
  readonly paperColour: string;
}

/** Returns the ink and the paper, or null for grey images. */
export function lookOf({ ink, paper, paperColour }: State): Look | null {
  return paper === "" ? null : { ink, paper: paper === "plain" ? paperColour : paper };
}

/** Returns how many indices the view uses. */
function indexCount({ view, count }: State): number {
  return view === "walk" ? 2 : count;
}

/** Returns the highest valid first index. */
export function lastStart(state: State): bigint {
  return SEED_COUNT - BigInt(indexCount(state));
}

/** Returns the value of each knob of the model, within its range. */
export function knobValues({ model, knobs }: State): KnobValue[] {
  return model.knobs.map((knob) => {
    const value = knobs[knob.name] ?? null;
    return value === null ? null : toGrid(knob, value);
  });
}

type Listener = (state: State) => void;

/** Holds the state and calls its listeners when it changes. */
export class Store {
  #state: State;
  readonly #listeners: Listener[] = [];

  constructor(model: Model) {
    this.#state = {
      model,
      view: "draw",
      what: null,
      count: 64,
      text: "1984",
      from: model.classes[0],
      to: model.classes.at(-1) as string,
      position: 0,
      seed: 1n,
      start: 0n,
      writer: null,
      knobs: {},
      size: model.height,
      ink: "#1a2a6c",
      paper: "",
      paperColour: "#ffffff",
    };
  }

  get state(): State {
    return this.#state;
  }

  change(part: Partial<State>): void {
    const next = { ...this.#state, ...part };
    this.#state = next.start > lastStart(next) ? { ...next, start: lastStart(next) } : next;
    for (const listener of this.#listeners) listener(this.#state);
  }

  /** Calls a listener now and after every change. */
  watch(listener: Listener): void {
    this.#listeners.push(listener);
    listener(this.#state);
  }

  setKnob(name: string, value: KnobValue): void {
    this.change({ knobs: { ...this.#state.knobs, [name]: value } });
  }

  newSeed(): void {
    this.change({ seed: randomSeed() });
  }

  newWriter(): void {
    this.change({ writer: randomSeed() });
  }
}
