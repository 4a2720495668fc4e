// Somebody wants to speak with a person: a calm panel on every page, a stop-watch, a sound, a window of the system.
import { listen } from "./line.js";
import { post } from "./place.js";

const BUSY = "ahadi-call";
const RHYTHM = 3_000;
const panel = () => document.getElementById("rings");
const two = new Intl.NumberFormat(document.documentElement.lang, { minimumIntegerDigits: 2, useGrouping: false });
let audio = null;
let sounding = 0;
let release = null;

const ring = () => [...panel().querySelectorAll("[data-ring]")];

const tick = () => {
  for (const place of document.querySelectorAll("[data-since]")) {
    const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(place.dataset.since)) / 1000));
    place.textContent = `${two.format(Math.floor(seconds / 60))}:${two.format(seconds % 60)}`;
  }
};

// Two soft tones; a browser that nobody has touched yet stays silent.
const chime = () => {
  audio ||= new AudioContext();
  if (audio.state !== "running") { audio.resume().catch(() => {}); return; }
  [660, 880].forEach((pitch, place) => {
    const tone = audio.createOscillator();
    const loudness = audio.createGain();
    const at = audio.currentTime + place * 0.22;
    tone.frequency.value = pitch;
    loudness.gain.setValueAtTime(0.0001, at);
    loudness.gain.exponentialRampToValueAtTime(0.12, at + 0.03);
    loudness.gain.exponentialRampToValueAtTime(0.0001, at + 0.4);
    tone.connect(loudness).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.42);
  });
};

// One tab of a browser sounds for all.
const sound = () => {
  if (sounding) return;
  const begin = () => { chime(); sounding = setInterval(chime, RHYTHM); };
  if (!navigator.locks) { begin(); return; }
  navigator.locks.request("ahadi-ring", { ifAvailable: true }, (lock) => {
    if (!lock || sounding) return undefined;
    begin();
    return new Promise((resolve) => { release = resolve; });
  });
};

const hush = () => {
  clearInterval(sounding);
  sounding = 0;
  release?.();
  release = null;
};

const windows = () => {
  if (!("Notification" in window) || Notification.permission !== "granted" || document.hasFocus()) return;
  for (const each of ring()) {
    const made = new Notification(panel().dataset.heading, { body: each.querySelector("h2")?.textContent ?? "", tag: `ring-${each.dataset.ring}`, icon: "/icon-192.png", lang: document.documentElement.lang, dir: "auto" });
    made.addEventListener("click", () => { window.focus(); made.close(); });
  }
};

const draw = async () => {
  const answer = await fetch(panel().dataset.src, { headers: { "X-Live": "1" } }).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const known = new Set(ring().map((each) => each.dataset.ring));
  panel().innerHTML = await answer.text();
  tick();
  if (!panel().querySelector("[data-mine]")) sessionStorage.removeItem(BUSY);
  const fresh = ring().some((each) => !known.has(each.dataset.ring));
  if (!ring().length) hush();
  else if (fresh) { sound(); windows(); }
};

const refuse = async (form) => {
  form.closest("[data-ring]").remove();
  if (!ring().length) hush();
  await post(form.action, {}).catch(() => null);
};

export const start = () => {
  if (!panel()) return;
  listen("ring", draw);
  // Pages of a call show it themselves.
  if (sessionStorage.getItem(BUSY) && !document.querySelector(".calling__dial")) draw();
  panel().addEventListener("submit", (event) => {
    if (event.target.matches("[data-accept]")) sessionStorage.setItem(BUSY, "1");
    if (!event.target.matches("[data-refuse]")) return;
    event.preventDefault();
    refuse(event.target);
  });
  setInterval(tick, 1_000);
  tick();
};
