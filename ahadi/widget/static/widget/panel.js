// The panel: what the page around asks of it, what the visitor presses, and what the head and the promise say.
import { begin, call, doubt, end, headers, identify, setFields, setIdentity, setPage, token } from "./call.js";
import * as composer from "./composer.js";
import * as line from "./line.js";
import { faceOf, isRead, readFilesWith, rest, showWaiting, toNewest } from "./log.js";
import { drop, flush, retry, waiting } from "./outbox.js";
import { about, find, hear, isolate, kept, raise, say, speak, tell, whenSignedOutElsewhere } from "./place.js";
import { absorb, catchUp, clear, news, state, unread } from "./talk.js";

const SEEN = 1_000;
const SAID_AGAIN = 10_000;
let isOpen = false;
let isPhone = false;
let isAskingWay = false;
let seen = 0;
let seeing, typingTimer;
let typingSaid = 0;

const write = (name, text) => { const node = find(name); if (node.textContent !== text) node.textContent = text; };

// ── head and promise ──
const showTruth = ({ state: word, sentence, detail }) => {
  const truth = find("truth");
  truth.classList.remove("truth--open", "truth--soon", "truth--closed");
  truth.classList.add({ open: "truth--open", busy: "truth--soon" }[word] ?? "truth--closed");
  write("sentence", sentence);
  // Once there is a talk, its promise says by when.
  write("detail", state.talk ? "" : detail ?? "");
};

const showOwner = (owner) => {
  write("name", owner?.name ?? about.company);
  const place = find("face");
  const key = owner ? `${owner.name} ${owner.photo}` : "";
  if ((place.dataset.key ?? "") === key) return;
  place.dataset.key = key;
  place.replaceChildren(owner ? faceOf(owner.name, owner.photo, "face--m") : place.firstElementChild);
};

const showPromise = (talk) => {
  const strip = find("promise");
  strip.hidden = !talk;
  if (!talk) return;
  const who = talk.next?.who;
  write("who", who ? say("promised", { name: isolate(who) }) : say("promise"));
  write("step", talk.next?.step ?? "");
  write("due", talk.next?.due_text ?? "");
  find("due").hidden = find("who").hidden = !talk.next?.due_text;
  write("code", talk.code);
};

const showWay = (talk) => {
  const isDone = !talk || talk.is_over || (kept.read("way") === talk.code && !isAskingWay);
  find("way").hidden = isDone || !(talk.way_wanted || isAskingWay);
  find("onward").hidden = !talk?.way || talk.is_over || !find("way").hidden;
  if (!talk?.way) return;
  write("shown", talk.way.shown);
  find("onward-mail").hidden = talk.way.kind !== "email";
  find("onward-phone").hidden = talk.way.kind !== "phone";
};

// Over is not shut: whoever writes again goes on.
const showEnd = (talk) => {
  const isOver = Boolean(talk?.is_over);
  if (isOver && find("over").hidden && isOpen) speak(find("over").querySelector("b").textContent);
  find("over").hidden = !isOver;
  find("menu").hidden = !talk || isOver;
  if (isOver) find("menu").open = false;
};

const show = () => {
  const { availability, talk } = state;
  if (availability) showTruth(availability);
  showOwner(talk?.owner);
  showPromise(talk);
  showWay(talk);
  showEnd(talk);
  for (const link of document.querySelectorAll("[data-follow]")) { link.hidden = !talk?.follow_url; if (talk?.follow_url) link.href = talk.follow_url; }
  for (const button of document.querySelectorAll('[data-act="person"]')) button.hidden = !talk?.person_offered;
  find("text").placeholder = talk?.owner ? say("writeTo", { name: isolate(talk.owner.name) }) : say("write");
  showTyping(talk?.typing ?? null);
  look();
};

// ── who types, what is seen ──
const showTyping = (name) => {
  clearTimeout(typingTimer);
  find("typing").hidden = !name;
  if (!name) return;
  const text = say("typing", { name: isolate(name) });
  write("typing-name", text);
  typingTimer = setTimeout(() => showTyping(null), 6_000);
  if (Date.now() - typingSaid < SAID_AGAIN || !isOpen) return;
  typingSaid = Date.now();
  speak(text);
};

// Seen means: the panel was open before somebody's eyes for a second, at the newest message.
const look = () => {
  clearTimeout(seeing);
  if (isOpen && !document.hidden && isRead() && state.last) {
    seeing = setTimeout(() => {
      if (Number(kept.read("read") ?? 0) < state.last) kept.write("read", state.last);
      tell("unread", { number: 0 });
      if (state.last <= seen) return;
      seen = state.last;
      call("/widget/seen/", { body: { seq: seen } }).catch(() => { seen = 0; });
    }, SEEN);
  }
  tell("unread", { number: isOpen && isRead() ? 0 : unread() });
};

// ── the talk begins ──
let starting = null;
const start = () => {
  starting ??= (async () => {
    rest();
    showWaiting();
    if (token()) await catchUp();
    else absorb(await begin());
    if (isOpen || state.talk) line.open();
    if (waiting().length) flush();
  })().catch((fault) => {
    starting = null;
    if (!fault.isPassing) return raise("error", { code: fault.code || "refused" });
    // Nobody answers: the line says so, and goes on trying.
    line.open();
  });
  return starting;
};

