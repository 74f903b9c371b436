// The pages in small, each with its state; one tab stop, arrows move.

import { byId, count, element } from "./dom.js";

const STATES = {
  waiting: "waits",
  reading: "is being read",
  done: "read",
  failed: "could not be read",
};

/** Show the pages of the shown document. */
export function connectThumbnails(session) {
  const list = byId("thumbnails").querySelector("ol");
  const button = (page) => list.querySelector(`[data-page="${page.index}"]`);
  let listed = null;

  session.addEventListener("shown", () => {
    if (listed !== session.document.pages) {
      listed = session.document.pages;
      list.replaceChildren(...listed.map((page) => thumbnail(session, page)));
    }
    for (const one of list.querySelectorAll("button")) {
      const current = one === (session.page && button(session.page));
      one.ariaCurrent = current ? "page" : null;
      one.tabIndex = current ? 0 : -1;
      if (current) reveal(one);
    }
  });
  session.addEventListener("page", ({ detail: page }) => {
    if (session.document.pages.includes(page)) update(button(page), page);
  });
  list.addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation();
    session.turn(by);
    button(session.page).focus({ preventScroll: true });
  });
}

function thumbnail(session, page) {
  const made = element(
    "button",
    {
      type: "button",
      "data-page": page.index,
      click: () => session.show(session.document, page),
    },
    element("span", { class: "thumbnail-sheet" }),
    element("span", { class: "thumbnail-number" }, page.number),
  );
  update(made, page);
  return element("li", {}, made);
}

function update(button, page) {
  button.dataset.state = page.warnings.length && page.status === "done" ? "warned" : page.status;
  const warned = page.warnings.length ? `, ${count(page.warnings.length, "warning")}` : "";
  const corrected = page.corrected === null ? "" : ", corrected";
  button.ariaLabel = `Page ${page.number}: ${STATES[page.status]}${warned}${corrected}`;
  const sheet = button.firstElementChild;
  if (page.image && !sheet.firstChild) {
    sheet.append(
      element("img", {
        src: page.image,
        alt: "",
        width: page.width,
        height: page.height,
        loading: "lazy",
      }),
    );
  }
}

// Without scrollIntoView, which would scroll the whole window as well.
function reveal(button) {
  const list = button.closest("nav");
  const [box, view] = [button.getBoundingClientRect(), list.getBoundingClientRect()];
  if (box.top < view.top || box.bottom > view.bottom)
    list.scrollTop += box.top - view.top - view.height / 3;
  if (box.left < view.left || box.right > view.right)
    list.scrollLeft += box.left - view.left - view.width / 3;
}
