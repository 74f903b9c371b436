// Boxes over the page, linked with their text both ways.

import { byId, element } from "./dom.js";
import { showSide } from "./sides.js";

/** Draw the boxes of the shown page, and light up what belongs together. */
export function connectBoxes(session, textView) {
  const overlay = byId("boxes");
  const toggle = byId("show-boxes");
  const draw = () => {
    const boxed = (session.page?.blocks ?? [])
      .map((block, index) => [block, index])
      .filter(([block]) => block.box);
    overlay.replaceChildren(...boxed.map(([block, index]) => boxOf(block, index)));
    toggle.hidden = !boxed.length;
    if (overlay.firstChild) overlay.firstChild.tabIndex = 0;
    for (const [at, part] of [...byId("panel").querySelectorAll("[data-block]")].entries()) {
      part.tabIndex = at ? -1 : 0;
    }
  };
  textView.addEventListener("drawn", draw);
  toggle.addEventListener("click", () => {
    const shown = toggle.ariaPressed !== "true";
    toggle.ariaPressed = String(shown);
    overlay.hidden = !shown;
  });
  link(overlay, byId("panel"), () => showSide("text"));
  link(byId("panel"), overlay);
}

function boxOf({ kind, box: [left, top, right, bottom], text }, index) {
  const words = (text ?? "")
    .replace(/<[^>]*>|^#+/g, " ")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, 80);
  const made = element("button", {
    type: "button",
    class: "box",
    tabindex: -1,
    "data-block": index,
    "aria-label": words ? `${kind}: ${words}` : kind,
    title: kind,
  });
  Object.assign(made.style, {
    left: `${left / 10}%`,
    top: `${top / 10}%`,
    width: `${(right - left) / 10}%`,
    height: `${(bottom - top) / 10}%`,
  });
  return made;
}

// Hovering and focusing light up both sides; a click or Enter scrolls the other side to its part.
// Each side is one tab stop, in which arrows move. `reveal` shows the other side if it is hidden.
function link(side, other, reveal = () => {}) {
  const blockAt = (event) => event.target.closest("[data-block]");
  for (const event of ["pointerover", "focusin"]) {
    side.addEventListener(event, (happened) => lightUp(blockAt(happened)?.dataset.block));
  }
  for (const event of ["pointerleave", "focusout"])
    side.addEventListener(event, () => lightUp(null));
  const follow = (event) => {
    const block = blockAt(event)?.dataset.block;
    if (block === undefined || getSelection().toString()) return;
    reveal();
    lightUp(block);
    const partner = other.querySelector(`[data-block="${block}"]`);
    if (!side.offsetParent) partner?.focus({ preventScroll: true }); // what had it is hidden now
    partner?.scrollIntoView({ block: "nearest", inline: "nearest", behavior: "smooth" });
  };
  side.addEventListener("click", follow);
  side.addEventListener("keydown", (event) => {
    const here = blockAt(event);
    if (!here) return;
    if (event.key === "Enter") follow(event);
    const by = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    const all = [...side.querySelectorAll("[data-block]")];
    const next = all[all.indexOf(here) + by];
    if (!next) return;
    [here.tabIndex, next.tabIndex] = [-1, 0];
    next.focus();
  });
}

function lightUp(block) {
  for (const lit of document.querySelectorAll(".lit")) lit.classList.remove("lit");
  if (block == null) return;
  for (const part of document.querySelectorAll(`[data-block="${block}"]`))
    part.classList.add("lit");
}
