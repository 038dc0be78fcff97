/** Knobs: the named style inputs of a model. */

/** One style input. Its values are multiples of `step` from `low` to `high`, in `unit`. */
export interface Knob {
  readonly name: string;
  readonly unit: string;
  readonly low: number;
  readonly high: number;
  readonly step: number;
}

/** Knobs that text uses for the size and place of each character; a model has both or neither. */
export const LINE_FORM: readonly string[] = ["extent", "rise"];

/** The chosen value of a knob, or null for natural variation. */
export type KnobValue = number | null;

/** Clips a value to the range of a knob and rounds it to a multiple of its step, halves up. */
export function toGrid(knob: Knob, value: number): number {
  const clipped = Math.min(Math.max(value, knob.low), knob.high);
  return Math.floor(clipped / knob.step + 0.5) * knob.step;
}
