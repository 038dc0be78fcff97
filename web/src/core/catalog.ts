/** The models that the page offers, and the one that draws each request, as for `scorp-gen`. */

import { textError } from "./text.ts";

/** What the page knows of a model before it loads it. */
export interface Entry {
  /** URL of the model file. */
  readonly url: string;
  /** Value of `--model` for this model; null for the default model of `scorp-gen`. */
  readonly argument: string | null;
  readonly classes: readonly string[];
}

/** The models, the default one first. */
export type Catalog = readonly Entry[];

/** Returns the first model with all these classes, or undefined. */
export function entryWithClasses(catalog: Catalog, names: readonly string[]): Entry | undefined {
  return catalog.find(({ classes }) => names.every((name) => classes.includes(name)));
}

/** Returns the first model that can write a text, or undefined. */
export function entryForText(catalog: Catalog, text: string): Entry | undefined {
  return catalog.find(({ classes }) => textError(classes, text) === null);
}

/** Returns the classes of all models. */
export function allClasses(catalog: Catalog): string[] {
  return [...new Set(catalog.flatMap(({ classes }) => classes))];
}
