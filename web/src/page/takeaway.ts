/** What the visitor takes home: commands to copy, the checksum, and files. */

import type { Model } from "../core/model.ts";
import { say } from "./announcer.ts";
import { copyOf, find } from "./dom.ts";
import { savePng, saveZip } from "./save.ts";
import type { Scene } from "./scene.ts";

/** Binds the buttons; the function that it returns shows a scene. */
export function bindTakeaway(model: Model): (scene: Scene) => void {
  let now: Scene | undefined;
  const commands = find("#commands");
  find("#png").addEventListener("click", () => now && savePng(now));
  find("#zip").addEventListener("click", () => now && saveZip(model, now));
  commands.addEventListener("click", async ({ target }) => {
    const code = (target as Element).closest("button")?.previousElementSibling;
    if (!code) return;
    const isCopied = await copy(code);
    say(isCopied ? "Copied the command" : "This browser does not let the page copy: the command is selected");
    (target as Element).textContent = isCopied ? "Copied" : "Selected";
  });
  return (scene) => {
    now = scene;
    find<HTMLButtonElement>("#png").disabled = find<HTMLButtonElement>("#zip").disabled = false;
    find("#fingerprint code").textContent = scene.checksum;
    const texts = [...commands.querySelectorAll("code")].map((code) => code.textContent);
    if (texts.join() === scene.commands.join()) return; // so that a button just pressed still says so
    commands.replaceChildren(
      ...scene.commands.map((text) => {
        const row = copyOf("#command");
        typeset(find("code", row), text);
        return row;
      }),
    );
  };
}

/** Fills an element with a command that takes a new line before an option only. */
function typeset(code: HTMLElement, command: string): void {
  for (const part of command.split(/(?<= )(?=--)/)) {
    const span = document.createElement("span");
    span.className = "part";
    span.textContent = part;
    code.append(span);
  }
}

/** Copies the text of an element; where the browser forbids it, selects the text and returns false. */
async function copy(element: Element): Promise<boolean> {
  getSelection()?.selectAllChildren(element);
  try {
    await navigator.clipboard.writeText(element.textContent ?? "");
    return true;
  } catch {
    return false;
  }
}
