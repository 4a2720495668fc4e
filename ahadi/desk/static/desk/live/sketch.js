// Words that are not sent: in this browser with every key, on the server when typing rests, until they are sent.
import { sketched } from "./presence.js";
import { composer, place, post } from "./place.js";

const REST = 1_200;
const FIELDS = ["text", "step", "due", "html"];

let state = null;

const kind = (form) => form.querySelector('[name="kind"]:checked')?.value ?? "reply";
const field = (form, name) => form.querySelector(`[name="${name}"]`);
const key = (form, of = kind(form)) => `sketch:${place.agent}:${form.dataset.number}:${of}`;
const read = (form) => Object.fromEntries(FIELDS.map((name) => [name, field(form, name)?.value ?? ""]));
const recall = (name) => JSON.parse(localStorage.getItem(name) ?? "null");

const write = (form, words) => {
  for (const name of FIELDS) {
    const here = field(form, name);
    if (here && (name === "text" || words[name])) here.value = words[name] ?? "";
  }
  const text = field(form, "text");
  text.dispatchEvent(new Event("change", { bubbles: true }));
  form.dispatchEvent(new CustomEvent("sketch:restored", { bubbles: true }));
};

const show = (form, how) => {
  const line = form.querySelector("[data-sketch-state]");
  const word = form.querySelector("[data-sketch-word]");
  line.hidden = !how;
  if (how) word.textContent = word.dataset[how];
  if (how) form.querySelector("[data-sketch-gone]").hidden = true;
  sketched(form.dataset.number, Boolean(how));
};

// ── keeping ─────────────────────────────────────────────────────────────────

const note = (form) => {
  const words = read(form);
  const version = state.versions[kind(form)] ?? 0;
  if (words.text) localStorage.setItem(key(form), JSON.stringify({ ...words, version, isKept: false }));
  else localStorage.removeItem(key(form));
  clearTimeout(state.timer);
  state.timer = setTimeout(() => keep(form), REST);
};

const keep = async (form, of = kind(form), words = read(form)) => {
  clearTimeout(state.timer);
  if (state.isSent || state.asked[of]) return;
  const mine = state;
  // One at a time: the second would go on from a version that is not known yet.
  if (mine.isBusy) return void (mine.timer = setTimeout(() => keep(form), 300));
  mine.isBusy = true;
  try {
    const answer = await post(form.dataset.sketch, { kind: of, version: mine.versions[of] ?? 0, ...words });
    const told = answer.ok || answer.status === 409 ? await answer.json() : {};
    if (answer.ok) kept(form, mine, of, words, told.version);
    else if (answer.status === 409) ask(form, of, told);
    else if (words.text) show(form, "here");
  } catch {
    if (words.text) show(form, "here");
    mine.timer = setTimeout(() => keep(form), 5_000);
  }
  mine.isBusy = false;
};

const kept = (form, mine, of, words, version) => {
  mine.versions[of] = version;
  const local = recall(key(form, of));
  if (local && local.text === words.text) localStorage.setItem(key(form, of), JSON.stringify({ ...words, version, isKept: true }));
  if (mine === state && of === kind(form)) show(form, words.text.trim() ? "saved" : "");
};

// ── two tabs, two devices ───────────────────────────────────────────────────

const ask = (form, of, other) => {
  state.asked[of] = other;
  const box = form.querySelector("[data-sketch-other]");
  box.querySelector("blockquote").textContent = other.text;
  box.hidden = false;
};

const decide = (form, takesOther) => {
  const of = kind(form);
  const other = state.asked[of];
  form.querySelector("[data-sketch-other]").hidden = true;
  if (!other) return;
  delete state.asked[of];
  state.versions[of] = other.version;
  if (takesOther) write(form, other);
  note(form);
  keep(form);
};

// ── discarding ──────────────────────────────────────────────────────────────

const discard = (form) => {
  state.gone = { of: kind(form), words: read(form) };
  write(form, {});
  localStorage.removeItem(key(form));
  show(form, "");
  form.querySelector("[data-sketch-gone]").hidden = false;
  keep(form);
  form.querySelector("[data-sketch-undo]").focus();
};

