/**
 * Punctuation marks for models without them, drawn as straight strokes of a round pen. Specified in
 * `docs/reference/model-format.md`, section 7.
 */

import type { GrayImage } from "./image.ts";

type Segment = readonly [x0: number, y0: number, x1: number, y1: number];
type Point = readonly [x: number, y: number];

/** Segments of each mark, in digit heights from the baseline up. */
const SEGMENTS: Readonly<Record<string, readonly Segment[]>> = {
  "-": [[-0.16, 0.45, 0.16, 0.45]],
  ".": [[0, 0, 0, 0]],
  "/": [[-0.16, -0.05, 0.16, 1.05]],
  ",": [[0.02, 0.03, -0.06, -0.16]],
  ":": [
    [0, 0.12, 0, 0.12],
    [0, 0.58, 0, 0.58],
  ],
};

export const MARKS: readonly string[] = Object.keys(SEGMENTS);

/** Baseline of a mark, in image heights from the top. */
export const BASELINE = 24 / 28;

const DIGIT = 20 / 28;
const DOT = 1.25; // width of a dot relative to the pen: people press harder there

/** Draws a mark like an image of a class, with a thickness in px and a slant in degrees to the right. */
export function drawMark(
  mark: string,
  height: number,
  width: number,
  thickness: number,
  slant: number,
): GrayImage {
  const digit = height * DIGIT;
  const lean = tangent(slant);
  const pointAt = (x: number, y: number): Point => [digit * (x + lean * y), digit * y];
  const pixels = new Uint8Array(height * width);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const pixel: Point = [column + 0.5 - width / 2, height * BASELINE - (row + 0.5)];
      let coverage = 0;
      for (const [x0, y0, x1, y1] of SEGMENTS[mark]) {
        const isPoint = x0 === x1 && y0 === y1;
        const radius = (thickness / 2) * (isPoint ? DOT : 1);
        coverage = Math.max(coverage, clip(radius + 0.5 - distance(pixel, pointAt(x0, y0), pointAt(x1, y1))));
      }
      pixels[row * width + column] = Math.floor(255 * coverage + 0.5);
    }
  }
  return { width, height, pixels };
}

/** Returns the tangent by Lambert's continued fraction; the results of libraries differ in the last bit. */
function tangent(degrees: number): number {
  const angle = degrees * (Math.PI / 180);
  const square = angle * angle;
  return angle / [11, 9, 7, 5, 3, 1].reduce((rest, term) => term - square / rest, 13);
}

function distance([x, y]: Point, start: Point, end: Point): number {
  const [alongX, alongY] = [end[0] - start[0], end[1] - start[1]];
  const length = alongX * alongX + alongY * alongY;
  const [dx, dy] = [x - start[0], y - start[1]];
  const share = length > 0 ? clip((dx * alongX + dy * alongY) / length) : 0;
  const [restX, restY] = [dx - share * alongX, dy - share * alongY];
  return Math.sqrt(restX * restX + restY * restY);
}

function clip(value: number): number {
  return Math.min(Math.max(value, 0), 1);
}
