/** Access to the elements of `index.html`. */

/** Returns the element of a selector; throws an Error if it is missing. */
export function find<Kind extends Element = HTMLElement>(
  selector: string,
  within: ParentNode = document,
): Kind {
  const element = within.querySelector<Kind>(selector);
  if (element === null) throw new Error(`the page has no ${selector}`);
  return element;
}

/** Returns a copy of the only element in a template. */
export function copyOf(template: string): HTMLElement {
  return find<HTMLTemplateElement>(template).content.firstElementChild?.cloneNode(true) as HTMLElement;
}
