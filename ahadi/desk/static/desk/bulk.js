// Rows that are chosen: a box in each, a range with Shift, the bar over the list, and how far a change is.
const chosen = new Set();
let last = null;
let isFilled = false;

const bar = () => document.getElementById("bulk");
const rows = () => [...document.querySelectorAll(".list [data-row]")];
const boxOf = (row) => row.closest("li").querySelector("[data-select]");

const mark = (row, isChosen) => {
  const box = boxOf(row);
  if (box) box.checked = isChosen;
  if (isChosen) chosen.add(row.dataset.row);
  else chosen.delete(row.dataset.row);
};

const fill = async () => {
  if (isFilled) return;
  isFilled = true;
  const answer = await fetch(bar().dataset.form).catch(() => null);
  if (answer?.ok && !answer.redirected) bar().querySelector("[data-acts]").innerHTML = await answer.text();
  else isFilled = false;
};

const show = () => {
  const form = bar();
  if (!form) return;
  const all = rows();
  form.hidden = chosen.size === 0;
  document.querySelector(".list")?.classList.toggle("list--choosing", chosen.size > 0);
  const number = new Intl.NumberFormat(document.documentElement.lang).format(chosen.size);
  const count = form.querySelector("[data-chosen]");
  count.textContent = count.dataset.chosen.replace("{}", number);
  form.elements.numbers.value = [...chosen].join(",");
  const place = location.pathname.split("/");
  form.elements.search.value = place[2] ?? "";
  form.elements.q.value = new URLSearchParams(location.search).get("q") ?? "";
  const whole = form.querySelector("[data-whole]");
  const text = whole.querySelector("span");
  const total = document.querySelector("#list-heading .count")?.textContent.trim() ?? "";
  text.dataset.text ??= text.textContent;
  text.textContent = text.dataset.text.replace("{}", total);
  whole.hidden = !total || all.some((row) => !chosen.has(row.dataset.row));
  if (whole.hidden) form.elements.whole.checked = false;
  if (chosen.size) fill();
};

const range = (row) => {
  const all = rows();
  const from = all.findIndex((each) => each.dataset.row === last);
  const to = all.indexOf(row);
  if (from < 0 || to < 0) return;
  all.slice(Math.min(from, to), Math.max(from, to) + 1).forEach((each) => mark(each, true));
};

const dress = () => {
  const form = bar();
  if (!form) return;
  for (const row of rows()) {
    if (boxOf(row)) continue;
    const box = document.createElement("input");
    box.type = "checkbox";
    box.className = "row__box";
    box.dataset.select = "";
    box.tabIndex = -1;
    box.checked = chosen.has(row.dataset.row);
    box.setAttribute("aria-label", form.dataset.label.replace("{}", row.querySelector(".row__title").textContent));
    row.after(box);
  }
};

document.addEventListener("click", (event) => {
  const box = event.target.closest?.("[data-select]");
  if (box) {
    const row = box.closest("li").querySelector("[data-row]");
    mark(row, box.checked);
    if (event.shiftKey) range(row);
    box.dataset.before = last ?? "";
    last = row.dataset.row;
    show();
  }
  if (event.target.closest?.("[data-none]")) {
    rows().forEach((row) => mark(row, false));
    chosen.clear();
    show();
  }
  const begin = event.target.closest?.("[data-begin]");
  if (begin) {
    const isOn = document.querySelector(".list").classList.toggle("list--begun");
    begin.setAttribute("aria-pressed", isOn);
  }
});

document.addEventListener("desk:select", (event) => {
  const { row, range: isRange } = event.detail;
  if (!isRange) return;
  // The key has clicked the row's own box first: the range begins where the choice was before.
  last = boxOf(row)?.dataset.before || last;
  mark(row, true);
  range(row);
  last = row.dataset.row;
  show();
});

let isWaiting = false;
new MutationObserver(() => {
  if (isWaiting) return;
  isWaiting = true;
  requestAnimationFrame(() => {
    isWaiting = false;
    dress();
  });
}).observe(document.body, { childList: true, subtree: true });
dress();

class BatchProgress extends HTMLElement {
  connectedCallback() {
    if ("going" in this.dataset) this.timer = setTimeout(() => this.look(), 700);
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
  }

  async look() {
    const answer = await fetch(location.href).catch(() => null);
    const text = answer?.ok && !answer.redirected ? await answer.text() : "";
    const now = new DOMParser().parseFromString(text, "text/html").getElementById("batch");
    if (now) this.replaceWith(document.importNode(now, true));
    else this.timer = setTimeout(() => this.look(), 2000);
  }
}

customElements.define("batch-progress", BatchProgress);
