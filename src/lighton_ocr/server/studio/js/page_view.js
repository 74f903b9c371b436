// The page's image: fitted, zoomed with buttons, keys, the wheel or two fingers, moved by scrolling or
// dragging.

import { byId } from "./dom.js";

const STEP = 1.25;
const MOST = 8;
const MARGIN = 24; // pixels around the sheet
const NARROW = 900; // pixels, below which one side is shown, and the sheet fits its width
const SAID = { waiting: "This page is waiting to be read.", reading: "", done: "", failed: "" };

/** Show the page of a session. */
export function connectPageView(session) {
  const viewer = byId("viewer");
  const zoom = new Zoom(viewer, byId("sheet"), byId("zoom-fit"));
  const show = () => {
    const { page } = session;
    const image = byId("image");
    image.hidden = !page?.image;
    if (page?.image && image.getAttribute("src") !== page.image) image.src = page.image;
    image.alt = page ? `Image of page ${page.number}` : "";
    byId("sheet-note").textContent = page?.image || !page ? "" : SAID[page.status];
    byId("sheet").hidden = !page;
    zoom.size(page?.width || 210, page?.height || 297);
  };
  session.addEventListener("shown", () => {
    show();
    const pages = session.document.pages;
    const at = pages.indexOf(session.page);
    byId("position").textContent = session.page
      ? `Page ${session.page.number} of ${session.document.pageCount}`
      : "";
    byId("previous").disabled = at <= 0;
    byId("next").disabled = at < 0 || at === pages.length - 1;
  });
  session.addEventListener("page", ({ detail }) => detail === session.page && show());
  byId("previous").addEventListener("click", () => session.turn(-1));
  byId("next").addEventListener("click", () => session.turn(1));
  byId("zoom-in").addEventListener("click", () => zoom.by(STEP));
  byId("zoom-out").addEventListener("click", () => zoom.by(1 / STEP));
  byId("zoom-fit").addEventListener("click", () => zoom.fit());
  viewer.addEventListener("keydown", (event) => {
    const act = {
      "+": () => zoom.by(STEP),
      "=": () => zoom.by(STEP),
      "-": () => zoom.by(1 / STEP),
      0: () => zoom.fit(),
    }[event.key];
    if (!act || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    act();
  });
  viewer.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      zoom.by(Math.exp(-event.deltaY / 200), event);
    },
    { passive: false },
  );
  connectDrag(viewer);
  connectPinch(viewer, zoom);
}

class Zoom {
  #width = 210;
  #height = 297;
  #factor = 1; // times the fitted size

  constructor(viewer, sheet, label) {
    Object.assign(this, { viewer, sheet, label });
    new ResizeObserver(() => this.#apply()).observe(viewer);
  }

  size(width, height) {
    [this.#width, this.#height] = [width, height];
    this.#apply();
  }

  fit() {
    this.#factor = 1;
    this.#apply();
  }

  /** Zoom by a factor; what lies under the pointer, or in the middle, stays where it is. */
  by(factor, pointer = null) {
    const { viewer, sheet } = this;
    const view = viewer.getBoundingClientRect();
    const x = pointer ? pointer.clientX : view.left + view.width / 2;
    const y = pointer ? pointer.clientY : view.top + view.height / 2;
    const before = sheet.getBoundingClientRect();
    this.#factor = Math.min(MOST, Math.max(1, this.#factor * factor));
    this.#apply();
    const after = sheet.getBoundingClientRect();
    viewer.scrollLeft += after.left + ((x - before.left) / before.width) * after.width - x;
    viewer.scrollTop += after.top + ((y - before.top) / before.height) * after.height - y;
  }

  #apply() {
    const { clientWidth, clientHeight } = this.viewer;
    if (!clientWidth) return;
    const across = (clientWidth - 2 * MARGIN) / this.#width;
    const down = (clientHeight - 2 * MARGIN) / this.#height;
    const scale = (window.innerWidth <= NARROW ? across : Math.min(across, down)) * this.#factor;
    this.sheet.style.width = `${Math.max(1, this.#width * scale)}px`;
    this.sheet.style.height = `${Math.max(1, this.#height * scale)}px`;
    this.label.textContent = this.#factor === 1 ? "Fit" : `${Math.round(this.#factor * 100)} %`;
    this.label.ariaLabel = `Zoom ${Math.round(this.#factor * 100)} %, fit the page`;
    this.viewer.classList.toggle("zoomed", this.#factor > 1);
  }
}

// A mouse drags the sheet; fingers scroll it, which browsers do by themselves.
function connectDrag(viewer) {
  let dragged = false;
  viewer.addEventListener("pointerdown", (event) => {
    dragged =
      event.pointerType === "mouse" && event.button === 0 && !event.target.closest("button");
    if (dragged) viewer.setPointerCapture(event.pointerId);
  });
  viewer.addEventListener("pointermove", (event) => {
    if (dragged) viewer.scrollBy(-event.movementX, -event.movementY);
  });
  for (const end of ["pointerup", "pointercancel"])
    viewer.addEventListener(end, () => (dragged = false));
}

// Two fingers zoom the sheet and move it. Left to the browser, they would zoom the whole window.
function connectPinch(viewer, zoom) {
  let before = null;
  const begin = ({ touches }) => {
    before = pinchOf(touches);
  };
  viewer.addEventListener("touchstart", begin, { passive: true });
  viewer.addEventListener("touchend", begin);
  viewer.addEventListener(
    "touchmove",
    (event) => {
      const now = pinchOf(event.touches);
      if (!now || !before) return;
      event.preventDefault();
      viewer.scrollBy(before.clientX - now.clientX, before.clientY - now.clientY);
      zoom.by(now.spread / before.spread, now);
      before = now;
    },
    { passive: false },
  );
}

function pinchOf([one, other]) {
  if (!other) return null;
  return {
    clientX: (one.clientX + other.clientX) / 2,
    clientY: (one.clientY + other.clientY) / 2,
    spread: Math.max(1, Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY)),
  };
}
