// Pages of the desk are fetched and put in their panes: nothing loads anew, the list keeps its place, the focus is never lost.
import { carry } from "./kept.js";
import { taken } from "./live/ahead.js";

const desk = () => document.querySelector(".desk:not(.desk--page)");
const voice = (text) => (document.getElementById("voice").textContent = text);
const list = (root = document) => root.querySelector(".list__scroll");
const rowOf = (number) => document.querySelector(`[data-row="${CSS.escape(number)}"]`);
const isOurs = (url) => url.origin === location.origin && /^\/desk\/(?!settings|palette|stream)/.test(url.pathname);

// The list an address belongs to: its search and its page, without the ticket.
const listOf = (url) => url.pathname.split("/")[2] + url.search;
const placeOf = (url) => `list:${listOf(url)}`;

const keepPlace = () => list() && sessionStorage.setItem(placeOf(new URL(location.href)), list().scrollTop);
const takePlace = () => {
  const kept = sessionStorage.getItem(placeOf(new URL(location.href)));
  if (kept && list()) list().scrollTop = Number(kept);
};

const bare = (html) => html.replaceAll(' aria-current="true"', "");

// Rows that are the same stay, so that what is selected or waits in them stays too.
const putList = (next, isSame) => {
  const now = document.querySelector(".list");
  const top = list()?.scrollTop ?? 0;
  const same = isSame && now.tagName === next.tagName;
  if (!same) now.replaceWith(next);
  else {
    now.querySelector(".list__head").replaceWith(next.querySelector(".list__head"));
    if (bare(list(now).innerHTML) === bare(list(next).innerHTML)) {
      const open = next.querySelector("[data-row][aria-current]")?.dataset.row;
      for (const row of now.querySelectorAll("[data-row]")) row.toggleAttribute("aria-current", false);
      if (open) rowOf(open).setAttribute("aria-current", "true");
    } else list(now).replaceChildren(...list(next).childNodes);
  }
  if (isSame) list().scrollTop = top;
};

const putViews = (next) => {
  const now = document.querySelector(".views");
  if (!now || !next || now.contains(document.activeElement)) return now && next && putCounts(now, next);
  const top = now.scrollTop;
  now.replaceWith(next);
  next.scrollTop = top;
};

// Whoever is among the searches keeps their place; the numbers and the mark change.
const putCounts = (now, next) => {
  for (const link of now.querySelectorAll("a.view")) {
    const fresh = next.querySelector(`a.view[href="${CSS.escape(link.getAttribute("href"))}"]`);
    if (!fresh) continue;
    link.className = fresh.className;
    for (const name of ["aria-current"]) fresh.hasAttribute(name) ? link.setAttribute(name, fresh.getAttribute(name)) : link.removeAttribute(name);
    const [count, wanted] = [link.querySelector(".count"), fresh.querySelector(".count")];
    if (count && wanted) count.textContent = wanted.textContent;
  }
  const field = now.querySelector("#q");
  if (field !== document.activeElement) field.value = next.querySelector("#q").value;
};

const put = (html, url, from, sent) => {
  const next = new DOMParser().parseFromString(html, "text/html");
  const [here, there] = [desk(), next.querySelector(".desk:not(.desk--page)")];
  if (!here || !there) return false;
  const kept = here.className.match(/\bdesk--(?:in|out)-\S+/g) ?? [];
  document.title = next.title;
  here.className = [there.className.trim(), ...kept].join(" ");
  putViews(there.querySelector(".views"));
  putList(there.querySelector(".list"), from && listOf(from) === listOf(url));
  const [ticket, context] = [there.querySelector(".ticket"), there.querySelector(".context")];
  const [ticketNow, contextNow] = [here.querySelector(".ticket"), here.querySelector(".context")];
  const isSame = sent && ticket.dataset.number && ticket.dataset.number === ticketNow.dataset.number;
  const pairs = isSame ? [[ticketNow, ticket], [contextNow, context]].filter(([one, other]) => one && other) : [];
  const settled = pairs.map(([one, other]) => carry(one, other, sent));
  contextNow?.remove();
  ticketNow.replaceWith(...[ticket, context].filter(Boolean));
  for (const focus of settled) focus();
  const said = ticket.querySelector(".notices");
  if (said) voice(said.textContent.trim());
  return true;
};

