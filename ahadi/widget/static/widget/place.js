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

export const clock = (moment) => new Intl.DateTimeFormat(about.language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(new Date(moment));

// Said to those who listen to the page; the same sentence again is said again.
const voice = document.getElementById("voice");
export const speak = (text) => {
  voice.textContent = voice.textContent === text ? `${text}\u200b` : text;
};

// ── what is kept: in the frame's own origin, so that scripts of the page around cannot read it ──
const here = `ahadi:${about.site}:`;
const memory = new Map();

// Where a browser refuses frames its storage, cookies of this frame on this site alone: they are named Partitioned, are
// sent with nothing but the panel's own document, and mean nothing to the server. Beyond a few kilobytes: while the page lives.
const PIECE = 3_000;
const MOST = 12_000;
const KEPT = 30 * 86_400;
const nameOf = (key) => key.replaceAll(":", "~");
const put = (name, value, age) => { document.cookie = `${name}=${value}; path=/widget/frame/; max-age=${age}; SameSite=None; Secure; Partitioned`; };
const cookies = () => new Map(document.cookie.split("; ").filter(Boolean).map((each) => [each.slice(0, each.indexOf("=")), each.slice(each.indexOf("=") + 1)]));
const jar = {
  getItem(key) {
    if (memory.has(key)) return memory.get(key);
    const all = cookies();
    let packed = "";
    for (let at = 0; all.has(`${nameOf(key)}.${at}`); at++) packed += all.get(`${nameOf(key)}.${at}`);
    return packed ? new TextDecoder().decode(Uint8Array.from(atob(packed), (sign) => sign.charCodeAt(0))) : null;
  },
  setItem(key, value) {
    jar.removeItem(key);
    const packed = btoa(Array.from(new TextEncoder().encode(value), (byte) => String.fromCharCode(byte)).join(""));
    if (document.cookie.length + packed.length > MOST) return void memory.set(key, value);
    for (let at = 0; at * PIECE < packed.length; at++) put(`${nameOf(key)}.${at}`, packed.slice(at * PIECE, (at + 1) * PIECE), KEPT);
    if (jar.getItem(key) !== value) memory.set(key, value);
  },
  removeItem(key) {
    memory.delete(key);
    for (const name of cookies().keys()) if (name.startsWith(`${nameOf(key)}.`)) put(name, "", 0);
  },
  keys: () => [...new Set([...memory.keys(), ...[...cookies().keys()].map((name) => name.replace(/\.\d+$/, "").replaceAll("~", ":"))])],
};

const store = (() => {
  try {
    localStorage.setItem(`${here}try`, "1");
    localStorage.removeItem(`${here}try`);
    return localStorage;
  } catch {
    return jar;
  }
})();
const keys = () => (store === jar ? jar.keys() : Object.keys(store));
export const kept = {
  read: (key) => JSON.parse(store.getItem(here + key) ?? "null"),
  write: (key, value) => store.setItem(here + key, JSON.stringify(value)),
  drop: (key) => store.removeItem(here + key),
  names: (prefix = "") => keys().filter((key) => key.startsWith(here + prefix)).map((key) => key.slice(here.length)),
  clear: () => kept.names().forEach(kept.drop),
};
// Another tab of the same visitor has ended the session: seen at once, or when this one is looked at again.
export const whenSignedOutElsewhere = (run) => {
  let had = false;
  const look = () => {
    const has = Boolean(kept.read("token"));
    if (had && !has) run();
    had = has;
  };
  addEventListener("storage", look);
  document.addEventListener("visibilitychange", look);
  return look;
};

// ── the page around ──
export const tell = (type, data = {}) => parent.postMessage({ ahadi: 1, type, ...data }, about.origin);
export const raise = (name, detail) => tell("event", { name, detail });
export const hear = (handlers) => addEventListener("message", (event) => {
  if (event.source !== parent || event.origin !== about.origin) return;
  const said = event.data;
  if (said && said.ahadi === 1 && Object.hasOwn(handlers, said.type)) handlers[said.type](said);
});
