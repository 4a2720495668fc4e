// The next ticket is read before it is asked for; a page that takes long shows that it is coming, not before 150 ms.
import { listen } from "./line.js";

const LIFE = 60_000;
const PATIENCE = 150;
const MOST = 4;

const pages = new Map();
let timer = 0;

const bare = (url) => new URL(url, location.href).href.split("#")[0];

const read = async (url) => {
  const answer = await fetch(url, { headers: { "X-Live": "1" }, priority: "low" });
  return { answer, text: answer.ok && !answer.redirected ? await answer.text() : "" };
};

const fetchAhead = (url) => {
  if (!url || pages.has(bare(url)) || document.hidden || navigator.connection?.saveData) return;
  if (pages.size >= MOST) pages.delete(pages.keys().next().value);
  const page = { at: Date.now(), found: read(url) };
  page.found.catch(() => pages.delete(bare(url)));
  pages.set(bare(url), page);
};

/** A page that was read ahead and is still true, as a promise of its answer and text; each is given once. */
export const taken = (url) => {
  const page = pages.get(bare(url));
  pages.delete(bare(url));
  if (!page || Date.now() - page.at > LIFE) return undefined;
  return page.found.then((found) => (found.text ? found : read(url)));
};

const next = () => {
  const rows = [...document.querySelectorAll("[data-row]")];
  const here = rows.findIndex((row) => row.hasAttribute("aria-current"));
  fetchAhead(rows[here + 1]?.href);
};

const soon = () => {
  clearTimeout(timer);
  timer = setTimeout(next, 800);
};

const forget = () => {
  pages.clear();
  soon();
};

let pointed = 0;
document.addEventListener("pointerover", (event) => {
  const row = event.target.closest?.("a[data-row]");
  clearTimeout(pointed);
  if (row) pointed = setTimeout(() => fetchAhead(row.href), 80);
});
document.addEventListener("focusin", (event) => fetchAhead(event.target.closest?.("a[data-row]")?.href));
for (const name of ["ticket", "lists", "reset"]) listen(name, forget);
document.addEventListener("submit", () => pages.clear(), true);
// What was read ahead may be some seconds old: it is shown at once, then made true.
document.addEventListener("htmx:after:swap", () => { waits(false); soon(); });

let going = 0;
const waits = (isLong) => {
  clearTimeout(going);
  document.querySelector(".ticket")?.toggleAttribute("data-waits", isLong);
};
document.addEventListener("desk:going", () => {
  clearTimeout(going);
  going = setTimeout(() => waits(true), PATIENCE);
});

export const start = soon;
