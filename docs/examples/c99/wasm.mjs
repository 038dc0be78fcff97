// Writes the raw pixels of an image: node wasm.mjs digits.wasm SEED INDEX LABEL > image.raw
import { readFileSync, writeSync } from "node:fs";

const [file, seed, index, label] = process.argv.slice(2);
const { instance } = await WebAssembly.instantiate(readFileSync(file));
const { draw, memory } = instance.exports;
const place = draw(BigInt.asIntN(64, BigInt(seed)), BigInt.asIntN(64, BigInt(index)), Number(label));
if (place === 0) throw new Error("the model has no such label");
writeSync(1, new Uint8Array(memory.buffer, place, 28 * 28));
