declare module "#models" {
  /** The models of the site. */
  export const catalog: import("./core/catalog.ts").Catalog;
}

declare module "#real" {
  /** Real digits for the game; null if the site has none. */
  export const realDigits: import("./page/game.ts").RealDigits | null;
}

declare module "#source" {
  export { loadCatalog, openSource } from "./source/wasm.ts";
}
