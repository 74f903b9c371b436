// On paper: the text of all pages, each on a sheet of its own.

import { byId, element } from "./dom.js";
import { pageElement } from "./fragment.js";

/** Fill the printed part when the browser is about to print. */
export function connectPrint(session) {
  const sheets = byId("print");
  window.addEventListener("beforeprint", () => {
    const pages = (session.document?.pages ?? []).filter((page) => page.markdown.trim());
    sheets.replaceChildren(...pages.map((page) => element("section", {}, pageElement(page))));
  });
  window.addEventListener("afterprint", () => sheets.replaceChildren());
}
