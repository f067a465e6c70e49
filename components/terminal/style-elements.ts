// Lets xterm have its style sheets without style elements, which the content policy forbids.

/**
 * While `make` runs, `document.createElement('style')` returns a replacement: its text becomes a sheet that the document adopts,
 * which the policy for scripts allows. xterm makes all its style elements in open(), keeps them, and sets their
 * text later. Its option documentOverride would be more open, but the element in Viewport.ts is made by the window’s document all the same.
 */
export function withAdoptedStyles(make: () => void): void {
  const create = document.createElement.bind(document);
  const createElement = (name: string, options?: ElementCreationOptions) => (name === 'style' ? replacement() : create(name, options));
  Object.defineProperty(document, 'createElement', { value: createElement, configurable: true });
  try {
    make();
  } finally {
    Reflect.deleteProperty(document, 'createElement');
  }
}

function replacement(): HTMLElement {
  const sheet = new CSSStyleSheet();
  const element = document.createElementNS('http://www.w3.org/1999/xhtml', 'span') as HTMLElement;
  element.hidden = true;
  Object.defineProperty(element, 'textContent', { set: (text: string) => sheet.replaceSync(text) });
  Object.defineProperty(element, 'remove', {
    value: () => {
      document.adoptedStyleSheets = document.adoptedStyleSheets.filter((adopted) => adopted !== sheet);
      Element.prototype.remove.call(element);
    },
  });
  document.adoptedStyleSheets.push(sheet);
  return element;
}
