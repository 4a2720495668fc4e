// The bell: how many notices wait; windows of the system for new ones; an open ticket is read.
const bell = () => document.querySelector("[data-bell]");
const seen = () => new Set(JSON.parse(localStorage.getItem("notices:seen") ?? "[]"));
const token = () => document.querySelector('[name="csrfmiddlewaretoken"]')?.value ?? "";
const open = () => /^\/desk\/[^/]+\/([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})\//i.exec(location.pathname)?.[1].toUpperCase();
const post = (path, body, headers = {}) => fetch(path, { method: "POST", body, headers: { "X-CSRFToken": token(), ...headers } });
const RHYTHM = 60_000;
let last = 0;

const show = (count) => {
  const place = bell();
  const badge = place?.querySelector(".bell__count");
  if (!badge) return;
  badge.hidden = !count;
  badge.textContent = count > 99 ? "99+" : new Intl.NumberFormat(document.documentElement.lang, { useGrouping: false }).format(count);
  place.title = count ? `${place.dataset.bell}: ${badge.textContent}` : place.dataset.bell;
};

const windows = (all) => {
  const known = seen();
  const fresh = all.filter((each) => !known.has(each.id));
  // One tab shows it for all.
  localStorage.setItem("notices:seen", JSON.stringify(all.map((each) => each.id)));
  if (!("Notification" in window) || Notification.permission !== "granted" || document.hasFocus()) return;
  for (const each of fresh.slice(0, 3)) {
    const made = new Notification(each.title, { body: each.body, tag: each.tag, icon: "/icon-192.png", lang: document.documentElement.lang, dir: "auto" });
    made.addEventListener("click", () => { window.focus(); location.assign(each.url); made.close(); });
  }
};

const look = async () => {
  if (!bell() || document.visibilityState === "hidden" && Date.now() - last < RHYTHM / 2) return;
  last = Date.now();
  const answer = await fetch(bell().dataset.news, { headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const { count, tickets, windows: all } = await answer.json();
  windows(all);
  const here = open();
  const mine = tickets.filter((number) => number === here).length;
  if (mine && document.visibilityState === "visible") {
    const body = new FormData();
    body.set("ticket", here);
    await post(bell().dataset.readings, body).catch(() => null);
  }
  show(Math.max(count - (document.visibilityState === "visible" ? mine : 0), 0));
};

const allow = async (button) => {
  const place = button.closest("[data-notices-here]");
  const line = place.querySelector('[role="status"]');
  const answer = await Notification.requestPermission();
  line.textContent = answer === "granted" ? place.dataset.ready : place.dataset.blocked;
  if (answer !== "granted" || !("serviceWorker" in navigator) || !("PushManager" in window)) return;
  const worker = await navigator.serviceWorker.ready;
  const key = Uint8Array.from(atob(place.dataset.pushKey.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
  const kept = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key }).catch(() => null);
  if (kept) await post("/desk/notices/browsers/", JSON.stringify(kept), { "Content-Type": "application/json" });
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-notices-allow]");
  if (button) allow(button);
});
document.addEventListener("visibilitychange", look);
document.addEventListener("htmx:after:swap", look);
document.addEventListener("desk:fresh", () => setTimeout(look, 1500));
setInterval(look, RHYTHM);
look();
if ("serviceWorker" in navigator) navigator.serviceWorker.register("/worker.js").catch(() => {});
