// While somebody writes and something is said, the button that sends asks to read it first. The server asks in any case.
import { listen } from "./line.js";
import { composer, place, say, ticket } from "./place.js";

let newest = 0;

const text = (form) => form.querySelector('[name="text"]').value.trim();
const button = (form) => form.querySelector("[data-send]");

const stop = (form) => {
  const send = button(form);
  if (send.dataset.words === undefined) send.dataset.words = send.textContent;
  send.textContent = form.dataset.review;
  form.dataset.stale = "";
};

const go = (form) => {
  const send = button(form);
  if (send.dataset.words !== undefined) send.textContent = send.dataset.words;
  delete form.dataset.stale;
  form.querySelector('[name="seq"]').value = Math.max(newest, Number(form.querySelector('[name="seq"]').value));
};

listen("ticket", ({ number, seq, kinds }) => {
  const form = composer();
  if (number !== ticket()?.dataset.number || !kinds.some((kind) => kind === "message" || kind === "reply")) return;
  newest = seq;
  say(place.said);
  if (form && text(form)) stop(form);
});

// With nothing written, whoever begins now has read what the page shows.
document.addEventListener("desk:fresh", () => {
  const form = composer();
  if (form && !text(form) && !("stale" in form.dataset)) {
    form.querySelector('[name="seq"]').value = ticket().dataset.seq;
    form.querySelector('[name="beside"]').value = [...document.querySelectorAll(".leaving[id^=draft-]")].map((each) => each.id.slice(6)).join(" ");
  }
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form !== composer() || !("stale" in form.dataset) || form.querySelector('[value="note"]:checked')) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const talk = document.querySelector(".ticket__talk");
  talk.scrollTop = talk.scrollHeight;
  [...document.querySelectorAll(".thread > .entry")].at(-1)?.animate?.([{ opacity: 0.4 }, { opacity: 1 }], 180);
  go(form);
}, true);
document.addEventListener("htmx:after:swap", () => { newest = 0; });
