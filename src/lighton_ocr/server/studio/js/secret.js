// The dialog that asks for a key or a password.

import { byId } from "./dom.js";

/** Ask for a secret; `action` is what its button says. Return it, null if it was not given. */
export function askForSecret({ title, note, label, action }) {
  const dialog = byId("secret-dialog");
  const input = byId("secret-input");
  byId("secret-title").textContent = title;
  byId("secret-note").textContent = note;
  byId("secret-label").textContent = label;
  byId("secret-give").textContent = action;
  input.value = "";
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    const close = () => {
      resolve(dialog.returnValue === "given" ? input.value : null);
      input.value = "";
    };
    dialog.addEventListener("close", close, { once: true });
  });
}

/** Connect the dialog's buttons. */
export function connectSecret() {
  byId("secret-form").addEventListener("submit", (event) => {
    event.preventDefault();
    byId("secret-dialog").close("given");
  });
  byId("secret-cancel").addEventListener("click", () => byId("secret-dialog").close(""));
}
