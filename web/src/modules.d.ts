declare module "#model" {
  /** The address of the model file. */
  const url: string;
  export default url;
  /** What `--model` says of it; null for the model that `scorp-gen` takes unasked. */
  export const place: string | null;
}

declare module "#real" {
  /** Where the real digits of the game lie; null where the site has none. */
  export const realDigits: import("./page/game.ts").RealDigits | null;
}

declare module "#source" {
  export { modelUrl, openSource, placeOf } from "./source/wasm.ts";
}
