/** Pictures on a canvas, in the page's ink. */

import type { Picture } from "../core/picture.ts";

/** CSS pixels that a picture may fill. */
export interface Room {
  readonly width: number;
  readonly height: number;
}

/** Paints a picture into a canvas, as large as the room allows, each of its pixels a sharp square. */
export function paint(canvas: HTMLCanvasElement, picture: Picture, room: Room): void {
  const { width, height } = picture;
  const fit = Math.min(room.width / width, room.height / height);
  const scale = Math.max(1, Math.ceil(fit * devicePixelRatio)); // squares first, the last bit is left to CSS
  canvas.width = width * scale;
  canvas.height = height * scale;
  canvas.style.width = `${width * fit}px`;
  canvas.style.height = `${height * fit}px`;
  const context = canvas.getContext("2d") as CanvasRenderingContext2D;
  context.imageSmoothingEnabled = false;
  context.drawImage(inked(picture, inkOf(canvas)), 0, 0, canvas.width, canvas.height);
}

/** A picture as PNG: dark ink on white paper, as `--invert` has it. */
export async function toPng({ width, height, pixels }: Picture): Promise<Blob> {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d") as CanvasRenderingContext2D;
  const image = context.createImageData(width, height);
  pixels.forEach((grey, at) => {
    image.data.fill(255 - grey, 4 * at, 4 * at + 3);
    image.data[4 * at + 3] = 255;
  });
  context.putImageData(image, 0, 0);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
  if (blob === null) throw new Error("this browser cannot write the picture as PNG");
  return blob;
}

/** A picture in one colour, as opaque as it is inked. */
function inked({ width, height, pixels }: Picture, [red, green, blue]: number[]): OffscreenCanvas {
  const image = new ImageData(width, height);
  const colour = red | (green << 8) | (blue << 16);
  const words = new Uint32Array(image.data.buffer); // one write for each pixel
  for (let at = 0; at < pixels.length; at++) words[at] = colour | (pixels[at] << 24);
  Object.assign(palette, { width, height });
  (palette.getContext("2d") as OffscreenCanvasRenderingContext2D).putImageData(image, 0, 0);
  return palette;
}

const palette = new OffscreenCanvas(1, 1); // one for all pictures: to make a canvas takes longer than to paint it

/** The colour of text on the canvas, which the style sheet sets, as red, green and blue. */
function inkOf(canvas: HTMLCanvasElement): number[] {
  return (getComputedStyle(canvas).color.match(/\d+/g) ?? ["0", "0", "0"]).slice(0, 3).map(Number);
}
