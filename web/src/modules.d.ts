declare module "#model" {
  /** URL of the model file. */
  const url: string;
  export default url;
  /** Value of `--model` for it; null for the default model of `scorp-gen`. */
  export const argument: string | null;
}

declare module "#real" {
  /** Real digits for the game; null if the site has none. */
  export const realDigits: import("./page/game.ts").RealDigits | null;
}

declare module "#source" {
  export { modelArgument, modelUrl, openSource } from "./source/wasm.ts";
}
