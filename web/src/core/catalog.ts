/** The models that the page offers, and the one that draws each request, as for `scorp-gen`. */

/** What the page knows of a model before it loads it. */
export interface Entry {
  /** URL of the model file. */
  readonly url: string;
  /** Value of `--model` for this model; null for the default model of `scorp-gen`. */
  readonly argument: string | null;
  readonly classes: readonly string[];
}

/** The models. The first one is used wherever it can be. */
export type Catalog = readonly Entry[];

/** Returns the first model that has all these classes, or else the last one. */
export function entryWithClasses(catalog: Catalog, names: readonly string[]): Entry {
  const found = catalog.find(({ classes }) => names.every((name) => classes.includes(name)));
  return found ?? (catalog.at(-1) as Entry);
}

/** Returns the classes of all models. */
export function allClasses(catalog: Catalog): string[] {
  return [...new Set(catalog.flatMap(({ classes }) => classes))];
}
