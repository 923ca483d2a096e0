/** The element of an id, known to be of a type. @throws TypeError where the page has none such */
export function element<T extends Element>(id: string, type: new () => T): T {
  const found = document.getElementById(id);
  if (found instanceof type) return found;
  throw new TypeError(`the page has no ${type.name} with the id "${id}"`);
}
