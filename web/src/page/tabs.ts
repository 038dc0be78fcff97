/** Tabs with automatic activation, as in the ARIA Authoring Practices. */

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
    const visible = tabs.filter((tab) => !tab.hidden);
    const at = visible.indexOf(document.activeElement as HTMLButtonElement);
    const next = visible[(at + step + visible.length) % visible.length];
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
    find("#workspace").hidden = find("#save-panel").hidden = view === "game";
  });
}
