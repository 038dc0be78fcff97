/** The tabs, as the ARIA Authoring Practices have them: arrow keys move, and what they reach is shown. */

import { find } from "./dom.ts";
import type { Store, View } from "./state.ts";

const STEPS: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1 };

export function bindTabs(store: Store): void {
  const list = find('[role="tablist"]');
  const tabs = [...list.querySelectorAll<HTMLButtonElement>('[role="tab"]')];
  for (const tab of tabs)
    tab.addEventListener("click", () => store.change({ view: tab.dataset.view as View }));
  list.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    if (step === undefined) return;
    const shown = tabs.filter((tab) => !tab.hidden);
    const at = shown.indexOf(document.activeElement as HTMLButtonElement);
    const next = shown[(at + step + shown.length) % shown.length];
    next.focus();
    next.click();
    event.preventDefault();
  });
  store.watch(({ view }) => {
    for (const tab of tabs) {
      const isShown = tab.dataset.view === view;
      tab.setAttribute("aria-selected", String(isShown));
      tab.tabIndex = isShown ? 0 : -1;
      find(`#panel-${tab.dataset.view}`).hidden = !isShown;
    }
    find("#bench").hidden = view === "game";
    find("#take").hidden = view === "game";
  });
}
