/**
 * Philox4x64-10 of Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (SC 2011), in halves of 32 bits.
 *
 * A 64-bit word is two numbers, low half first. Seen as bytes, an array of words is therefore little-endian.
 */

const ROUNDS = 10;
const MULTIPLIER_0 = [0xe14c6c93, 0xd2e7470e] as const;
const MULTIPLIER_1 = [0x95121157, 0xca5a8263] as const;
const WEYL_0 = 0x9e3779b97f4a7c15n;
const WEYL_1 = 0xbb67ae8584caa73bn;

/** Returns the words of the counters `first ... first + blocks - 1`: eight halves per block. */
export function philox(seed: bigint, purpose: number, first: bigint, blocks: number): Uint32Array {
  const keys = schedule(seed, BigInt(purpose));
  const words = new Uint32Array(8 * blocks);
  for (let block = 0; block < blocks; block++) {
    const state = words.subarray(8 * block, 8 * block + 8);
    let counter = first + BigInt(block);
    for (let half = 0; counter > 0n; half++, counter >>= 32n) state[half] = Number(counter & 0xffffffffn);
    for (let round = 0; round < ROUNDS; round++) mix(state, keys, 4 * round);
  }
  return words;
}

/** Returns the keys of all rounds, four halves each. */
function schedule(key0: bigint, key1: bigint): Uint32Array {
  const keys = new BigUint64Array(2 * ROUNDS);
  for (let round = 0; round < ROUNDS; round++) {
    keys[2 * round] = key0 + BigInt(round) * WEYL_0;
    keys[2 * round + 1] = key1 + BigInt(round) * WEYL_1;
  }
  return new Uint32Array(keys.buffer);
}

const product0 = new Uint32Array(4);
const product1 = new Uint32Array(4);

function mix(state: Uint32Array, keys: Uint32Array, at: number): void {
  multiply(state[0], state[1], MULTIPLIER_0, product0);
  multiply(state[4], state[5], MULTIPLIER_1, product1);
  state[0] = product1[2] ^ state[2] ^ keys[at];
  state[1] = product1[3] ^ state[3] ^ keys[at + 1];
  state[2] = product1[0];
  state[3] = product1[1];
  state[4] = product0[2] ^ state[6] ^ keys[at + 2];
  state[5] = product0[3] ^ state[7] ^ keys[at + 3];
  state[6] = product0[0];
  state[7] = product0[1];
}

/** Multiplies two 64-bit words into four halves, lowest first. Sums of halves are far below 2^53. */
function multiply(low: number, high: number, by: readonly [number, number], product: Uint32Array): void {
  const middle = upper(low, by[0]) + lower(low, by[1]) + lower(high, by[0]);
  const top = upper(low, by[1]) + upper(high, by[0]) + lower(high, by[1]) + Math.floor(middle / 2 ** 32);
  product[0] = lower(low, by[0]);
  product[1] = middle;
  product[2] = top;
  product[3] = upper(high, by[1]) + Math.floor(top / 2 ** 32);
}

function lower(a: number, b: number): number {
  return Math.imul(a, b) >>> 0;
}

function upper(a: number, b: number): number {
  const [aLow, aHigh, bLow, bHigh] = [a & 0xffff, a >>> 16, b & 0xffff, b >>> 16];
  const first = aHigh * bLow + ((aLow * bLow) >>> 16);
  const second = aLow * bHigh + (first & 0xffff);
  return aHigh * bHigh + (first >>> 16) + (second >>> 16);
}
