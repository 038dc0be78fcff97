/** The panel with commands to copy, the checksum, and downloads. */

import { announce } from "./announcer.ts";
import { copyOf, find } from "./dom.ts";
import { savePng, saveZip } from "./downloads.ts";
import type { Drawing } from "./draw.ts";

/** Binds the buttons. Returns a function that shows a drawing. */
export function bindSavePanel(): (drawing: Drawing) => void {
  let current: Drawing | undefined;
  const commands = find("#commands");
  find("#png").addEventListener("click", () => current && savePng(current));
  find("#zip").addEventListener("click", () => current && saveZip(current));
  commands.addEventListener("click", async ({ target }) => {
    const code = (target as Element).closest("button")?.previousElementSibling;
    if (!code) return;
    const isCopied = await copy(code);
    announce(isCopied ? "Command copied" : "The browser did not allow copying. The command is selected.");
    (target as Element).textContent = isCopied ? "Copied" : "Selected";
  });
  return (drawing) => {
    current = drawing;
    find<HTMLButtonElement>("#png").disabled = find<HTMLButtonElement>("#zip").disabled = false;
    find("#fingerprint code").textContent = drawing.checksum;
    const texts = [...commands.querySelectorAll("code")].map((code) => code.textContent);
    if (texts.join() === drawing.commands.join()) return; // keeps "Copied" on a button
    commands.replaceChildren(
      ...drawing.commands.map((text) => {
        const row = copyOf("#command");
        typeset(find("code", row), text);
        return row;
      }),
    );
  };
}

/** Shows a command that wraps only before options. */
function typeset(code: HTMLElement, command: string): void {
  for (const part of command.split(/(?<= )(?=--)/)) {
    const span = document.createElement("span");
    span.className = "part";
    span.textContent = part;
    code.append(span);
  }
}

/** Copies the text of an element. If the browser forbids it, selects the text and returns false. */
async function copy(element: Element): Promise<boolean> {
  getSelection()?.selectAllChildren(element);
  try {
    await navigator.clipboard.writeText(element.textContent ?? "");
    return true;
  } catch {
    return false;
  }
}
