/** Words for who cannot see the page, in its live region. */

import { find } from "./dom.ts";

const QUIET = 600; // milliseconds without a change before the picture is described

let pause: number | undefined;

/** Says something now, in place of what was to be said. */
export function say(text: string): void {
  clearTimeout(pause);
  find("#announcement").textContent = text;
}

/** Says something once the visitor pauses, the latest only. */
export function sayInPause(text: string): void {
  clearTimeout(pause);
  pause = window.setTimeout(() => say(text), QUIET);
}