// Where the eye and the keyboard go on.
const settle = (url, focus, from) => {
  const part = url.hash && document.getElementById(decodeURIComponent(url.hash.slice(1)));
  const talk = document.querySelector(".ticket__talk");
  if (part) part.scrollIntoView({ block: "center" });
  else if (talk) talk.scrollTop = talk.scrollHeight;
  document.querySelector(".row[aria-current]")?.scrollIntoView({ block: "nearest" });
  if (focus === "row") {
    const left = from && rowOf(from.pathname.split("/")[3]);
    const row = document.querySelector(".row[aria-current]") ?? left ?? document.querySelector("[data-row]");
    row?.scrollIntoView({ block: "nearest" });
    (row ?? document.getElementById("main"))?.focus({ preventScroll: true });
  } else if (!document.activeElement?.isConnected || document.activeElement === document.body || focus === "main") {
    document.getElementById("main")?.focus({ preventScroll: true });
  }
};

const html = (answer) => answer.headers.get("Content-Type")?.startsWith("text/html");
let last = 0;

const read = async (url, options) => {
  const mine = ++last;
  const ahead = options ? null : taken(url);
  if (ahead) {
    const { answer, text } = await ahead;
    return { mine, answer, text, url: new URL(answer.url) };
  }
  const answer = await fetch(url, { credentials: "same-origin", ...options });
  const text = html(answer) ? await answer.text() : "";
  return { mine, answer, text, url: new URL(answer.url) };
};

const arrive = ({ answer, text, url, mine }, { push, focus, from, hash, sent }) => {
  if (mine !== last) return false;
  if (hash && !url.hash) url.hash = hash;
  const stays = answer.status === 422 || answer.status === 409;
  if (!text || !isOurs(url) || (!answer.ok && !stays) || !put(text, stays ? from : url, from, sent)) {
    location.assign(url);
    return false;
  }
  if (push && !stays && url.href !== location.href) history.pushState({}, "", url);
  shown = new URL(location.href);
  takePlace();
  settle(url, focus, from);
  document.dispatchEvent(new CustomEvent("htmx:after:swap", { detail: { url: url.href } }));
  return true;
};

let shown = new URL(location.href);

export const show = async (to, { push = true, focus = "" } = {}) => {
  const url = new URL(to, location.href);
  const from = shown;
  document.dispatchEvent(new CustomEvent("desk:going"));
  if (push) keepPlace();
  if (!isOurs(url) || !desk()) return location.assign(url);
  try {
    return arrive(await read(url), { push, focus, from, hash: url.hash });
  } catch {
    return location.assign(url);
  }
};

// Sends a form as the browser would and shows what comes of it; what was typed stays when nothing answers.
export const send = async (form, submitter, { focus = "" } = {}) => {
  const from = shown;
  const data = new FormData(form, submitter);
  const to = submitter?.getAttribute("formaction") ? submitter.formAction : form.action;
  form.setAttribute("aria-busy", "true");
  try {
    const found = await read(to, { method: "POST", body: data });
    return arrive(found, { push: true, focus, from, sent: form });
  } catch {
    localStorage.removeItem(`draft:${form.dataset.draft}:sent`);
    voice(desk().dataset.unsent);
    document.dispatchEvent(new CustomEvent("desk:unsent", { detail: { form } }));
    return false;
  } finally {
    form.removeAttribute("aria-busy");
  }
};

const isPlain = (event) => !event.defaultPrevented && event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (!link || !isPlain(event) || link.target || link.hasAttribute("download") || !link.closest(".desk, .palette")) return;
  const url = new URL(link.href);
  if (!isOurs(url) || !desk() || (url.hash && url.pathname + url.search === location.pathname + location.search)) return;
  event.preventDefault();
  show(url, { focus: link.matches("[data-row]") && event.detail === 0 ? "main" : "" });
});

document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (event.defaultPrevented || !desk()?.contains(form) || form.target) return;
  event.preventDefault();
  if (form.method === "post") return send(form, submitter);
  show(`${form.action}?${new URLSearchParams(new FormData(form))}`);
});

addEventListener("popstate", () => {
  // Another place on the same page.
  if (location.pathname + location.search !== shown.pathname + shown.search) show(location.href, { push: false });
});
addEventListener("pagehide", keepPlace);

if (desk()) {
  // Forms of a ticket are sent by us, so whoever goes back finds the page, not the question to send it again.
  history.scrollRestoration = "manual";
  takePlace();
  settle(shown, "", null);
}
