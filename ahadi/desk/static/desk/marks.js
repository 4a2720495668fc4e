// Bold, lists, links … as marks in the field that people could type themselves: what is pasted becomes marks.
import { place, put } from "./pasted.js";

export { put };

const AROUND = { bold: "**", italic: "_", code: "`" };
const BEFORE = { list: "- ", quote: "> " };

const around = (field, mark) => {
  const { selectionStart: from, selectionEnd: to, value } = field;
  const words = value.slice(from, to);
  const is = words.startsWith(mark) && words.endsWith(mark) && words.length > 2 * mark.length;
  put(field, is ? words.slice(mark.length, -mark.length) : mark + words + mark, from, to);
  if (!words) field.setSelectionRange(from + mark.length, from + mark.length);
};

const before = (field, mark) => {
  const from = field.value.lastIndexOf("\n", field.selectionStart - 1) + 1;
  const end = field.value.indexOf("\n", field.selectionEnd);
  const to = end < 0 ? field.value.length : end;
  const lines = field.value.slice(from, to).split("\n");
  const all = lines.every((line) => line.startsWith(mark));
  put(field, lines.map((line) => (all ? line.slice(mark.length) : mark + line)).join("\n"), from, to);
};

const link = (field) => {
  const words = field.value.slice(field.selectionStart, field.selectionEnd);
  const from = field.selectionStart;
  put(field, `[${words}](https://)`);
  const at = from + (words ? words.length + 3 : 1);
  field.setSelectionRange(at, at + (words ? 8 : 0));
};

const mark = (field, kind) => {
  if (AROUND[kind]) around(field, AROUND[kind]);
  else if (BEFORE[kind]) before(field, BEFORE[kind]);
  else link(field);
};

const inside = (node) => [...node.childNodes].map(marked).join("");
const wrapped = (words, sign) => words.replace(/^(\s*)([^]*?)(\s*)$/, (_all, a, b, c) => (b ? a + sign + b + sign + c : a + c));
const MARKED = {
  B: (node) => (/^(normal|400)$/.test(node.style.fontWeight) ? inside(node) : wrapped(inside(node), "**")),
  I: (node) => wrapped(inside(node), "_"),
  CODE: (node) => (node.parentElement?.tagName === "PRE" ? inside(node) : wrapped(inside(node), "`")),
  PRE: (node) => `\n\`\`\`\n${node.textContent.trim()}\n\`\`\`\n`,
  A: (node) => (/^(https?|mailto|tel):/i.test(node.href) && node.href !== node.textContent.trim() ? `[${inside(node).trim()}](${node.href})` : inside(node)),
  BR: () => "\n",
  LI: (node) => `\n${node.parentElement?.tagName === "OL" ? `${[...node.parentElement.children].indexOf(node) + 1}.` : "-"} ${inside(node).trim()}`,
  BLOCKQUOTE: (node) => `\n\n${inside(node).trim().replace(/^/gm, "> ")}\n\n`,
  STYLE: () => "",
  SCRIPT: () => "",
};
[["STRONG", "B"], ["EM", "I"]].forEach(([other, known]) => { MARKED[other] = MARKED[known]; });
const BLOCK = /^(P|DIV|H[1-6]|UL|OL|TABLE|TR|SECTION|ARTICLE)$/;
const marked = (node) => {
  if (node.nodeType === Node.TEXT_NODE) return node.textContent.replace(/\s+/g, " ");
  if (node.nodeType !== Node.ELEMENT_NODE) return "";
  if (MARKED[node.tagName]) return MARKED[node.tagName](node);
  return BLOCK.test(node.tagName) ? `\n\n${inside(node).trim()}\n\n` : inside(node);
};
// A document that was parsed runs nothing and loads nothing.
const fromHtml = (html) => inside(new DOMParser().parseFromString(html, "text/html").body).replace(/[ \t]+\n/g, "\n").replace(/\n{3,}/g, "\n\n").trim();

const paste = (event) => {
  const field = event.target.closest?.(".composer__text");
  if (!field) return;
  const pictures = [...event.clipboardData.files].filter((file) => file.type.startsWith("image/"));
  const html = event.clipboardData.getData("text/html");
  if (pictures.length && !event.clipboardData.getData("text/plain")) {
    event.preventDefault();
    place(field, pictures);
  } else if (html && /<(b|strong|i|em|a|ul|ol|li|code|pre|blockquote)\b/i.test(html)) {
    event.preventDefault();
    put(field, fromHtml(html));
  }
};

// Enter goes on with a list; on an empty item it ends the list.
const goOn = (event) => {
  const field = event.target;
  const from = field.value.lastIndexOf("\n", field.selectionStart - 1) + 1;
  const item = /^(\s{0,3})(?:([-*>])|(\d{1,3})([.)]))\s(.*)$/.exec(field.value.slice(from, field.selectionStart));
  if (!item || field.selectionStart !== field.selectionEnd) return;
  event.preventDefault();
  if (!item[5].trim()) put(field, "\n", from, field.selectionStart);
  else put(field, `\n${item[1]}${item[2] ?? `${Number(item[3]) + 1}${item[4]}`} `);
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-mark]");
  if (button) mark(button.form.querySelector(".composer__text"), button.dataset.mark);
});
document.addEventListener("paste", paste);
document.addEventListener("keydown", (event) => {
  if (!event.target.matches?.(".composer__text") || event.isComposing) return;
  const kind = { KeyB: "bold", KeyI: "italic" }[event.code];
  if (kind && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
    event.preventDefault();
    mark(event.target, kind);
  } else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey && !event.shiftKey) goOn(event);
});
