/**
 * A grey image: `width * height` pixels row by row, 0 = paper, 255 = ink. On paper, `colours` has red, green and blue of
 * each pixel.
 */
export interface GrayImage {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
  readonly colours?: Uint8Array;
}

/** Splits the pixels of a batch into images. */
export function splitImages(pixels: Uint8Array, height: number, width: number): GrayImage[] {
  const size = height * width;
  return Array.from({ length: pixels.length / size }, (_, at) => ({
    width,
    height,
    pixels: pixels.subarray(at * size, (at + 1) * size),
  }));
}

/**
 * Arranges images of one size on a contact sheet, row by row, as `scorp-gen` does. The sheet has space for `count`
 * images.
 */
export function contactSheet(
  images: readonly GrayImage[],
  columns: number,
  count = images.length,
): GrayImage {
  const { width, height } = images[0];
  const rows = Math.ceil(count / columns);
  const size = columns * width * rows * height;
  const sheet = {
    width: columns * width,
    height: rows * height,
    pixels: new Uint8Array(size),
    ...(images[0].colours && { colours: new Uint8Array(3 * size).fill(255) }),
  };
  const copy = (from: Uint8Array, to: Uint8Array, corner: number, channels: number) => {
    for (let row = 0; row < height; row++) {
      const part = from.subarray(row * width * channels, (row + 1) * width * channels);
      to.set(part, (corner + row * sheet.width) * channels);
    }
  };
  images.forEach((image, position) => {
    const corner = Math.floor(position / columns) * height * sheet.width + (position % columns) * width;
    copy(image.pixels, sheet.pixels, corner, 1);
    if (image.colours && sheet.colours) copy(image.colours, sheet.colours, corner, 3);
  });
  return sheet;
}

/** Returns the default number of columns of a contact sheet. */
export function sheetColumns(count: number): number {
  return Math.floor(Math.sqrt(count - 1)) + 1;
}
