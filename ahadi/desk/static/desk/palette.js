// Ctrl or Command and K: tickets, searches, people, settings and what can be done here, by a few letters. A combobox.
import { show } from "./panes.js";

const dialog = document.getElementById("palette");
const field = dialog?.querySelector("input");
const box = dialog?.querySelector("[role=listbox]");
const RECENT = "recent";
const MOST = 5;
const WAIT = 60;

const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase();
const fits = (wanted, text) => {
  let at = 0;
  for (const letter of folded(text)) if (letter === wanted[at]) at += 1;
  return folded(text).includes(wanted) ? 2 : at === wanted.length ? 1 : 0;
};

const options = () => [...box.querySelectorAll("[role=option]")];
const choose = (option) => {
  for (const each of options()) each.setAttribute("aria-selected", each === option);
  if (option) {
    field.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  } else field.removeAttribute("aria-activedescendant");
};

const part = (name, places) => {
  const group = document.createElement("div");
  const head = document.createElement("p");
  group.role = "group";
  group.className = "palette__part";
  group.setAttribute("aria-label", name);
  head.className = "palette__name";
  head.setAttribute("aria-hidden", "true");
  head.textContent = name;
  group.append(head, ...places);
  return group;
};

const line = (text, note, act, href) => {
  const option = document.createElement(href ? "a" : "button");
  option.role = "option";
  option.className = "palette__line";
  option.tabIndex = -1;
  if (href) option.href = href;
  else option.type = "button";
  const name = document.createElement("bdi");
  const more = document.createElement("small");
  name.textContent = text;
  more.textContent = note;
  option.append(name, more);
  if (act) option.addEventListener("click", act);
  return option;
};

// What can be done on this page is what has a key.
const acts = (wanted) =>
  [...document.querySelectorAll(".desk [data-key]")]
    .map((target) => ({ target, text: (target.getAttribute("aria-label") || target.title || target.closest("label")?.textContent || target.textContent || "").trim() }))
    .filter(({ target, text }) => text && !target.matches("[type=search]") && (!wanted || fits(wanted, text)))
    .map(({ target, text }) =>
      line(text, target.getAttribute("aria-keyshortcuts")?.split(" ")[0] ?? "", () => {
        dialog.close();
        const first = target.matches("summary") ? target.parentElement : target;
        for (let menu = first.parentElement?.closest("details"); menu; menu = menu.parentElement?.closest("details")) menu.open = true;
        if (target.matches("input, select")) target.focus();
        else target.click();
      }),
    );

const recent = () => JSON.parse(localStorage.getItem(RECENT) ?? "[]");
const remember = () => {
  const subject = document.getElementById("subject");
  const code = document.querySelector(".head [data-copy]")?.dataset.copy;
  if (!subject || !code) return;
  const rest = recent().filter((each) => each.code !== code);
  localStorage.setItem(RECENT, JSON.stringify([{ code, name: subject.textContent, url: location.pathname }, ...rest].slice(0, MOST)));
};

let asked = 0;
let known = "";
const draw = (found) => {
  const wanted = folded(field.value.trim());
  const own = [];
  if (!wanted) {
    const seen = recent().map(({ name, code, url }) => line(name, code, null, url));
    if (seen.length) own.push(part(dialog.dataset.recent, seen));
  }
  const doing = acts(wanted);
  const rest = document.createRange().createContextualFragment(found);
  if (doing.length && wanted) own.push(part(dialog.dataset.acts, doing));
  box.replaceChildren(...own, rest, ...(doing.length && !wanted ? [part(dialog.dataset.acts, doing)] : []));
  options().forEach((option, at) => (option.id = `palette-${at}`));
  choose(options()[0]);
};

const ask = async () => {
  const mine = ++asked;
  const answer = await fetch(`${dialog.dataset.url}?q=${encodeURIComponent(field.value)}`, { credentials: "same-origin" });
  if (mine !== asked || !answer.ok) return;
  known = await answer.text();
  draw(known);
};

const open = () => {
  if (dialog.open) return dialog.close();
  field.value = "";
  dialog.showModal();
  draw(known);
  field.focus();
  ask();
};

if (dialog) {
  let waiting;
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    draw("");
    waiting = setTimeout(ask, WAIT);
  });
  field.addEventListener("keydown", (event) => {
    const all = options();
    const at = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
    const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (way) choose(all[(at + way + all.length) % all.length]);
    else if (event.key === "Enter") all[at]?.click();
    else if (event.key === "Escape") dialog.close();
    else return;
    event.preventDefault();
  });
  box.addEventListener("click", (event) => {
    const place = event.target.closest("a[role=option]");
    if (!place) return;
    event.preventDefault();
    dialog.close();
    show(place.href, { focus: "main" });
  });
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.code !== "KeyK") return;
    event.preventDefault();
    open();
  });
  document.addEventListener("htmx:after:swap", () => {
    remember();
    known = "";
  });
  remember();
}
