// Words at hand: "/" at the beginning of a word opens the saved replies and macros, M the macros alone.
import { put } from "./marks.js";

const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
// How well the letters fit, in their order: less is better, nothing where one is missing.
const distance = (name, asked) => {
  let at = -1, sum = 0;
  for (const letter of fold(asked)) {
    const next = fold(name).indexOf(letter, at + 1);
    if (next < 0) return null;
    sum += at < 0 ? next / 10 : next - at - 1;
    at = next;
  }
  return sum;
};
const element = (name, className, text = "") => Object.assign(document.createElement(name), { className, textContent: text });
const HOLE = /\{\{\s*[a-z_.]+\s*(?:\|[^{}|\n]*)?\}\}/gi;

class AtHand extends HTMLElement {
  connectedCallback() {
    this.input = this.querySelector("input");
    this.list = this.querySelector('[role="listbox"]');
    this.preview = this.querySelector(".words__shown");
    this.input.addEventListener("input", () => this.draw());
    this.addEventListener("keydown", (event) => this.press(event));
    this.addEventListener("focusout", (event) => !this.contains(event.relatedTarget) && this.close());
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => { const row = event.target.closest("li"); if (row) this.take([...this.list.children].indexOf(row)); });
    this.bring();
  }

  get form() { return this.closest("form"); }
  get field() { return this.form.querySelector(".composer__text"); }
  get key() { return `words:${this.dataset.root}`; }

  async open(only = "") {
    this.only = only;
    this.place = [this.field.selectionStart, this.field.selectionEnd];
    this.hidden = false;
    this.input.value = "";
    this.input.focus();
    this.known ??= await fetch(`${this.dataset.root}words/`, { headers: { Accept: "application/json" } }).then((answer) => (answer.ok ? answer.json() : { replies: [], macros: [] })).catch(() => ({ replies: [], macros: [] }));
    this.draw();
  }

  close(back = false) {
    this.hidden = true;
    if (back) { this.field.focus(); this.field.setSelectionRange(...this.place); }
  }

  draw() {
    const { replies, macros } = this.known ?? { replies: [], macros: [] };
    const all = [...(this.only === "macros" ? [] : replies), ...macros.map((macro) => ({ ...macro, macro: true }))];
    const asked = this.input.value.trim();
    this.found = all
      .map((item) => ({ item, far: asked ? (distance(item.name, asked) ?? distance(`${item.folder ?? ""} ${item.name} ${item.text}`.slice(0, 300), asked)) : 0 }))
      .filter(({ far }) => far !== null).sort((a, b) => a.far - b.far).slice(0, 30).map(({ item }) => item);
    this.list.replaceChildren(...this.found.map((item, at) => this.row(item, at)));
    this.querySelector(".words__none").hidden = this.found.length > 0 || !this.known;
    this.show(0);
  }

  row(item, at) {
    const row = element("li", "words__row");
    row.id = `words-${at}`;
    row.setAttribute("role", "option");
    const name = element("bdi", "", item.name);
    row.append(name, element("small", "", item.macro ? this.dataset.macro : item.article ? this.dataset.article : item.folder));
    return row;
  }

  show(at) {
    this.at = Math.min(Math.max(at, 0), this.found.length - 1);
    [...this.list.children].forEach((row, place) => row.setAttribute("aria-selected", String(place === this.at)));
    this.list.children[this.at]?.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", this.found.length ? `words-${this.at}` : "");
    const item = this.found[this.at];
    this.preview.replaceChildren();
    if (!item) return;
    if (item.does?.length) {
      const does = element("ul", "words__does");
      does.append(...item.does.map((sentence) => element("li", "", sentence)));
      this.preview.append(does);
    }
    if (item.is_foreign) this.preview.append(element("p", "words__foreign", this.dataset.foreign));
    if (item.article) {
      const [title, address] = item.article;
      this.preview.append(element("p", "words__text", title), Object.assign(element("p", "words__text quiet", address), { dir: "ltr" }));
      this.preview.firstChild.dir = "auto";
    } else if (item.text) {
      const text = element("p", "words__text");
      text.dir = "auto";
      let done = 0;
      for (const hole of item.text.matchAll(HOLE)) {
        text.append(item.text.slice(done, hole.index), element("mark", "words__hole", hole[0]));
        done = hole.index + hole[0].length;
      }
      text.append(item.text.slice(done));
      this.preview.append(text);
    }
  }

  press(event) {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) this.show(this.at + by);
    else if (event.key === "Enter") this.take(this.at);
    else if (event.key === "Escape") { this.close(true); if (this.slash) put(this.field, "/"); }
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  async take(at) {
    const item = this.found?.[at];
    if (!item) return;
    this.close(true);
    if (item.text) put(this.field, item.text);
    const hole = [...this.field.value.matchAll(HOLE)][0];
    if (hole) this.field.setSelectionRange(hole.index, hole.index + hole[0].length);
    const body = new FormData();
    body.set("csrfmiddlewaretoken", this.form.csrfmiddlewaretoken.value);
    if (!item.macro) { fetch(`${this.dataset.root}words/${item.id}/uses/`, { method: "POST", body }).catch(() => {}); return; }
    // The page is read again with what was done; the words wait for it.
    sessionStorage.setItem(this.key, this.field.value);
    const answer = await fetch(`${this.dataset.root}macros/${item.id}/`, { method: "POST", body }).catch(() => null);
    if (answer?.ok) location.assign(answer.url);
  }

  bring() {
    const words = sessionStorage.getItem(this.key);
    sessionStorage.removeItem(this.key);
    if (words && this.field.value !== words) { put(this.field, words, 0, this.field.value.length); }
  }
}
customElements.define("at-hand", AtHand);

const holes = (field) => {
  const line = field.form.querySelector("[data-holes]");
  const found = [...new Set([...field.value.matchAll(HOLE)].map((hole) => hole[0]))];
  // A note may speak about placeholders.
  const isNote = field.form.querySelector('[name="kind"][value="note"]:checked');
  field.setCustomValidity(found.length && !isNote ? line.dataset.holes : "");
  line.hidden = !found.length;
  line.querySelector("bdi").textContent = found.join(" ");
};

document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || !field.matches?.(".composer__text")) return;
  const hand = field.form.querySelector("at-hand");
  const before = field.value.slice(0, field.selectionStart);
  if (!hand || (before && !/\s$/.test(before))) return;
  event.preventDefault();
  hand.slash = true;
  hand.open();
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-at-hand]");
  const hand = button && document.querySelector("at-hand");
  if (!hand) return;
  hand.slash = false;
  hand.open(button.dataset.atHand);
});
document.addEventListener("input", (event) => event.target.matches?.(".composer__text") && event.target.form.querySelector("[data-holes]") && holes(event.target));
document.addEventListener("change", (event) => event.target.name === "kind" && event.target.form?.querySelector(".composer__text") && holes(event.target.form.querySelector(".composer__text")));
