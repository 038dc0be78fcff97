/** The elements of `index.html`. */

/** The element that a selector names; index.html has it. */
export function find<Kind extends Element = HTMLElement>(
  selector: string,
  within: ParentNode = document,
): Kind {
  const element = within.querySelector<Kind>(selector);
  if (element === null) throw new Error(`the page lacks ${selector}`);
  return element;
}

/** A copy of the one element inside a template. */
export function copyOf(template: string): HTMLElement {
  return find<HTMLTemplateElement>(template).content.firstElementChild?.cloneNode(true) as HTMLElement;
}
