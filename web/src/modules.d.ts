declare module "#model" {
  /** The address of the model file. */
  const url: string;
  export default url;
}

declare module "#real" {
  /** Where the real digits of the game lie; null where the site has none. */
  export const realDigits: import("./page/game.ts").RealDigits | null;
}

declare module "#source" {
  export { modelUrl, openSource } from "./source/wasm.ts";
}
