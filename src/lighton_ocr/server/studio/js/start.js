// How documents come in: chosen, dropped, pasted, or one of the examples.

import { byId } from "./dom.js";

/** Connect the start page, and the whole window's drop and paste, to a session. */
export function connectStart(session) {
  const pages = byId("pages");
  const add = (files) => {
    if (!files.length) return;
    session.add([...files], { pages: pages.value.trim() });
    pages.value = ""; // the next files may have other pages
    showStart(false);
  };
  connectPicker(add);
  connectDrop(add);
  document.addEventListener("paste", (event) => add(event.clipboardData.files));
  for (const button of document.querySelectorAll("[data-example]")) {
    button.addEventListener("click", async () => add([await example(button.dataset.example)]));
  }
  byId("add").addEventListener("click", () => showStart(true));
  byId("back").addEventListener("click", () => showStart(false));
  byId("document-select").addEventListener("change", () => showStart(false));
}

function showStart(shown) {
  byId("start").hidden = !shown;
  byId("work").hidden = shown;
  byId("back").hidden = !shown;
  if (shown) byId("pick").focus();
}

function connectPicker(add) {
  const input = byId("files");
  byId("pick").addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    add(input.files);
    input.value = "";
  });
}

async function example(name) {
  const response = await fetch(`examples/${name}`);
  return new File([await response.blob()], name, { type: "application/pdf" });
}

function connectDrop(add) {
  const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
  const over = (shown) => {
    byId("dropping").hidden = !shown;
  };
  window.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    over(true);
  });
  window.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) over(false);
  });
  window.addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    over(false);
    add(event.dataTransfer.files);
  });
}
