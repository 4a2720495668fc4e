// The page reads itself anew when something changed, and takes over what it shows. Nothing under the reader's eyes moves.
import { fill, number, place, ticket } from "./place.js";
import { morph } from "./morph.js";

// The ticket in front of somebody is read anew at once, a list around it has time.
const PAUSE = 1_000;
const LONG_PAUSE = 3_000;
const NEAR = 48;

let timer = 0;
let due = 0;
let asked = 0;
let changed = 0;
let isAsking = false;
let isWanted = false;
let held = null;

const address = () => ticket()?.dataset.live ?? location.pathname + location.search;

/** Brings the page up to date soon, but not all the time, and not while nobody looks. */
export const refresh = (isNear = true) => {
  if (!document.querySelector(".list__scroll, main.ticket")) return;
  changed = Date.now();
  isWanted = true;
  if (document.hidden || isAsking) return;
  const at = Math.max(60, asked + (isNear ? PAUSE : LONG_PAUSE) - Date.now());
  if (timer && due <= Date.now() + at) return;
  clearTimeout(timer);
  due = Date.now() + at;
  timer = setTimeout(ask, at);
};

const ask = async () => {
  timer = 0;
  isWanted = false;
  isAsking = true;
  asked = Date.now();
  const from = address();
  try {
    const answer = await fetch(from, { headers: { "X-Live": "1" }, redirect: "manual" });
    if (answer.ok) {
      const text = await answer.text();
      if (from === address()) take(new DOMParser().parseFromString(text, "text/html"));
    }
  } catch {
    // The line says that it is lost; when it is back, the page is read again.
  }
  isAsking = false;
  if (isWanted) refresh();
};

// Whether a mail has left is no entry: it is looked up some seconds later, a few times.
let looks = 0;
const lookAgain = () => {
  const waits = document.querySelector(".say__delivery--queued, .say__delivery--sending");
  if (!waits) looks = 0;
  else if ((looks += 1) < 6) setTimeout(refresh, 1_000 * looks);
};

const take = (newer) => {
  for (const part of [".views", ".list__head"]) swap(part, newer);
  takeList(newer);
  if (ticket() && ticket().dataset.number === newer.querySelector("main.ticket")?.dataset.number) takeTicket(newer);
  document.dispatchEvent(new CustomEvent("desk:fresh"));
  lookAgain();
};

const swap = (part, newer) => {
  const here = document.querySelector(part);
  const there = newer.querySelector(part);
  if (here && there) morph(here, there);
};

// ── the list ────────────────────────────────────────────────────────────────

const list = () => document.querySelector(".list__scroll");
const rows = (root) => [...root.querySelectorAll("[data-row]")];
const isInUse = (here) => here.matches(":hover") || here.querySelector("[data-select]:checked") || (here.contains(document.activeElement) && here !== document.activeElement);

const takeList = (newer) => {
  const here = list();
  const there = newer.querySelector(".list__scroll");
  if (!here || !there) return;
  const current = here.querySelector("[data-row][aria-current]")?.dataset.row;
  if (current) there.querySelector(`[data-row="${current}"]`)?.setAttribute("aria-current", "true");
  const before = rows(here).map((row) => row.dataset.row).join();
  const after = rows(there).map((row) => row.dataset.row).join();
  if (before === after) {
    hold(null);
    morph(here, there);
  } else if (isInUse(here)) {
    hold(there);
  } else {
    replace(here, there);
  }
};

// While somebody is in the list its rows stay where they are: they change in place, new ones wait behind a mark.
const hold = (there) => {
  held = there;
  const mark = document.querySelector("[data-fresh=list]") ?? made();
  if (!mark) return;
  if (!there) return void (mark.hidden = true);
  const here = list();
  const known = new Map(rows(here).map((row) => [row.dataset.row, row]));
  const coming = rows(there).filter((row) => !known.has(row.dataset.row));
  for (const row of rows(there)) if (known.has(row.dataset.row)) morph(known.get(row.dataset.row), row);
  const staying = new Set(rows(there).map((row) => row.dataset.row));
  for (const [key, row] of known) row.toggleAttribute("data-gone", !staying.has(key));
  mark.textContent = fill(place.fresh, number.format(coming.length || [...known.keys()].filter((key) => !staying.has(key)).length));
  mark.hidden = false;
};

