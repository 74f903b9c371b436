// Narrow screens show one side at a time: the page or its text.

import { byId } from "./dom.js";

const SIDES = ["page", "text"];

/** Show a side; a wide screen shows both anyway. */
export function showSide(side) {
  byId("work").dataset.side = side;
  for (const one of SIDES) byId(`side-${one}`).ariaPressed = String(one === side);
}

/** Connect the buttons that change sides. */
export function connectSides() {
  for (const side of SIDES) byId(`side-${side}`).addEventListener("click", () => showSide(side));
}
