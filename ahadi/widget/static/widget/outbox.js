// What was written and is not yet with the server: kept in this browser under its own name until it is, and sent in order.
import { call } from "./call.js";
import { kept } from "./place.js";
import { absorb, news } from "./talk.js";

const LONGEST = 30_000;
let isSending = false;
// The line came back while something was on its way: should that be lost, the next try does not wait.
let isAgain = false;
let tries = 0;
let timer;

// UUIDv7: made before sending, so that the same message is the same however often it is sent; sorts by time.
const newId = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const now = Date.now();
  for (let at = 0; at < 6; at++) bytes[at] = (now / 256 ** (5 - at)) & 255;
  bytes[6] = (bytes[6] & 15) | 112;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
};

export const waiting = () => kept.names("out:").sort().map((name) => kept.read(name)).filter(Boolean);
const changed = (item) => news.dispatchEvent(new CustomEvent("outgoing", { detail: item }));

export const send = (text, files = []) => {
  const item = { client_id: newId(), text, files, at: new Date().toISOString(), state: "sending" };
  kept.write(`out:${item.client_id}`, item);
  changed(item);
  return flush();
};

const settle = (item, state, reason = "") => {
  const now = { ...item, state, reason };
  kept.write(`out:${item.client_id}`, now);
  changed(now);
};

export const retry = (client_id) => {
  const item = kept.read(`out:${client_id}`);
  if (!item) return;
  settle(item, "sending");
  tries = 0;
  flush();
};

export const drop = (client_id) => {
  kept.drop(`out:${client_id}`);
  news.dispatchEvent(new CustomEvent("dropped", { detail: client_id }));
};

const post = async (item) => {
  const files = item.files.map(({ id, alt }) => ({ id, alt: alt ?? "" }));
  const given = await call("/widget/messages/", { body: { client_id: item.client_id, text: item.text, files } });
  tries = 0;
  kept.drop(`out:${item.client_id}`);
  absorb({ ...given, entry: { client_id: item.client_id, ...given.entry } });
};

export const flush = async () => {
  clearTimeout(timer);
  isAgain = isSending;
  if (isSending) return;
  isSending = true;
  try {
    for (let item; (item = waiting().find((each) => each.state !== "failed")); ) {
      try {
        await post(item);
      } catch (fault) {
        if (fault.isPassing === false) { settle(item, "failed", fault.message); continue; }
        settle(item, "waiting");
        if (isAgain && !fault.wait) { isAgain = false; continue; }
        const wait = fault.wait ? fault.wait * 1000 : Math.min(LONGEST, 1000 * 2 ** tries++);
        timer = setTimeout(flush, wait * (0.9 + Math.random() / 5));
        return;
      }
    }
  } finally {
    isSending = false;
  }
};

addEventListener("online", flush);
news.addEventListener("line", (event) => { if (event.detail && waiting().length) flush(); });
