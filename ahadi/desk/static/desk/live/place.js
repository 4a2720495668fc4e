// What the server wrote for these scripts: addresses and words in the reader's language.
const line = document.getElementById("live");
export const place = line?.dataset ?? {};
export const fill = (text, value) => text.replace("{}", value);
export const number = new Intl.NumberFormat(document.documentElement.lang);
export const ticket = () => document.querySelector("main.ticket[data-number]");
export const composer = () => document.querySelector("form.composer[data-sketch]");
export const token = () => document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";

/** Posts fields as a form would; the answer comes back whatever its status. */
export const post = (url, fields, more = {}) => {
  const body = new URLSearchParams({ ...fields, csrfmiddlewaretoken: token() });
  return fetch(url, { method: "POST", body, headers: { "X-Live": "1" }, redirect: "manual", ...more });
};

// Said politely, and not line by line: what comes within some seconds is said at once, with its newest words.
const QUIET = 5_000;
let said = 0;
let waiting = 0;
export const say = (text) => {
  const voice = document.getElementById("voice");
  if (!voice) return;
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    said = Date.now();
    voice.textContent = text;
  }, Math.max(200, said + QUIET - Date.now()));
};
