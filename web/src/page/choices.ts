/** Choices of class, count, and the two ends of a walk. */

import type { Model } from "../core/model.ts";
import { copyOf, find } from "./dom.ts";
import type { Store } from "./state.ts";

const COUNTS = [1, 16, 64, 400];
const ALL = "all";

export function bindChoices(model: Model, store: Store): void {
  const classes = [...model.classes, ALL];
  const chooseClass = radioGroup("#classes", classes, (at) =>
    store.change({ what: at === model.classes.length ? null : at }),
  );
  const chooseCount = radioGroup("#counts", COUNTS.map(String), (at) => store.change({ count: COUNTS[at] }));
  const from = classSelect("#from", model, (at) => store.change({ from: at }));
  const to = classSelect("#to", model, (at) => store.change({ to: at }));
  store.watch((state) => {
    chooseClass(state.what ?? model.classes.length);
    chooseCount(COUNTS.indexOf(state.count));
    from.selectedIndex = state.from;
    to.selectedIndex = state.to;
  });
}

/** Fills a fieldset with radio buttons. Returns a function that checks one of them. */
function radioGroup(
  selector: string,
  names: readonly string[],
  choose: (at: number) => void,
): (at: number) => void {
  const group = find(selector);
  const buttons = names.map((name, at) => {
    const label = copyOf("#choice");
    const button = find<HTMLInputElement>("input", label);
    find("span", label).textContent = name;
    button.name = group.id;
    button.value = name;
    button.addEventListener("change", () => choose(at));
    group.append(label);
    return button;
  });
  return (at) => {
    buttons[at].checked = true;
  };
}

function classSelect(selector: string, model: Model, choose: (at: number) => void): HTMLSelectElement {
  const select = find<HTMLSelectElement>(selector);
  select.append(...model.classes.map((name) => new Option(name)));
  select.addEventListener("change", () => choose(select.selectedIndex));
  return select;
}
