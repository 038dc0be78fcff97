/** Fields for the seed, the first index and the writer. */

import { SEED_COUNT } from "../core/random.ts";
import { find } from "./dom.ts";
import { lastStart, type State, type Store } from "./state.ts";

const DIGITS = /^\d{1,20}$/;

export function bindSeedFields(store: Store, currentWriter: () => bigint | null): void {
  const seed = numberField(
    "#seed",
    () => SEED_COUNT,
    (value) => store.change({ seed: value ?? 0n }),
  );
  const start = numberField(
    "#start",
    () => lastStart(store.state) + 1n,
    (value) => store.change({ start: value ?? 0n }),
  );
  const writer = numberField(
    "#writer",
    () => SEED_COUNT,
    (value) => store.change({ writer: value }),
  );
  const sameWriter = find<HTMLInputElement>("#same-writer");
  const [previous, next] = [find<HTMLButtonElement>("#previous"), find<HTMLButtonElement>("#next")];
  onClick("#new-seed", () => store.newSeed());
  onClick("#new-writer", () => store.newWriter());
  onClick("#previous", () => store.change({ start: startAfter(store.state, -1n) }));
  onClick("#next", () => store.change({ start: startAfter(store.state, 1n) }));
  sameWriter.addEventListener("change", () => {
    if (!sameWriter.checked) store.change({ writer: null });
    else if (store.state.view === "text")
      store.change({ writer: currentWriter() }); // keep the writer that is on the page
    else store.newWriter();
  });
  store.watch((state) => {
    seed(state.seed);
    start(state.start);
    writer(state.writer);
    sameWriter.checked = state.writer !== null;
    previous.disabled = state.start === 0n;
    next.disabled = startAfter(state, 1n) === state.start;
    find<HTMLInputElement>("#writer").placeholder =
      state.view === "text" ? "determined by the seed" : "a different writer each time";
    find("#paging").hidden = state.view === "text";
  });
}

/** Returns the first index some pages later or earlier, within the valid range. */
function startAfter(state: State, pages: bigint): bigint {
  const step = BigInt(state.view === "walk" ? 1 : state.count);
  const to = state.start + pages * step;
  if (to < 0n) return 0n;
  return to > lastStart(state) ? lastStart(state) : to;
}

/** Binds a field for an integer below a limit, or empty. Returns a function that shows a number. */
function numberField(
  selector: string,
  limit: () => bigint,
  change: (value: bigint | null) => void,
): (value: bigint | null) => void {
  const field = find<HTMLInputElement>(selector);
  const read = () => (DIGITS.test(field.value) && BigInt(field.value) < limit() ? BigInt(field.value) : null);
  field.addEventListener("input", () => {
    const value = read();
    const isWrong = value === null && field.value !== "";
    field.setAttribute("aria-invalid", String(isWrong));
    field.setCustomValidity(isWrong ? `Enter an integer from 0 to ${limit() - 1n}` : "");
    if (isWrong) field.reportValidity();
    else change(value);
  });
  return (value) => {
    if (document.activeElement === field && (read() ?? 0n) === (value ?? 0n)) return; // do not overwrite what they type
    field.value = value === null ? "" : String(value);
    field.setAttribute("aria-invalid", "false");
    field.setCustomValidity("");
  };
}

function onClick(selector: string, act: () => void): void {
  find(selector).addEventListener("click", act);
}
