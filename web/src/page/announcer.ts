/** Announcements for screen readers. */

import { find } from "./dom.ts";

const PAUSE = 600; // ms without a change before an image is described

let timer: number | undefined;

/** Announces a text now and drops a pending one. */
export function announce(text: string): void {
  clearTimeout(timer);
  find("#announcement").textContent = text;
}

/** Announces the latest text once the visitor pauses. */
export function announceAfterPause(text: string): void {
  clearTimeout(timer);
  timer = window.setTimeout(() => announce(text), PAUSE);
}
