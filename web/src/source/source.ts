/** Where pixels come from. The page knows the model and works out the inputs; a source runs the network on them. */

import type { Model } from "../core/model.ts";
import type { Inputs } from "../core/request.ts";

export interface PixelSource {
  /** What runs the network, in words for the visitor. */
  readonly engine: string;

  /** Settled once the network is set up. Pictures may be asked for before, and wait for it. */
  readonly ready: Promise<unknown>;

  /** The pictures of a batch one behind the other, each `height * width` bytes, 0 = paper, 255 = ink. */
  draw(inputs: Inputs): Promise<Uint8Array>;
}

/**
 * Sets up a source for a model. The two modules beside this one export one each, with the address of the model file as
 * `modelUrl` and its place as `placeOf`; a build takes one of them as `#source`.
 */
export type OpenSource = (model: Model) => PixelSource;

/** The `place` of the model that an answer brings. */
export type PlaceOf = (answer: Response) => string | null;
