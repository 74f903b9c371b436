// Small helpers around the DOM.

/** Return the element with that id. */
export const byId = (id) => document.getElementById(id);

/**
 * Make an element. Attributes that are functions listen to the event of their name, true stands for
 * an empty attribute, false and null for none.
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value !== false && value != null) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child != null));
  return made;
}

/** Return "1 page" or "2 pages". */
export const count = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;

/** Return seconds as a person says them: "4.2 s", "1 min 5 s". */
export function duration(seconds) {
  if (seconds < 10) return `${Number(seconds.toFixed(1))} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** Say something to screen readers without showing it. */
export function announce(text) {
  byId("announcement").textContent = text;
}

/** Say something in passing, to everybody. */
export function toast(text) {
  announce(text);
  document.querySelector(".toast")?.remove();
  const shown = element("p", { class: "toast", "aria-hidden": "true" }, text);
  document.body.append(shown);
  shown.addEventListener("animationend", () => shown.remove());
}

/** Yield the text nodes below a node, in order. */
export function* textNodes(root) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) yield walker.currentNode;
}
