// The server's API key: asked for once, kept in this tab's session.

import { byId } from "./dom.js";
import { askForSecret } from "./secret.js";

const NAME = "lighton-ocr-key";

/** Return the headers that carry the key, none without one. */
export function authorization() {
  const key = sessionStorage.getItem(NAME);
  return key ? { Authorization: `Bearer ${key}` } : {};
}

/** Ask for the key; return whether one was given. `refused`: the server did not take the last one. */
export async function askForKey(refused) {
  const key = await askForSecret({
    title: refused ? "The server did not accept this key" : "This server requires a key",
    note: "It is kept until you close this tab, and sent only to this server.",
    label: "API key",
    action: "Use key",
  });
  if (key === null) return false;
  sessionStorage.setItem(NAME, key.trim());
  showForget();
  return true;
}

/** Connect the button that forgets the key. */
export function connectKey() {
  byId("forget-key").addEventListener("click", () => {
    sessionStorage.removeItem(NAME);
    showForget();
  });
  showForget();
}

function showForget() {
  byId("forget-key").hidden = !sessionStorage.getItem(NAME);
}
