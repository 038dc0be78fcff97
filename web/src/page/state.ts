/** State of the page: everything that the visitor chose. */

import type { KnobValue } from "../core/knobs.ts";
import type { Model } from "../core/model.ts";
import { randomSeed, SEED_COUNT } from "../core/random.ts";

export type View = "draw" | "text" | "walk" | "game";

/** Choices of all views. `what` is a label, or null for all classes; `position` in a walk is 0 to 1. */
export interface State {
  readonly view: View;
  readonly what: number | null;
  readonly count: number;
  readonly text: string;
  readonly from: number;
  readonly to: number;
  readonly position: number;
  readonly seed: bigint;
  readonly start: bigint;
  readonly writer: bigint | null;
  readonly knobValues: readonly KnobValue[];
  readonly size: number;
}

/** Returns how many indices the view uses. */
function indexCount({ view, count }: State): number {
  return view === "walk" ? 2 : count;
}

/** Returns the highest valid first index. */
export function lastStart(state: State): bigint {
  return SEED_COUNT - BigInt(indexCount(state));
}

type Listener = (state: State) => void;

/** Holds the state and calls its listeners when it changes. */
export class Store {
  #state: State;
  readonly #listeners: Listener[] = [];

  constructor(model: Model) {
    this.#state = {
      view: "draw",
      what: null,
      count: 64,
      text: "1984",
      from: 0,
      to: model.classes.length - 1,
      position: 0,
      seed: 1n,
      start: 0n,
      writer: null,
      knobValues: model.knobs.map(() => null),
      size: model.height,
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

  setKnob(position: number, value: KnobValue): void {
    this.change({ knobValues: this.#state.knobValues.with(position, value) });
  }

  newSeed(): void {
    this.change({ seed: randomSeed() });
  }

  newWriter(): void {
    this.change({ writer: randomSeed() });
  }
}
