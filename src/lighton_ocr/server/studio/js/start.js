// How documents come in: chosen, dropped, pasted, or one of the examples.

import { byId } from "./dom.js";

/** Connect the start page and the whole window's drop and paste to a session. */
export function connectStart(session) {
  const add = (files) => session.add([...files], byId("pages").value.trim());
  const input = byId("files");
  for (const id of ["pick", "add"]) byId(id).addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    add(input.files);
    input.value = "";
  });
  connectDrop(add);
  document.addEventListener("paste", (event) => {
    if (event.clipboardData.files.length) add(event.clipboardData.files);
  });
  for (const button of document.querySelectorAll("[data-example]")) {
    button.addEventListener("click", async () => {
      const name = button.dataset.example;
      const response = await fetch(`examples/${name}`);
      add([new File([await response.blob()], name, { type: "application/pdf" })]);
    });
  }
  session.addEventListener("documents", () => {
    byId("start").hidden = true;
    byId("work").hidden = false;
  });
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