const made = () => {
  const head = document.querySelector(".list");
  if (!head) return null;
  const mark = document.createElement("button");
  Object.assign(mark, { type: "button", className: "fresh__mark fresh__mark--list", hidden: true });
  Object.assign(mark.dataset, { fresh: "list", own: "" });
  head.append(mark);
  return mark;
};

const show = () => {
  const there = held;
  if (there && list()) replace(list(), there);
};

const replace = (here, there) => {
  hold(null);
  const anchor = here.scrollTop > 0 && rows(here).find((row) => row.getBoundingClientRect().bottom > here.getBoundingClientRect().top);
  const key = anchor && anchor.dataset.row;
  const from = anchor && anchor.getBoundingClientRect().top;
  const top = here.scrollTop;
  here.replaceChildren(...[...there.childNodes].map((node) => document.importNode(node, true)));
  here.scrollTop = top;
  const same = key && here.querySelector(`[data-row="${key}"]`);
  if (same) here.scrollTop += same.getBoundingClientRect().top - from;
};

document.addEventListener("click", (event) => {
  const mark = event.target.closest("[data-fresh]");
  if (mark?.dataset.fresh === "list") show();
  if (mark?.dataset.fresh === "talk") toNewest();
});
const release = () => setTimeout(() => { if (held && list() && !isInUse(list())) show(); }, 400);
document.addEventListener("pointerout", (event) => { if (held && !event.relatedTarget?.closest?.(".list")) release(); });
document.addEventListener("focusout", () => { if (held) release(); });

// ── the ticket ──────────────────────────────────────────────────────────────

const talk = () => document.querySelector(".ticket__talk");
let below = 0;

const takeTicket = (newer) => {
  const here = ticket();
  const there = newer.querySelector("main.ticket");
  const wasAtEnd = isAtEnd();
  const known = here.querySelectorAll(".thread > .entry").length;
  for (const part of [".head", ".promise", ".leavings"]) swap(`main.ticket ${part}`, newer);
  swap(".context", newer);
  swap("main.ticket .thread", newer);
  here.dataset.seq = there.dataset.seq;
  const more = here.querySelectorAll(".thread > .entry").length - known;
  if (more > 0) arrive(more, wasAtEnd);
};

const isAtEnd = () => {
  const here = talk();
  return !here || here.scrollHeight - here.scrollTop - here.clientHeight < NEAR;
};

const isReading = () => !getSelection().isCollapsed && talk()?.contains(getSelection().anchorNode);

// Who is at the end follows what is said; who reads further up is told, and stays.
const arrive = (more, wasAtEnd) => {
  if (wasAtEnd && !isReading()) return void (talk().scrollTop = talk().scrollHeight);
  below += more;
  const mark = document.querySelector("[data-fresh=talk]");
  mark.textContent = fill(mark.dataset.text, number.format(below));
  mark.hidden = false;
};

const toNewest = () => {
  talk().scrollTop = talk().scrollHeight;
  seen();
};

const seen = () => {
  below = 0;
  const mark = document.querySelector("[data-fresh=talk]");
  if (mark) mark.hidden = true;
};

document.addEventListener("scroll", (event) => { if (below && event.target === talk() && isAtEnd()) seen(); }, true);
document.addEventListener("visibilitychange", () => { if (!document.hidden && isWanted) refresh(); });
// A page that was put in place meanwhile may have been read before the last change.
document.addEventListener("htmx:after:swap", () => {
  below = 0;
  hold(null);
  if (Date.now() - changed < 3_000) refresh();
});
document.addEventListener("desk:stale", () => refresh());
