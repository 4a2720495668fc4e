// Where the panel stands: what its page was made with, its words, what this browser keeps, and the page around it.
const { body } = document;
const words = document.getElementById("words").dataset;

export const about = JSON.parse(body.dataset.about);
export const find = (name, root = document) => root.querySelector(`[data-${name}]`);
export const isolate = (text) => `\u2068${text}\u2069`;
export const say = (name, values = {}) => words[name].replace(/%\((\w+)\)s/g, (_all, key) => values[key] ?? "");
export const copyOf = (name) => document.getElementById(name).content.firstElementChild.cloneNode(true);

export const size = (bytes) => {
  const [amount, unit] = bytes < 1e6 ? [Math.max(1, bytes / 1e3), "kilobyte"] : [bytes / 1e6, "megabyte"];
  return new Intl.NumberFormat(about.language, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: amount < 10 ? 1 : 0 }).format(amount);
};

// Said to those who listen to the page; the same sentence again is said again.
const voice = document.getElementById("voice");
export const speak = (text) => {
  voice.textContent = voice.textContent === text ? `${text}\u200b` : text;
};

// ── what is kept: in the frame's own origin, so that scripts of the page around cannot read it ──
const here = `ahadi:${about.site}:`;
const memory = new Map();
const store = (() => {
  try {
    localStorage.setItem(`${here}try`, "1");
    localStorage.removeItem(`${here}try`);
    return localStorage;
  } catch {
    // Where a browser keeps nothing for frames, the talk lives as long as the page.
    return { getItem: (key) => memory.get(key) ?? null, setItem: (key, value) => memory.set(key, value), removeItem: (key) => memory.delete(key), key: (at) => [...memory.keys()][at] ?? null, get length() { return memory.size; } };
  }
})();
export const kept = {
  read: (key) => JSON.parse(store.getItem(here + key) ?? "null"),
  write: (key, value) => store.setItem(here + key, JSON.stringify(value)),
  drop: (key) => store.removeItem(here + key),
  names: (prefix = "") => Array.from({ length: store.length }, (_none, at) => store.key(at)).filter((key) => key.startsWith(here + prefix)).map((key) => key.slice(here.length)),
  clear: () => kept.names().forEach(kept.drop),
};
// Another tab of the same visitor has begun or ended the session.
export const whenElsewhere = (run) => addEventListener("storage", (event) => event.key?.startsWith(here) && run(event.key.slice(here.length), event.newValue));

// ── the page around ──
export const tell = (type, data = {}) => parent.postMessage({ ahadi: 1, type, ...data }, about.origin);
export const raise = (name, detail) => tell("event", { name, detail });
export const hear = (handlers) => addEventListener("message", (event) => {
  if (event.source !== parent || event.origin !== about.origin) return;
  const said = event.data;
  if (said && said.ahadi === 1 && Object.hasOwn(handlers, said.type)) handlers[said.type](said);
});
