/**
 * Natural styles: how the knobs that a visitor leaves open follow the asked class and the knobs that were set.
 *
 * Each class has a Gaussian copula (Sklar 1959). `docs/model-format.md`, section 4, is the specification; all sums run in
 * the order written there, in double precision, so that every language draws the same styles.
 */

import { type Knob, toGrid } from "./knobs.ts";

/** The natural styles of one class: correlations of normal scores, and each knob's values at the scores -3 ... 3. */
export interface Natural {
  readonly correlation: readonly (readonly number[])[];
  readonly quantiles: readonly (readonly number[])[];
}

const PIECES = 12; // of half a score each
const HIGHEST = 3;
const SMALLEST_PIVOT = 1e-9;

/**
 * Fills in the open knobs of one sample.
 *
 * @param given values on their grids; null where a knob is open
 * @param normals the sample's own normal numbers, one per knob
 */
export function completeStyle(
  knobs: readonly Knob[],
  natural: Natural,
  given: readonly (number | null)[],
  normals: readonly number[],
): number[] {
  const positions = knobs.map((_, position) => position);
  const isSet = (position: number) => given[position] !== null;
  const order = [...positions.filter(isSet), ...positions.filter((position) => !isSet(position))];
  const factor = cholesky(order.map((row) => order.map((column) => natural.correlation[row][column])));
  const uncorrelated: number[] = [];
  const style: number[] = new Array(knobs.length);
  order.forEach((position, row) => {
    const value = given[position];
    let known = 0;
    for (let k = 0; k < row; k++) known += factor[row][k] * uncorrelated[k];
    const pivot = factor[row][row];
    if (value !== null) {
      uncorrelated.push(pivot > 0 ? (score(natural.quantiles[position], value) - known) / pivot : 0);
      style[position] = value;
    } else {
      uncorrelated.push(normals[position]);
      const drawn = valueAt(natural.quantiles[position], known + pivot * normals[position]);
      style[position] = toGrid(knobs[position], drawn);
    }
  });
  return style;
}

/** The lower factor of a correlation matrix; a pivot below 1e-9 counts as 0, and so does its column. */
export function cholesky(matrix: readonly (readonly number[])[]): number[][] {
  const factor = matrix.map((row) => row.map(() => 0));
  for (let column = 0; column < matrix.length; column++) {
    for (let row = column; row < matrix.length; row++) {
      let rest = matrix[row][column];
      for (let k = 0; k < column; k++) rest -= factor[row][k] * factor[column][k];
      if (row === column) factor[row][column] = rest >= SMALLEST_PIVOT ? Math.sqrt(rest) : 0;
      else if (factor[column][column] > 0) factor[row][column] = rest / factor[column][column];
    }
  }
  return factor;
}

/** The value of a knob at a normal score: linear between the known ones, constant outside. */
export function valueAt(quantiles: readonly number[], normal: number): number {
  const place = (Math.min(Math.max(normal, -HIGHEST), HIGHEST) + HIGHEST) * 2;
  const piece = Math.min(Math.floor(place), PIECES - 1);
  return quantiles[piece] + (quantiles[piece + 1] - quantiles[piece]) * (place - piece);
}

/** The normal score of a value: the inverse of `valueAt`; in a flat piece, the middle of its scores. */
export function score(quantiles: readonly number[], value: number): number {
  const at = (knot: number) => knot / 2 - HIGHEST;
  const first = quantiles.indexOf(value);
  if (first >= 0) return (at(first) + at(quantiles.lastIndexOf(value))) * 0.5;
  if (value < quantiles[0]) return -HIGHEST;
  if (value > quantiles[PIECES]) return HIGHEST;
  const right = quantiles.findIndex((quantile) => quantile > value);
  const [low, high] = [quantiles[right - 1], quantiles[right]];
  return at(right - 1) + (0.5 * (value - low)) / (high - low);
}
