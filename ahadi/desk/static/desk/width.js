// The edge between the list and the ticket: dragged, or moved with the arrow keys; searches and the customer's panel go in and out.
const [LEAST, MOST, STEP] = [300, 520, 16];
const root = document.documentElement;
const kept = () => Number(localStorage.getItem("list-width")) || 0;

const set = (edge, width) => {
  const wanted = Math.min(MOST, Math.max(LEAST, Math.round(width)));
  root.style.setProperty("--list", `${wanted}px`);
  edge.setAttribute("aria-valuenow", wanted);
  localStorage.setItem("list-width", wanted);
};

const build = () => {
  const desk = document.querySelector(".desk:not(.desk--page)");
  const pane = desk?.querySelector(".list");
  if (!pane || pane.querySelector(".list__edge")) return;
  const edge = document.createElement("div");
  edge.className = "list__edge";
  edge.tabIndex = 0;
  edge.dataset.own = "";
  for (const [name, value] of Object.entries({ role: "separator", "aria-orientation": "vertical", "aria-valuemin": LEAST, "aria-valuemax": MOST, "aria-valuenow": kept() || pane.offsetWidth, "aria-label": desk.dataset.edge })) edge.setAttribute(name, value);
  pane.append(edge);
};

const toLeft = () => root.dir === "rtl";

document.addEventListener("pointerdown", (event) => {
  const edge = event.target.closest?.(".list__edge");
  if (!edge) return;
  const pane = edge.closest(".list").getBoundingClientRect();
  edge.setPointerCapture(event.pointerId);
  edge.onpointermove = (move) => set(edge, toLeft() ? pane.right - move.clientX : move.clientX - pane.left);
  edge.onlostpointercapture = () => (edge.onpointermove = null);
  event.preventDefault();
});

document.addEventListener("keydown", (event) => {
  const edge = event.target.closest?.(".list__edge");
  const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!edge || !way) return;
  event.preventDefault();
  set(edge, edge.closest(".list").offsetWidth + way * (toLeft() ? -STEP : STEP));
});

// Under these widths the panes are overlays that an address opens.
const isOver = { views: "(max-width: 1179.98px)", context: "(max-width: 1399.98px)" };

export const toggle = (pane) => {
  const desk = document.querySelector(".desk:not(.desk--page)");
  if (!desk || !document.getElementById(pane)) return;
  if (matchMedia(isOver[pane]).matches) {
    location.hash = location.hash === `#${pane}` ? "main" : pane;
    return;
  }
  const out = desk.classList.toggle(`desk--out-${pane}`);
  localStorage.setItem(`out-${pane}`, out ? "1" : "");
};

const prepare = () => {
  const desk = document.querySelector(".desk:not(.desk--page)");
  for (const pane of ["views", "context"]) desk?.classList.toggle(`desk--out-${pane}`, Boolean(localStorage.getItem(`out-${pane}`)));
  build();
};

if (kept()) root.style.setProperty("--list", `${kept()}px`);
prepare();
document.addEventListener("htmx:after:swap", prepare);

// A time in a list is short; pointing at its row, or reaching it, tells the whole of it.
const whole = (event) => {
  const time = event.target.closest?.("[data-row]")?.querySelector("time[data-when]:not([title])");
  const timeZone = document.querySelector(".desk")?.dataset.zone;
  if (time) time.title = new Intl.DateTimeFormat(root.lang, { dateStyle: "full", timeStyle: "long", timeZone }).format(new Date(time.dateTime));
};
document.addEventListener("pointerover", whole);
document.addEventListener("focusin", whole);