const forget = async (isHere) => {
  line.close();
  if (isHere) await end();
  kept.clear();
  composer.clear();
  clear();
  Object.assign(state, { talk: null, visitor: null, isLoaded: false });
  starting = null;
  seen = 0;
  show();
  tell("kept", { is: false });
  tell("unread", { number: 0 });
};

const attempt = async (run) => {
  try {
    absorb(await run());
  } catch (fault) {
    speak(fault.message || say("trouble"));
    write("line", fault.message || say("trouble"));
    setTimeout(() => write("line", ""), 6_000);
    raise("error", { code: fault.code || "refused" });
  }
};

// ── what the page around asks ──
const paint = (theme) => {
  if (theme === "light" || theme === "dark") document.documentElement.dataset.scheme = theme;
  else delete document.documentElement.dataset.scheme;
};

hear({
  update({ theme, fields, page }) {
    if (theme) paint(theme);
    setPage(page || null);
    if (!fields) return;
    setFields(fields);
    if (token()) call("/widget/sessions/", { method: "PATCH", body: { fields } }).then(absorb, () => {});
  },
  open({ phone }) {
    isOpen = true;
    isPhone = phone;
    // The button "back" of a phone closes the panel; the history of the page around is left alone.
    if (isPhone && !history.state?.panel) history.pushState({ panel: true }, "");
    start().then(look);
    look();
  },
  focus: () => composer.focus(),
  close() {
    isOpen = false;
    if (history.state?.panel) history.back();
    if (!state.talk) line.close();
    look();
  },
  identify({ ahadi: _mark, type: _type, ...who }) {
    setIdentity(who);
    if (!token() && !starting) return start();
    // What has begun already began without it.
    return Promise.resolve(starting).then(() => identify(who)).then((given) => { rest(); absorb(given); }, async (fault) => {
      if (fault.code !== "identity-other-person") return fault.code?.startsWith("identity-") ? doubt(fault) : raise("error", { code: fault.code || "refused" });
      // Somebody else than before: nothing of the one is shown to the other.
      await forget(true);
      setIdentity(who);
      start();
    });
  },
  async logout() { await forget(true); tell("cleared"); },
  write: ({ text }) => composer.write(text),
  case: ({ code }) => attempt(async () => { await start(); return call("/widget/open/", { body: { code } }); }),
});

const lookForSession = whenSignedOutElsewhere(() => { if (starting) forget(false); });

addEventListener("popstate", () => { if (isOpen && isPhone && !history.state?.panel) tell("close"); });
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !event.isComposing) {
    event.preventDefault();
    if (find("menu").open) { find("menu").open = false; find("menu").firstElementChild.focus(); } else tell("close");
  }
  if (event.key === "F6") { event.preventDefault(); tell("jump"); }
});

// ── what the visitor presses ──
const acts = {
  close: () => tell("close"),
  newest: toNewest,
  person: () => attempt(() => call("/widget/person/", { body: { after: state.last } })),
  end: () => attempt(() => call("/widget/end/", { body: { after: state.last } })),
  anew: () => attempt(async () => { const given = await call("/widget/talks/", { body: {} }); clear(); state.talk = null; setTimeout(composer.focus); return given; }),
  way() { isAskingWay = true; show(); document.getElementById("way").focus(); },
  "no-way"() { isAskingWay = false; kept.write("way", state.talk.code); show(); composer.focus(); },
  retry: (button) => retry(button.closest("[data-client]").dataset.client),
  drop: (button) => drop(button.closest("[data-client]").dataset.client),
  async copy(button) {
    await navigator.clipboard?.writeText(state.talk.code).catch(() => {});
    speak(button.dataset.copied);
  },
};
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-act]");
  if (button && Object.hasOwn(acts, button.dataset.act)) acts[button.dataset.act](button);
  const menu = find("menu");
  if (menu.open && !event.target.closest("summary")) menu.open = false;
});

find("way").addEventListener("submit", async (event) => {
  event.preventDefault();
  const value = document.getElementById("way").value.trim();
  write("fault", "");
  try {
    const given = await call("/widget/way/", { body: { kind: value.includes("@") ? "email" : "phone", value } });
    isAskingWay = false;
    kept.write("way", state.talk.code);
    absorb(given);
    composer.focus();
  } catch (fault) {
    write("fault", fault.message || say("trouble"));
  }
});

// ── news ──
news.addEventListener("change", () => { show(); lookForSession(); if (state.talk) line.open(); });
news.addEventListener("entry", (event) => {
  const { by, id, at } = event.detail;
  if (state.isLoaded && by !== "visitor") raise("message", { message: { id, by, at } });
});
news.addEventListener("typing", (event) => showTyping(event.detail));
news.addEventListener("line", (event) => write("line", event.detail ? "" : say("reconnecting")));
document.addEventListener("visibilitychange", look);
find("log").addEventListener("scroll", look, { passive: true });

const urls = new Map();
readFilesWith(async ({ id }) => {
  if (!urls.has(id)) {
    const answer = await fetch(`/widget/files/${id}/`, { headers: headers(), credentials: "omit" }).catch(() => null);
    if (answer?.ok) urls.set(id, URL.createObjectURL(await answer.blob()));
  }
  return urls.get(id);
});

composer.recall();
// Whoever talked before hears of news without opening the panel.
if (token()) start();
tell("ready", { title: document.title });
