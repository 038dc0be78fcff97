/** Interface of pixel sources. The page computes the network inputs; a source runs the network on them. */

import type { Catalog, Entry } from "../core/catalog.ts";
import type { Model } from "../core/model.ts";
import type { NetworkInputs } from "../core/request.ts";

export interface PixelSource {
  /** What runs the network; shown to the visitor. */
  readonly engine: string;

  /** Settles once the network is ready. `draw` may be called earlier and waits for it. */
  readonly ready: Promise<unknown>;

  /** Returns the images of a batch, each `height * width` bytes, 0 = paper, 255 = ink. */
  draw(inputs: NetworkInputs): Promise<Uint8Array>;
}

/**
 * Sets up a source for a model. `runtime.ts` and `wasm.ts` each export an `openSource` and a `loadCatalog`. A build uses
 * one of the two as `#source`.
 */
export type OpenSource = (entry: Entry, model: Model) => PixelSource;

/** Returns the models that the page offers. */
export type LoadCatalog = () => Promise<Catalog>;
