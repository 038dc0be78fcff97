/** What the visitor has chosen: the one place where it is kept. */

import { fresh, SPACE } from "../core/address.ts";
import type { Asked } from "../core/knobs.ts";
import type { Model } from "../core/model.ts";

export type View = "draw" | "write" | "walk" | "game";

/** Choices of all views. `what` of null is all classes in turns; `place` is how far a walk has come, 0 to 1. */
export interface State {
  readonly view: View;
  readonly what: number | null;
  readonly count: number;
  readonly text: string;
  readonly from: number;
  readonly to: number;
  readonly place: number;
  readonly seed: bigint;
  readonly start: bigint;
  readonly writer: bigint | null;
  readonly asked: readonly Asked[];
  readonly size: number;
}

/** How many addresses the view takes, from `start` on. */
function span({ view, count }: State): number {
  return view === "walk" ? 2 : count;
}

/** The last address that pictures may start at. */
export function lastStart(state: State): bigint {
  return SPACE - BigInt(span(state));
}

type Listener = (state: State) => void;

/** Holds the state and tells everyone who watches when it changes. */
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
      place: 0,
      seed: 1n,
      start: 0n,
      writer: null,
      asked: model.knobs.map(() => null),
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

  setKnob(position: number, value: Asked): void {
    this.change({ asked: this.#state.asked.with(position, value) });
  }

  newSeed(): void {
    this.change({ seed: fresh() });
  }

  newWriter(): void {
    this.change({ writer: fresh() });
  }
}
