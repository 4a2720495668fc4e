// Pictures between the words: kept on the server as soon as they are pasted, named in the field, seen below it.
const NAMED = /!\[([^\[\]\n]{1,200})\](?!\()/g;
const kept = new Map(); // name to the address of what this page has pasted itself

// Typed rather than set, so that the browser can undo it.
export const put = (field, text, from = field.selectionStart, to = field.selectionEnd) => {
  field.focus();
  field.setSelectionRange(from, to);
  if (!document.execCommand("insertText", false, text)) field.setRangeText(text, from, to, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
};

// Where the server cannot be reached the picture goes along with the words as their file.
const attach = (form, file) => {
  const input = form.querySelector('input[type="file"][name="files"]');
  const all = new DataTransfer();
  [...input.files, file].forEach((each) => all.items.add(each));
  input.files = all.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
};

const keep = async (form, file) => {
  const body = new FormData();
  body.set("csrfmiddlewaretoken", form.csrfmiddlewaretoken.value);
  body.set("file", file);
  const answer = await fetch(form.dataset.pictures, { method: "POST", body }).catch(() => null);
  if (answer?.ok) return { name: (await answer.json()).name };
  if (answer?.status === 422) return { error: (await answer.json()).error };
  const name = `picture-${1000 + Math.floor(Math.random() * 9000)}.${file.type.split("/")[1]}`;
  attach(form, new File([file], name, { type: file.type }));
  return { name };
};

export const place = async (field, files) => {
  for (const file of files) {
    const { name, error } = await keep(field.form, file);
    if (error) { say(field.form, error); continue; }
    kept.set(name, URL.createObjectURL(file));
    // The words may be others by now: it stands where the writer is.
    const alone = /(^|\n)$/.test(field.value.slice(0, field.selectionStart));
    put(field, `${alone ? "" : "\n"}![${name}]\n`);
  }
};

const say = (form, text) => {
  const line = form.querySelector("[data-pasted]");
  line.replaceChildren(Object.assign(document.createElement("span"), { className: "field__error", textContent: text }));
  line.setAttribute("role", "alert");
  line.hidden = false;
};

const draw = (form) => {
  const line = form?.querySelector("[data-pasted]");
  if (!line) return;
  const names = [...new Set([...form.querySelector(".composer__text").value.matchAll(NAMED)].map((found) => found[1]))];
  if (names.join("\n") === (line.dataset.names ?? "")) return;
  line.dataset.names = names.join("\n");
  line.removeAttribute("role");
  line.replaceChildren(...names.map((name) => {
    const picture = Object.assign(document.createElement("img"), { alt: name, src: kept.get(name) ?? `${form.dataset.pictures}${encodeURIComponent(name)}/` });
    picture.addEventListener("error", () => { picture.remove(); line.hidden = !line.children.length; });
    return picture;
  }));
  line.setAttribute("aria-label", line.dataset.pasted);
  line.hidden = !names.length;
};

const here = () => draw(document.querySelector("form.composer[data-pictures]"));
for (const event of ["input", "change", "sketch:restored", "htmx:after:swap", "DOMContentLoaded"]) document.addEventListener(event, here);
here();
