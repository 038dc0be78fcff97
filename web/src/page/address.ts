/** Seed, first picture and writer: the address of what is drawn. */

import { SPACE } from "../core/address.ts";
import { find } from "./dom.ts";
import { lastStart, type State, type Store } from "./state.ts";

const WHOLE = /^\d{1,20}$/;

export function bindAddress(store: Store, writerNow: () => bigint | null): void {
  const seed = numberField(
    "#seed",
    () => SPACE,
    (value) => store.change({ seed: value ?? 0n }),
  );
  const start = numberField(
    "#start",
    () => lastStart(store.state) + 1n,
    (value) => store.change({ start: value ?? 0n }),
  );
  const writer = numberField(
    "#writer",
    () => SPACE,
    (value) => store.change({ writer: value }),
  );
  const oneHand = find<HTMLInputElement>("#one-hand");
  const [back, on] = [find<HTMLButtonElement>("#back"), find<HTMLButtonElement>("#on")];
  onClick("#new-seed", () => store.newSeed());
  onClick("#new-writer", () => store.newWriter());
  onClick("#back", () => store.change({ start: moved(store.state, -1n) }));
  onClick("#on", () => store.change({ start: moved(store.state, 1n) }));
  oneHand.addEventListener("change", () => {
    if (!oneHand.checked) store.change({ writer: null });
    else if (store.state.view === "write")
      store.change({ writer: writerNow() }); // keep the hand that is on the page
    else store.newWriter();
  });
  store.watch((state) => {
    seed(state.seed);
    start(state.start);
    writer(state.writer);
    oneHand.checked = state.writer !== null;
    back.disabled = state.start === 0n;
    on.disabled = moved(state, 1n) === state.start;
    find<HTMLInputElement>("#writer").placeholder =
      state.view === "write" ? "drawn from the seed" : "each by another writer";
    find("#paging").hidden = state.view === "write";
  });
}

/** The first picture, so many pages on or back, as far as there are addresses. */
function moved(state: State, pages: bigint): bigint {
  const step = BigInt(state.view === "walk" ? 1 : state.count);
  const to = state.start + pages * step;
  if (to < 0n) return 0n;
  return to > lastStart(state) ? lastStart(state) : to;
}

/** A field for a whole number below a limit, or empty; the function that it returns shows a number. */
function numberField(
  selector: string,
  limit: () => bigint,
  change: (value: bigint | null) => void,
): (value: bigint | null) => void {
  const field = find<HTMLInputElement>(selector);
  const read = () => (WHOLE.test(field.value) && BigInt(field.value) < limit() ? BigInt(field.value) : null);
  field.addEventListener("input", () => {
    const value = read();
    const isWrong = value === null && field.value !== "";
    field.setAttribute("aria-invalid", String(isWrong));
    field.setCustomValidity(isWrong ? `A whole number from 0 to ${limit() - 1n}` : "");
    if (isWrong) field.reportValidity();
    else change(value);
  });
  return (value) => {
    if (document.activeElement === field && (read() ?? 0n) === (value ?? 0n)) return; // do not write while they type
    field.value = value === null ? "" : String(value);
    field.setAttribute("aria-invalid", "false");
    field.setCustomValidity("");
  };
}

function onClick(selector: string, act: () => void): void {
  find(selector).addEventListener("click", act);
}
