/** A grey picture: `width * height` pixels row by row, 0 = paper, 255 = ink. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

/** The pictures that lie one behind the other in a batch of pixels. */
export function splitPictures(pixels: Uint8Array, height: number, width: number): Picture[] {
  const size = height * width;
  return Array.from({ length: pixels.length / size }, (_, at) => ({
    width,
    height,
    pixels: pixels.subarray(at * size, (at + 1) * size),
  }));
}

/**
 * Pictures of one size on a contact sheet, row by row from the top left, as `scorp-gen` lays them out.
 * A sheet of a greater `count` has paper where pictures are still to come.
 */
export function contactSheet(
  pictures: readonly Picture[],
  columns: number,
  count = pictures.length,
): Picture {
  const { width, height } = pictures[0];
  const rows = Math.ceil(count / columns);
  const sheet = {
    width: columns * width,
    height: rows * height,
    pixels: new Uint8Array(columns * width * rows * height),
  };
  pictures.forEach((picture, place) => {
    const corner = Math.floor(place / columns) * height * sheet.width + (place % columns) * width;
    for (let row = 0; row < height; row++) {
      sheet.pixels.set(picture.pixels.subarray(row * width, (row + 1) * width), corner + row * sheet.width);
    }
  });
  return sheet;
}

/** The columns of a contact sheet whose columns are left open. */
export function sheetColumns(count: number): number {
  return Math.floor(Math.sqrt(count - 1)) + 1;
}
