// The keys of the desk: one letter, G and a letter, or Ctrl and a letter. [data-key] is clicked or focused. Never while typing.
import { send, show } from "./panes.js";
import { toggle } from "./width.js";

const typing = (target) => target.closest("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]:not([contenteditable=false])");
const rows = () => [...document.querySelectorAll("[data-row]")];
const isOpen = () => document.querySelector(".desk--ticket");
const desk = () => document.querySelector(".desk");
const chosen = () => JSON.parse(desk()?.dataset.keys || "{}");
const link = (path) => show(`/desk/${path}/`, { focus: "row" });

// The place on the keyboard, so that Persian and Hebrew layouts work; signs stay what they are.
const named = (event) => (/^Key[A-Z]$/.test(event.code) ? event.code.slice(3).toLowerCase() : event.key);

const here = () => {
  const all = rows();
  const focused = all.indexOf(document.activeElement.closest?.("[data-row]"));
  return focused < 0 ? all.findIndex((row) => row.hasAttribute("aria-current")) : focused;
};
const next = (by) => {
  const all = rows();
  return all[Math.min(Math.max(here() + by, 0), all.length - 1)];
};

const step = (by) => {
  const row = next(by);
  if (!row) return;
  if (isOpen() && !row.hasAttribute("aria-current")) show(row.href, { focus: "main" });
  else if (!isOpen()) row.focus();
};

const write = (kind) => {
  const mode = document.querySelector(`[name="kind"][value="${kind}"]`);
  const text = document.getElementById("text");
  if (!mode || !text) return false;
  mode.checked = true;
  mode.dispatchEvent(new Event("change", { bubbles: true }));
  text.focus();
  return true;
};

// Opens what it stands in, then clicks or focuses it; in a menu the first choice has the focus. Words that must be
// there first are asked for before: Enter in them clicks.
const press = (letter) => {
  const target = [...document.querySelectorAll(`[data-key="${CSS.escape(letter)}"]`)].pop();
  if (!target) return false;
  // A summary opens its own menu by the click.
  const first = target.matches("summary") ? target.parentElement : target;
  for (let menu = first.parentElement?.closest("details"); menu; menu = menu.parentElement?.closest("details")) menu.open = true;
  const lacking = [...(target.form?.querySelectorAll("[data-first]") ?? [])].find((field) => !field.value.trim());
  if (lacking) lacking.focus();
  else if (target.matches("input:not([type=submit]), select, textarea")) {
    target.focus();
    target.select?.();
  } else target.click();
  if (target.matches("summary") && target.parentElement.open) target.parentElement.querySelector("button, a[href], input:not([type=hidden]), select")?.focus();
  return true;
};

const solve = async (goesOn) => {
  const button = document.querySelector('[data-key="e"]');
  if (!button) return false;
  const wanted = next(1)?.dataset.row;
  const current = document.querySelector(".row[aria-current]")?.dataset.row;
  await send(button.form, button, { focus: "row" });
  const row = wanted && wanted !== current && document.querySelector(`[data-row="${CSS.escape(wanted)}"]`);
  if (row && goesOn) show(row.href, { focus: "main" });
  else row?.focus();
  return true;
};

const select = (range) => {
  const row = rows()[here()];
  if (!row) return false;
  row.closest("li").querySelector("[data-select]")?.click();
  document.dispatchEvent(new CustomEvent("desk:select", { detail: { row, range } }));
  return true;
};

const back = () => {
  const way = isOpen() && document.querySelector('[data-key="u"]');
  if (!way) return false;
  show(way.href, { focus: "row" });
  return true;
};

const acts = {
  next: () => step(1), previous: () => step(-1), open: () => rows()[here()]?.click(), back,
  search: () => (document.getElementById("q")?.offsetParent ? press("/") : document.getElementById("palette")?.showModal()),
  reply: () => write("reply"), note: () => write("note"), assign: () => press("a"), mine: () => press("i"),
  status: () => press("s"), solve: () => solve(false), snooze: () => press("h"), tags: () => press("t"), priority: () => press("p"),
  promise: () => press("d"), macro: () => press("m"), select: () => select(false), undo: () => press("z"),
  views: () => toggle("views"), panel: () => toggle("context"), help: () => document.getElementById("keys")?.showModal(),
};
const ways = { i: "open", p: "due-today", b: "broken", u: "unassigned", m: "mine", s: "settings" };

const submit = (form, whole) => {
  const isNote = form.querySelector('[value="note"]:checked');
  form.requestSubmit(form.querySelector(isNote ? ".composer__note" : whole ? '[name="then"][value="solve"]' : ".composer__reply > button"));
};

const copy = async (text) => {
  await navigator.clipboard?.writeText(text);
  document.getElementById("voice").textContent = desk().dataset.copied;
};

// With Ctrl or Command: these work in text fields too.
const held = (event, key) => {
  const form = event.target.closest(".composer");
  if (event.key === "Enter" && form) submit(form, event.shiftKey);
  else if (key === "e" && isOpen()) solve(true);
  else if (event.key === "/") acts.help();
  else if (event.code === "Period" && isOpen()) copy(event.shiftKey ? location.href : document.querySelector(".head [data-copy]").dataset.copy);
  else return false;
  return true;
};

let going = 0;
const go = (key) => {
  const way = going > 0 && performance.now() - going < 1500 && ways[key];
  going = key === "g" && !way ? performance.now() : 0;
  if (way === "settings") location.assign("/desk/settings/");
  else if (way) link(way);
  return Boolean(way) || going > 0;
};

document.addEventListener("keydown", (event) => {
  const key = named(event);
  if (event.defaultPrevented || event.isComposing) return;
  if (event.ctrlKey || event.metaKey) {
    if (!event.altKey && held(event, key)) event.preventDefault();
    return;
  }
  if (event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
  if (event.key === "Escape" && !document.querySelector("details.menu[open]")) return back() && event.preventDefault();
  const keys = chosen();
  if (!Object.keys(keys).length) return;
  if (event.shiftKey && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    select(true);
    next(event.key === "ArrowDown" ? 1 : -1)?.focus();
    select(true);
  } else if (event.shiftKey && key === "a") press("i");
  else if (event.shiftKey && /^Key/.test(event.code)) return;
  else if (!go(key) && (!keys[key] || acts[keys[key]]() === false)) return;
  event.preventDefault();
});

// What a key does stands on the thing itself, for those who hear the page.
const letters = { a: "assign", e: "solve", i: "mine", s: "status", h: "snooze", t: "tags", p: "priority", d: "promise", m: "macro", z: "undo", u: "back", "/": "search", r: "reply", n: "note" };
const tell = () => {
  const own = Object.fromEntries(Object.entries(chosen()).map(([key, act]) => [act, key]));
  for (const target of document.querySelectorAll("[data-key]")) {
    const key = own[letters[target.dataset.key]];
    const told = key === "e" ? "E Control+E" : key?.toUpperCase();
    if ((target.getAttribute("aria-keyshortcuts") ?? undefined) === told) continue;
    if (told) target.setAttribute("aria-keyshortcuts", told);
    else target.removeAttribute("aria-keyshortcuts");
  }
};
tell();
// Pages that refresh themselves take away what scripts have added.
new MutationObserver(tell).observe(document.body, { subtree: true, childList: true, attributeFilter: ["aria-keyshortcuts"] });

document.addEventListener("change", (event) => {
  const place = event.target.dataset?.files && document.getElementById(event.target.dataset.files);
  if (place) place.textContent = [...event.target.files].map((file) => file.name).join(", ");
});
