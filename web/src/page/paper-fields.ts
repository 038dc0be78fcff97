/** Fields for the colours of ink and paper. */

import { find } from "./dom.ts";
import type { State, Store } from "./state.ts";

export function bindPaperFields(store: Store): void {
  const bind = (selector: string, name: "ink" | "paper" | "paperColour") => {
    const field = find<HTMLInputElement | HTMLSelectElement>(selector);
    field.addEventListener("input", () => store.change({ [name]: field.value } as Partial<State>));
    return field;
  };
  const [paper, ink, colour] = [
    bind("#paper", "paper"),
    bind("#ink", "ink"),
    bind("#paper-colour", "paperColour"),
  ];
  store.watch((state) => {
    [paper.value, ink.value, colour.value] = [state.paper, state.ink, state.paperColour];
    find("#ink-field").hidden = state.paper === "";
    find("#paper-colour-field").hidden = state.paper !== "plain";
  });
}
