/** Images on a canvas and as PNG files. */

import type { GrayImage } from "../core/image.ts";

/** Available space in CSS px. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Paints an image into a canvas, as large as the space allows, with sharp pixels. */
export function paint(canvas: HTMLCanvasElement, image: GrayImage, space: Size): void {
  const { width, height } = image;
  const fit = Math.min(space.width / width, space.height / height);
  const scale = Math.max(1, Math.ceil(fit * devicePixelRatio)); // CSS does the fractional part
  canvas.width = width * scale;
  canvas.height = height * scale;
  canvas.style.width = `${width * fit}px`;
  canvas.style.height = `${height * fit}px`;
  const context = canvas.getContext("2d") as CanvasRenderingContext2D;
  context.imageSmoothingEnabled = false;
  context.drawImage(tinted(image, inkColour(canvas)), 0, 0, canvas.width, canvas.height);
}

/** Encodes an image as PNG with its colours, or else dark ink on white paper, as `--invert` does. */
export async function toPng({ width, height, pixels, colours }: GrayImage): Promise<Blob> {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d") as CanvasRenderingContext2D;
  const image = context.createImageData(width, height);
  pixels.forEach((grey, at) => {
    if (colours) image.data.set(colours.subarray(3 * at, 3 * at + 3), 4 * at);
    else image.data.fill(255 - grey, 4 * at, 4 * at + 3);
    image.data[4 * at + 3] = 255;
  });
  context.putImageData(image, 0, 0);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
  if (blob === null) throw new Error("this browser cannot encode PNG");
  return blob;
}

/** Returns a canvas with an image in its colours, or else in one colour; its ink is the opacity. */
function tinted(
  { width, height, pixels, colours }: GrayImage,
  [red, green, blue]: number[],
): OffscreenCanvas {
  const image = new ImageData(width, height);
  const colour = red | (green << 8) | (blue << 16);
  const words = new Uint32Array(image.data.buffer); // one write per pixel
  for (let at = 0; at < pixels.length; at++) {
    words[at] = colours
      ? colours[3 * at] | (colours[3 * at + 1] << 8) | (colours[3 * at + 2] << 16) | (255 << 24)
      : colour | (pixels[at] << 24);
  }
  Object.assign(palette, { width, height });
  (palette.getContext("2d") as OffscreenCanvasRenderingContext2D).putImageData(image, 0, 0);
  return palette;
}

const palette = new OffscreenCanvas(1, 1); // reused: creating a canvas takes longer than painting it

/** Returns the text colour of the canvas as red, green and blue. */
function inkColour(canvas: HTMLCanvasElement): number[] {
  return (getComputedStyle(canvas).color.match(/\d+/g) ?? ["0", "0", "0"]).slice(0, 3).map(Number);
}
