// The server's API key: asked for once, kept in this tab's session.

import { byId } from "./dom.js";

const NAME = "lighton-ocr-key";

/** Return the headers that carry the key, none without one. */
export function authorization() {
  const key = sessionStorage.getItem(NAME);
  return key ? { Authorization: `Bearer ${key}` } : {};
}

/** Ask for the key; return whether one was given. `refused`: the server did not take the last one. */
export function askForKey(refused) {
  const dialog = byId("key-dialog");
  const input = byId("key-input");
  byId("key-title").textContent = refused
    ? "The server did not accept this key"
    : "This server requires a key";
  input.value = "";
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener(
      "close",
      () => {
        const given = dialog.returnValue === "given";
        if (given) sessionStorage.setItem(NAME, input.value.trim());
        showForget();
        resolve(given);
      },
      { once: true },
    );
  });
}

/** Connect the dialog and the button that forgets the key. */
export function connectKey() {
  byId("key-form").addEventListener("submit", (event) => {
    event.preventDefault();
    byId("key-dialog").close("given");
  });
  byId("key-cancel").addEventListener("click", () => byId("key-dialog").close(""));
  byId("forget-key").addEventListener("click", () => {
    sessionStorage.removeItem(NAME);
    showForget();
  });
  showForget();
}

function showForget() {
  byId("forget-key").hidden = !sessionStorage.getItem(NAME);
}
