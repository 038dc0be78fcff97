/** The model of each request, loaded when it is first needed. */

import { openSource } from "#source";
import { type Catalog, type Entry, entryWithClasses } from "../core/catalog.ts";
import { ModelError, readModel } from "../core/model.ts";
import { textError } from "../core/text.ts";
import type { Engine } from "./draw.ts";
import type { State } from "./state.ts";

/** The visitor's input is invalid. The message is for the visitor. */
export class InputError extends Error {}

/** Returns the model that draws the current view. Throws an InputError if the text is invalid. */
export function entryFor(catalog: Catalog, { view, what, text, from, to }: State): Entry {
  if (view === "walk") return entryWithClasses(catalog, [from, to]);
  if (view !== "text") return entryWithClasses(catalog, what === null ? [] : [what]);
  const entry = entryWithClasses(catalog, [...text.replaceAll(" ", "")]);
  const error = textError(entry.classes, text);
  if (error !== null) throw new InputError(error);
  return entry;
}

/** Returns a function that loads a model at the first call, and again if that failed. */
export function engineLoader(): (entry: Entry) => Promise<Engine> {
  const engines = new Map<Entry, Promise<Engine>>();
  return (entry) => {
    const engine = engines.get(entry) ?? open(entry);
    engines.set(entry, engine);
    engine.then(({ source }) => source.ready).catch(() => engines.delete(entry));
    return engine;
  };
}

async function open(entry: Entry): Promise<Engine> {
  const response = await fetch(entry.url);
  if (!response.ok) throw new ModelError(`the server answered ${response.status} for the model file`);
  const model = readModel(new Uint8Array(await response.arrayBuffer()), entry.argument);
  return { model, source: openSource(entry, model) };
}
