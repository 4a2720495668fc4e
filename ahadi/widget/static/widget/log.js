// What was said, drawn once each and in order. The region speaks only of what comes after the history.
import { clock, copyOf, find, isolate, say, size } from "./place.js";
import { entries, news, state } from "./talk.js";
import { waiting } from "./outbox.js";

const log = find("log");
const list = find("entries");
const newest = document.querySelector('[data-act="newest"]');
const bySeq = new Map();
const byClient = new Map();
let calm;

const isAway = () => log.scrollTop < -60;
export const toNewest = () => { log.scrollTop = 0; newest.hidden = true; };

// The place of somebody who reads further up stays where it is.
const keepPlace = (draw) => {
  const [away, before] = [isAway(), log.scrollHeight];
  const made = draw();
  if (away) log.scrollTop -= log.scrollHeight - before;
  return away && made;
};

export const rest = () => {
  log.setAttribute("aria-live", "off");
  clearTimeout(calm);
  calm = setTimeout(() => log.setAttribute("aria-live", "polite"), 600);
};

export const faceOf = (name, photo, kind = "") => {
  const face = photo ? Object.assign(new Image(), { src: photo, alt: "" }) : copyOf("initials");
  if (!photo) face.textContent = name.split(/\s+/).map((part) => part[0] ?? "").slice(0, 2).join("");
  face.className = `face ${kind}`.trim();
  return face;
};

const write = (node, entry) => {
  const words = find("words", node) ?? node;
  if (entry.html) {
    // Made safe by the server, and the page runs no script that stands in it.
    words.innerHTML = entry.html;
    for (const link of words.querySelectorAll("a")) Object.assign(link, { target: "_blank", rel: "noopener" });
  } else words.textContent = entry.text;
};

const piece = (file) => {
  const isPicture = file.is_picture && file.id && file.url !== null;
  const node = copyOf(isPicture ? "picture" : "piece");
  const link = node.firstElementChild;
  if (isPicture) {
    const picture = find("picture", node) ?? node.querySelector("img");
    picture.alt = file.alt || file.name;
    show(picture, link, file);
  } else {
    find("called", node).textContent = file.name;
    find("size", node).textContent = size(file.size);
    if (file.id) show(null, link, file);
  }
  return node;
};

// A file needs the session to be read, so it is fetched by the panel and shown from memory.
let fetchFile = async () => null;
export const readFilesWith = (read) => { fetchFile = read; };
const show = async (picture, link, file) => {
  if (picture) {
    const url = await fetchFile(file);
    if (url) picture.src = link.href = url;
    return;
  }
  link.href = "#";
  link.addEventListener("click", async (event) => {
    event.preventDefault();
    const url = await fetchFile(file);
    if (url) Object.assign(document.createElement("a"), { href: url, download: file.name }).click();
  });
};

const draw = (entry) => {
  const kind = { visitor: "mine", person: "person", automatic: "automatic" }[entry.by] ?? "event";
  const node = copyOf(kind);
  write(node, entry);
  const at = find("at", node);
  if (at) {
    at.dateTime = entry.at;
    at.textContent = entry.at_text;
  }
  find("pieces", node)?.append(...(entry.files ?? []).map(piece));
  if (kind === "person") {
    find("said", node).textContent = say("said", { name: isolate(entry.name), time: at.textContent });
    find("by", node).textContent = entry.name;
    find("face", node).append(faceOf(entry.name, entry.photo));
  }
  return node;
};

// In order of their numbers; what waits to be sent stands last.
const settle = (node, seq) => {
  node.seq = seq;
  let before = null;
  for (let each = list.lastElementChild; each; each = each.previousElementSibling) {
    if (each === node) continue;
    if (each.seq <= seq) break;
    before = each;
  }
  if (node.nextElementSibling !== before || !node.isConnected) list.insertBefore(node, before);
};

const mark = (node, text, isFailed = false) => {
  const place = find("state", node);
  if (place.textContent !== text) place.textContent = text;
  node.classList.toggle("chat__entry--failed", isFailed);
  find("repair", node).hidden = !isFailed;
};

const markAll = () => {
  const seen = state.talk?.seen ?? 0;
  const mine = [...entries.values()].filter((entry) => entry.by === "visitor").sort((one, other) => one.seq - other.seq);
  const last = mine.filter((entry) => entry.seq <= seen).at(-1);
  for (const entry of mine) {
    const node = bySeq.get(entry.seq);
    const text = entry.seq > seen ? say("sent") : entry === last ? state.talk.seen_text || say("seen") : say("seen");
    if (node) mark(node, text);
  }
};

// Somebody who just writes has come as well: from here on the machines are silent, and it is said since when.
const lastVoice = (seq) => { for (let at = seq - 1; at > 0; at--) if (entries.has(at) && entries.get(at).by !== "visitor") return entries.get(at).by; };
const sayJoined = (entry) => {
  if (entry.by !== "person" || lastVoice(entry.seq) !== "automatic") return;
  const node = copyOf("event");
  node.textContent = say("joined", { name: isolate(entry.name), time: clock(entry.at) });
  settle(node, entry.seq - 0.5);
};

const hasGreeting = () => list.firstElementChild?.classList.contains("chat__greeting");
const greet = () => {
  if (list.children.length || entries.size) return;
  const node = copyOf("event");
  node.classList.add("chat__greeting");
  node.seq = -1;
  node.textContent = say("greeting");
  list.append(node);
};

const showEntry = (entry) => {
  if (hasGreeting()) list.firstElementChild.remove();
  const known = entry.client_id && byClient.get(entry.client_id);
  const missed = keepPlace(() => {
    sayJoined(entry);
    const node = known || draw(entry);
    if (known) {
      const pieces = find("pieces", node);
      pieces.replaceChildren(...(entry.files ?? []).map(piece));
      find("at", node).textContent = entry.at_text;
      find("repair", node).hidden = true;
    }
    bySeq.set(entry.seq, node);
    settle(node, entry.seq);
    return !known;
  });
  if (missed) newest.hidden = false;
};

const showOutgoing = (item) => {
  if (hasGreeting()) list.firstElementChild.remove();
  let node = byClient.get(item.client_id);
  if (!node) {
    node = draw({ by: "visitor", text: item.text, at: item.at, at_text: "", files: item.files.map((file) => ({ ...file, url: null })) });
    node.dataset.client = item.client_id;
    byClient.set(item.client_id, node);
    settle(node, Infinity);
    toNewest();
  }
  const text = { sending: say("sending"), waiting: say("waiting"), failed: [say("failed"), item.reason].filter(Boolean).join(" ") }[item.state];
  mark(node, text, item.state === "failed");
};

const remove = (client) => {
  byClient.get(client)?.remove();
  byClient.delete(client);
  greet();
};

const clear = () => {
  bySeq.clear();
  byClient.clear();
  list.replaceChildren();
  newest.hidden = true;
  rest();
};

news.addEventListener("entry", (event) => showEntry(event.detail));
news.addEventListener("outgoing", (event) => showOutgoing(event.detail));
news.addEventListener("dropped", (event) => remove(event.detail));
news.addEventListener("clear", clear);
news.addEventListener("change", () => { greet(); markAll(); });
log.addEventListener("scroll", () => { if (!isAway()) newest.hidden = true; }, { passive: true });
export const showWaiting = () => { waiting().forEach(showOutgoing); greet(); };
export const isRead = () => !isAway();