const undo = (form) => {
  form.querySelector("[data-sketch-gone]").hidden = true;
  if (!state.gone) return;
  write(form, state.gone.words);
  note(form);
  keep(form);
  field(form, "text").focus();
};

// ── beginning ───────────────────────────────────────────────────────────────

const begin = () => {
  const form = composer();
  if (!form || form === state?.form) return;
  const begun = JSON.parse(form.dataset.begun || "{}");
  const versions = Object.fromEntries(Object.entries(begun).map(([of, words]) => [of, words.version]));
  state = { form, versions, begun, asked: {}, timer: 0, kind: kind(form) };
  if (localStorage.getItem(`${key(form)}:sent`)) settle(form);
  const local = recall(key(form));
  if (!local || local.isKept || local.text === field(form, "text").value) return;
  const theirs = begun[kind(form)];
  if (!theirs || theirs.version === local.version) {
    write(form, local);
    keep(form);
  } else {
    write(form, local);
    ask(form, kind(form), theirs);
  }
};

// What was sent is not begun any more, even when it was kept once more on its way.
const settle = (form) => {
  const sent = localStorage.getItem(`${key(form)}:sent`);
  localStorage.removeItem(`${key(form)}:sent`);
  const text = field(form, "text").value;
  const isRefused = form.querySelector('[aria-invalid="true"], .notice, .field__error');
  if (isRefused || (text && text !== sent)) return;
  localStorage.removeItem(key(form));
  if (text && state.begun[kind(form)]?.text === sent && !form.querySelector('[name="draft"]')) {
    write(form, {});
    keep(form);
  }
};

// From a reply to a note: words that wait there come up, else the words go along.
const change = (form) => {
  const before = state.kind;
  const now = kind(form);
  if (before === now) return;
  const words = read(form);
  state.kind = now;
  const waiting = recall(key(form, now)) ?? state.begun[now];
  if (waiting?.text && waiting.text !== words.text) {
    state.versions[now] = Math.max(waiting.version ?? 0, state.versions[now] ?? 0);
    state.begun[before] = { ...words, version: state.versions[before] ?? 0 };
    keep(form, before, words);
    write(form, waiting);
  } else if (words.text) {
    localStorage.removeItem(key(form, before));
    keep(form, before, { text: "" });
    note(form);
  }
};

document.addEventListener("input", (event) => {
  const form = composer();
  if (form?.contains(event.target) && FIELDS.includes(event.target.name)) note(form);
});
document.addEventListener("change", (event) => {
  if (event.target.name === "kind" && composer()?.contains(event.target)) change(composer());
});
document.addEventListener("click", (event) => {
  const form = event.target.closest("form.composer[data-sketch]");
  if (!form) return;
  if (event.target.closest("[data-sketch-discard]")) discard(form);
  if (event.target.closest("[data-sketch-undo]")) undo(form);
  if (event.target.closest("[data-sketch-take]")) decide(form, true);
  if (event.target.closest("[data-sketch-mine]")) decide(form, false);
});
document.addEventListener("submit", (event) => {
  if (event.target !== composer()) return;
  clearTimeout(state.timer);
  state.isSent = true;
  localStorage.setItem(`${key(event.target)}:sent`, field(event.target, "text").value);
});
document.addEventListener("desk:unsent", () => {
  const form = composer();
  if (!form || !state) return;
  state.isSent = false;
  localStorage.removeItem(`${key(form)}:sent`);
});
// A page that is left in the middle of a word.
addEventListener("pagehide", () => {
  const form = composer();
  if (!form || state?.isSent || state?.asked[kind(form)]) return;
  const local = recall(key(form));
  if (local && !local.isKept) post(form.dataset.sketch, { kind: kind(form), version: state.versions[kind(form)] ?? 0, ...read(form) }, { keepalive: true });
});
document.addEventListener("htmx:after:swap", begin);
export const start = begin;
