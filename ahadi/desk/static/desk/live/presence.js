// Who else is at a ticket: said in its head, as small faces in the list; and telling the others that somebody is here.
import { listen, pass } from "./line.js";
import { refresh } from "./fresh.js";
import { composer, fill, place, post, ticket } from "./place.js";

const LIFE = 20_000;
const TYPING = 8_000;
const AGAIN = 5_000;

const tab = Math.random().toString(36).slice(2, 12);
let at = "";
let there = {};
let drafts = new Set();
let wrote = 0;
let said = 0;
let idle = 0;

const tell = async (state) => {
  const number = state === "gone" ? at : ticket()?.dataset.number;
  if (!number) return;
  said = Date.now();
  try {
    const answer = await post(place.presences, { number, state, tab }, { keepalive: state === "gone" });
    const { seq } = state === "gone" || !answer.ok ? {} : await answer.json();
    if (seq > Number(ticket()?.dataset.seq)) refresh();
  } catch {
    // The next sign of life is twenty seconds away.
  }
};

const isWriting = () => Date.now() - wrote < TYPING;

const arrive = () => {
  const number = ticket()?.dataset.number ?? "";
  if (at && at !== number) tell("gone");
  at = number;
  wrote = 0;
  if (at && !document.hidden) tell("looking");
  show();
};

document.addEventListener("input", (event) => {
  if (!composer()?.contains(event.target) || !event.isTrusted && !event.target.matches("#text")) return;
  const isNew = !isWriting();
  wrote = Date.now();
  if (isNew || Date.now() - said > AGAIN) tell("writing");
  clearTimeout(idle);
  idle = setTimeout(() => tell("looking"), TYPING);
});

setInterval(() => { if (!document.hidden) tell(isWriting() ? "writing" : "looking"); }, LIFE);
document.addEventListener("visibilitychange", () => {
  if (at) tell(document.hidden ? "gone" : "looking");
});
addEventListener("pagehide", () => { if (at) tell("gone"); });
addEventListener("pageshow", (event) => { if (event.persisted) arrive(); });

// ── what is shown ───────────────────────────────────────────────────────────

const first = (name) => `\u2068${name.split(" ")[0]}\u2069`;
const names = (people) => new Intl.ListFormat(document.documentElement.lang, { type: "conjunction" }).format(people.map(([name]) => first(name)));

const sentence = (people, one, more) => (people.length ? fill(people.length > 1 ? more : one, names(people)) : "");

const show = () => {
  const people = there[at] ?? [];
  const writes = people.filter(([, , , isWriting]) => isWriting);
  const looks = people.filter(([, , , isWriting]) => !isWriting);
  for (const line of document.querySelectorAll("[data-presence]")) {
    const { look, looks: looking, write, writes: writing } = line.dataset;
    const parts = [sentence(writes, writing, write), line.dataset.presence === "all" ? sentence(looks, looking, look) : ""];
    const text = parts.filter(Boolean).join(" · ");
    if (line.textContent !== text) line.textContent = text;
  }
  for (const row of document.querySelectorAll("[data-row]")) mark(row);
};

const mark = (row) => {
  const people = there[row.dataset.row] ?? [];
  const isDraft = drafts.has(row.dataset.row);
  const wanted = JSON.stringify([isDraft, people]);
  let place_ = row.querySelector(":scope .row__live");
  if ((place_?.dataset.said ?? "[false,[]]") === wanted) return;
  if (!place_) {
    place_ = document.createElement("span");
    place_.className = "row__live";
    place_.dataset.own = "";
    (row.querySelector(".row__meta") ?? row).append(place_);
  }
  place_.dataset.said = wanted;
  place_.replaceChildren(...(isDraft ? [tag()] : []), ...people.map(face));
};

const tag = () => {
  const made = document.createElement("span");
  made.className = "tag tag--draft";
  made.textContent = place.draft;
  return made;
};

const face = ([name, initials, , isWriting]) => {
  const made = document.createElement("span");
  made.className = `face face--s${isWriting ? " face--writes" : ""}`;
  made.textContent = initials;
  made.title = isWriting ? `${name}: ${place.writes}` : name;
  made.setAttribute("role", "img");
  made.setAttribute("aria-label", made.title);
  return made;
};

/** This agent has begun to write there, or has sent or discarded it. */
export const sketched = (number, isBegun) => {
  if (drafts.has(number) !== isBegun) pass("sketched", { number, isBegun });
};

listen("sketched", ({ number, isBegun }) => {
  if (isBegun) drafts.add(number);
  else drafts.delete(number);
  show();
});

listen("here", (people) => { there = people; show(); });
listen("hello", (told) => { drafts = new Set(told.drafts); show(); });
document.addEventListener("desk:fresh", show);
document.addEventListener("htmx:after:swap", arrive);
export const start = arrive;
