// What is known of the talk: one state, changed by answers and by the stream, and told to whoever shows it.
import { about, kept } from "./place.js";
import { call } from "./call.js";

export const state = { availability: about.availability, talk: null, visitor: null, last: 0, isLoaded: false };
export const entries = new Map();
export const news = new EventTarget();
const announce = (type, detail) => news.dispatchEvent(new CustomEvent(type, { detail }));

export const add = (entry) => {
  if (entries.has(entry.seq)) return;
  entries.set(entry.seq, entry);
  state.last = Math.max(state.last, entry.seq);
  announce("entry", entry);
};

export const absorb = (given) => {
  // Another talk: what stood here belongs to the one before.
  if (given.talk && state.talk && given.talk.code !== state.talk.code) clear();
  for (const key of ["availability", "talk", "visitor"]) if (given[key] !== undefined) state[key] = given[key];
  for (const entry of given.entries ?? []) add(entry);
  if (given.entry) add(given.entry);
  state.isLoaded = true;
  announce("change");
};

export const clear = () => {
  entries.clear();
  Object.assign(state, { talk: null, last: 0 });
  announce("clear");
};

let asking = null;
export const catchUp = () => {
  asking ??= (async () => {
    // A long absence comes in parts.
    for (let before = -1; before < state.last || before < 0; ) {
      before = state.last;
      absorb(await call(`/widget/events/?after=${before}`, { method: "GET" }));
      if (!state.talk || state.talk.seq <= state.last) break;
    }
  })().finally(() => { asking = null; });
  return asking;
};

// The stream tells entries one by one: one that is missing in between is fetched.
export const hearEntry = (entry) => {
  if (entry.seq > state.last + 1) return catchUp().catch(() => {});
  add(entry);
  announce("change");
  // Whoever is answered waits in no line any more: the head does not say so for a moment longer.
  if (entry.by !== "visitor" && state.availability?.state === "busy") catchUp().catch(() => {});
};

export const hearTalk = (talk) => {
  absorb({ talk });
  if (talk && talk.seq > state.last) catchUp().catch(() => {});
};

export const unread = () => {
  const read = kept.read("read") ?? 0;
  return [...entries.values()].filter((entry) => entry.seq > read && (entry.by === "person" || entry.by === "automatic")).length;
};
