/** Interface of pixel sources. The page computes the network inputs; a source runs the network on them. */

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
 * Sets up a source for a model. `runtime.ts` and `wasm.ts` each export an `openSource`, the URL of the model file as
 * `modelUrl`, and `modelArgument`. A build uses one of the two as `#source`.
 */
export type OpenSource = (model: Model) => PixelSource;

/** Returns the `argument` of the model in a response. */
export type ModelArgument = (response: Response) => string | null;
