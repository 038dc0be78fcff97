/** Choices of class, count, and the two ends of a walk. */

import { copyOf, find } from "./dom.ts";
import type { Store } from "./state.ts";

const COUNTS = [1, 16, 64, 400];
const ALL = "all";

/** Titles of groups of classes. */
const GROUPS: readonly (readonly [title: string, pattern: RegExp])[] = [
  ["Digits", /^\d$/],
  ["Capitals", /^[A-Z]$/],
  ["Small letters", /^[a-z]$/],
  ["Symbols", /^[!-/:-@[-`{-~]$/],
  ["Others", /^[^!-~]|../u],
];

interface Group {
  readonly title: string;
  readonly names: readonly string[];
}

export function bindChoices(classes: readonly string[], store: Store): void {
  const groups = grouped(classes);
  const chooseClass = (name: string) => store.change({ what: name === ALL ? null : name });
  addRadios(find("#classes"), "class", [...groups[0].names, ALL], chooseClass);
  if (groups.length > 1) addMoreClasses(groups.slice(1), chooseClass);
  addRadios(find("#counts"), "count", COUNTS.map(String), (name) => store.change({ count: Number(name) }));
  const from = classSelect("#from", groups, (name) => store.change({ from: name }));
  const to = classSelect("#to", groups, (name) => store.change({ to: name }));
  store.watch((state) => {
    check("class", state.what ?? ALL);
    check("count", String(state.count));
    from.value = state.from;
    to.value = state.to;
  });
}

/** Returns the groups that have classes. */
function grouped(classes: readonly string[]): Group[] {
  return GROUPS.map(([title, pattern]) => ({
    title,
    names: classes.filter((name) => pattern.test(name)),
  })).filter(({ names }) => names.length > 0);
}

/** Adds groups of classes that the visitor opens. */
function addMoreClasses(groups: readonly Group[], choose: (name: string) => void): void {
  const details = copyOf("#more-classes");
  const titles = groups.map(({ title }) => title).join(", ");
  find("summary", details).textContent = titles[0] + titles.slice(1).toLowerCase();
  for (const { title, names } of groups) {
    const fieldset = copyOf("#class-group");
    find("legend", fieldset).textContent = title;
    addRadios(fieldset, "class", names, choose);
    details.append(fieldset);
  }
  find("#classes").append(details);
}

/** Adds radio buttons of a group to an element. */
function addRadios(
  to: Element,
  group: string,
  names: readonly string[],
  choose: (name: string) => void,
): void {
  for (const name of names) {
    const label = copyOf("#choice");
    const button = find<HTMLInputElement>("input", label);
    find("span", label).textContent = name;
    button.name = group;
    button.value = name;
    button.addEventListener("change", () => choose(name));
    to.append(label);
  }
}

/** Checks a radio button of a group. */
function check(group: string, name: string): void {
  const { elements } = find<HTMLFormElement>("#controls");
  (elements.namedItem(group) as RadioNodeList).value = name;
}

function classSelect(
  selector: string,
  groups: readonly Group[],
  choose: (name: string) => void,
): HTMLSelectElement {
  const select = find<HTMLSelectElement>(selector);
  for (const { title, names } of groups) {
    const options = document.createElement("optgroup");
    options.label = title;
    options.append(...names.map((name) => new Option(name)));
    select.append(options);
  }
  select.addEventListener("change", () => choose(select.value));
  return select;
}
