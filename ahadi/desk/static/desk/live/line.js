// One stream of events for each browser: the tab that holds the lock reads it and passes everything on to the others.
import { place } from "./place.js";

const BEAT = 50_000;
const PATIENCE = 3_000;
const LONGEST = 15_000;
const NAMES = ["ticket", "lists", "here", "hello", "place", "reset", "ring"];

const hearers = new Map();
const channel = new BroadcastChannel(`ahadi-${place.agent}`);
// What a tab that comes later has to know: told again when it asks.
const standing = {};
const me = Math.random();
let source = null;
let last = null;
let heard = 0;
let failures = 0;
let retry = 0;
let lost = 0;
let leads = false;

/** Calls `hear(data)` for every event of a name; "open" and "lost" tell about the line itself. */
export const listen = (name, hear) => hearers.set(name, [...(hearers.get(name) ?? []), hear]);

const tell = (name, data) => {
  if (name === "here" || name === "hello" || name === "ring") standing[name] = data;
  for (const hear of hearers.get(name) ?? []) hear(data);
};

/** Tells this tab and all others of this browser. */
export const pass = (name, data) => {
  channel.postMessage({ name, data });
  tell(name, data);
};

const open = () => {
  clearTimeout(retry);
  source?.close();
  heard = Date.now();
  source = new EventSource(place.stream + (last === null ? "" : `?after=${last}`));
  source.addEventListener("open", settle);
  source.addEventListener("error", drop);
  source.addEventListener("beat", () => { heard = Date.now(); });
  for (const name of NAMES) source.addEventListener(name, (event) => hear(name, event));
};

const hear = (name, event) => {
  heard = Date.now();
  if (event.lastEventId) last = event.lastEventId;
  pass(name, JSON.parse(event.data));
};

const settle = () => {
  failures = 0;
  clearTimeout(lost);
  lost = 0;
  pass("open", {});
};

const drop = () => {
  source?.close();
  source = null;
  failures += 1;
  lost ||= setTimeout(() => pass("lost", {}), PATIENCE);
  if (failures > 1 && navigator.onLine) askWhetherOut();
  clearTimeout(retry);
  retry = setTimeout(open, Math.min(LONGEST, 500 * 2 ** failures) * (0.5 + Math.random() / 2));
};

// A stream cannot say why it was refused; any page of the desk can.
const askWhetherOut = async () => {
  try {
    const answer = await fetch(place.presences, { method: "POST", redirect: "manual" });
    if (answer.type === "opaqueredirect") pass("out", {});
  } catch {
    // No network: that is what is tried again.
  }
};

const lead = () => {
  leads = true;
  open();
  setInterval(() => { if (source && Date.now() - heard > BEAT) drop(); }, 5_000);
  addEventListener("offline", () => { if (source) drop(); });
  addEventListener("online", open);
  return new Promise(() => {});
};

const catchUp = (to, told) => {
  if (to === me) for (const [name, data] of Object.entries(told)) tell(name, data);
};

channel.addEventListener("message", ({ data: { name, data, standing: told } }) => {
  if (name === "who" && leads) channel.postMessage({ name: "standing", data, standing });
  else if (name === "standing") catchUp(data, told);
  else if (name !== "who") tell(name, data);
});

export const start = () => {
  channel.postMessage({ name: "who", data: me });
  // Without locks (an address without https) every tab has a stream of its own.
  if (navigator.locks) navigator.locks.request(`ahadi-${place.agent}`, lead);
  else lead();
};
