/** Reader of IDX, the file format of MNIST: an array of unsigned bytes. */

export interface Idx {
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

const UNSIGNED_BYTES = 8;

/** Reads an IDX file of unsigned bytes; throws a RangeError for anything else. */
export function readIdx(file: Uint8Array): Idx {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < 4 || view.getUint16(0) !== 0 || file[2] !== UNSIGNED_BYTES) {
    throw new RangeError("not an IDX file of unsigned bytes");
  }
  const shape = Array.from({ length: file[3] }, (_, axis) => view.getUint32(4 + 4 * axis));
  const bytes = file.subarray(4 + 4 * shape.length);
  if (bytes.length !== shape.reduce((product, size) => product * size, 1)) {
    throw new RangeError(
      `the IDX header says ${shape.join(" x ")}, but the file has ${bytes.length} bytes of data`,
    );
  }
  return { shape, bytes };
}
