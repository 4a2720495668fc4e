// The open line to the server: a stream read by fetch, resumed behind the last entry, tried again for as long as somebody looks.
import { headers, token, begin } from "./call.js";
import { kept } from "./place.js";
import { absorb, catchUp, hearEntry, hearTalk, news, state } from "./talk.js";

const SILENCE = 50_000;
const LONGEST = 30_000;
const PATIENCE = 3_000;
let controller = null;
let isWanted = false;
let isLive = false;
let tries = 0;
let timer, watchdog, grumble;

const tell = (type, detail) => news.dispatchEvent(new CustomEvent(type, { detail }));

const handlers = {
  entry: hearEntry,
  talk: hearTalk,
  availability: (availability) => absorb({ availability }),
  typing: ({ name }) => tell("typing", name),
};

const handle = (block) => {
  let type = "message";
  const data = [];
  for (const line of block.split("\n")) {
    if (line.startsWith("event:")) type = line.slice(6).trim();
    if (line.startsWith("data:")) data.push(line.slice(5).replace(/^ /, ""));
  }
  if (data.length && Object.hasOwn(handlers, type)) handlers[type](JSON.parse(data.join("\n")));
};

const connected = () => {
  isLive = true;
  tries = 0;
  clearTimeout(grumble);
  grumble = undefined;
  tell("line", true);
};

const listen = async (mine) => {
  if (!token()) absorb(await begin());
  const answer = await fetch(`/widget/stream/?after=${state.last}`, { headers: { ...headers(), Accept: "text/event-stream" }, signal: mine.signal, cache: "no-store", credentials: "omit" });
  if (answer.status === 401) kept.drop("token");
  if (answer.status !== 200) throw new Error(String(answer.status));
  connected();
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = ""; ; ) {
    clearTimeout(watchdog);
    // Two signs of life missed: the line is dead, though nobody said so.
    watchdog = setTimeout(() => mine.abort(), SILENCE);
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (rest + value.replaceAll("\r\n", "\n")).split("\n\n");
    rest = blocks.pop();
    blocks.forEach(handle);
  }
};

const run = async () => {
  clearTimeout(timer);
  controller?.abort();
  const mine = (controller = new AbortController());
  await listen(mine).catch(() => {});
  if (controller !== mine) return;
  controller = null;
  isLive = false;
  clearTimeout(watchdog);
  if (!isWanted) return;
  grumble ??= setTimeout(() => tell("line", false), PATIENCE);
  if (document.hidden) return;
  const wait = Math.min(LONGEST, 1000 * 2 ** tries++);
  timer = setTimeout(run, wait * (0.75 + Math.random() / 2));
};

export const open = () => {
  if (isWanted && (controller || timer)) return;
  isWanted = true;
  run();
};

export const close = () => {
  isWanted = false;
  clearTimeout(timer);
  timer = undefined;
  clearTimeout(grumble);
  grumble = undefined;
  controller?.abort();
  controller = null;
  isLive = false;
  tell("line", true);
};

// Whatever happened meanwhile is asked for at once, and a line that died in the sleep of a phone is made anew.
const wake = (isNew) => {
  if (!isWanted) return;
  if (isNew || !isLive) run();
  else catchUp().catch(run);
};
addEventListener("online", () => wake(true));
addEventListener("offline", () => { if (isWanted) { controller?.abort(); } });
addEventListener("focus", () => wake(false));
addEventListener("pageshow", (event) => event.persisted && wake(true));
document.addEventListener("visibilitychange", () => document.hidden || wake(false));
