/** Knobs: the named style inputs of a model. */

/** One style input: its values run from `low` to `high` on a grid of `step`, all in `unit`. */
export interface Knob {
  readonly name: string;
  readonly unit: string;
  readonly low: number;
  readonly high: number;
  readonly step: number;
}

/** What is asked of a knob: a value, or null where it is left open. */
export type Asked = number | null;

/** Clips a value to the knob's range and rounds it to its grid, halves up. */
export function toGrid(knob: Knob, value: number): number {
  const clipped = Math.min(Math.max(value, knob.low), knob.high);
  return Math.floor(clipped / knob.step + 0.5) * knob.step;
}
