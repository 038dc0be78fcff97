/**
 * Natural distribution of style, given the class and the knobs that are set: a Gaussian copula per class (Sklar 1959).
 *
 * `docs/reference/model-format.md`, section 4, is the specification. All sums run in the order given there, in double
 * precision, so that every language draws the same styles.
 */

import { type Knob, toGrid } from "./knobs.ts";

/** Natural styles of one class: correlations of normal scores, and each knob's values at the scores -3 ... 3. */
export interface StylePrior {
  readonly correlation: readonly (readonly number[])[];
  readonly quantiles: readonly (readonly number[])[];
}

const PIECES = 12; // each is half a score wide
const HIGHEST = 3;
const SMALLEST_PIVOT = 1e-9;

/**
 * Fills in the knobs of one image that are not set.
 *
 * @param given value of each knob; null if it is not set
 * @param normals the normal numbers of the image, one per knob
 */
export function completeStyle(
  knobs: readonly Knob[],
  prior: StylePrior,
  given: readonly (number | null)[],
  normals: readonly number[],
): number[] {
  const positions = knobs.map((_, position) => position);
  const isSet = (position: number) => given[position] !== null;
  const order = [...positions.filter(isSet), ...positions.filter((position) => !isSet(position))];
  const factor = cholesky(order.map((row) => order.map((column) => prior.correlation[row][column])));
  const uncorrelated: number[] = [];
  const style: number[] = new Array(knobs.length);
  order.forEach((position, row) => {
    const value = given[position];
    let known = 0;
    for (let k = 0; k < row; k++) known += factor[row][k] * uncorrelated[k];
    const pivot = factor[row][row];
    if (value !== null) {
      uncorrelated.push(pivot > 0 ? (score(prior.quantiles[position], value) - known) / pivot : 0);
      style[position] = value;
    } else {
      uncorrelated.push(normals[position]);
      const drawn = valueAt(prior.quantiles[position], known + pivot * normals[position]);
      style[position] = toGrid(knobs[position], drawn);
    }
  });
  return style;
}

/**
 * Returns the function from labels to the values that are as unusual for a class as `value` is for a median class.
 *
 * @param position of the knob
 */
export function valuesForClasses(
  priors: readonly StylePrior[],
  position: number,
  value: number,
): (label: number) => number {
  const quantiles = priors.map((prior) => prior.quantiles[position]);
  const middle = Math.floor((quantiles.length - 1) / 2);
  const median = quantiles[0].map((_, at) => quantiles.map((row) => row[at]).sort((a, b) => a - b)[middle]);
  if (median[0] === median[PIECES]) return () => value;
  const unusual = score(median, value);
  return (label) => valueAt(quantiles[label], unusual);
}

/** Returns the lower Cholesky factor of a correlation matrix. A pivot below 1e-9 makes its column 0. */
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

/** Returns the value of a knob at a normal score: linear between the quantiles, constant outside. */
export function valueAt(quantiles: readonly number[], normal: number): number {
  const position = (Math.min(Math.max(normal, -HIGHEST), HIGHEST) + HIGHEST) * 2;
  const piece = Math.min(Math.floor(position), PIECES - 1);
  return quantiles[piece] + (quantiles[piece + 1] - quantiles[piece]) * (position - piece);
}

/** Returns the normal score of a value, the inverse of `valueAt`; in a flat piece, the middle of its scores. */
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
