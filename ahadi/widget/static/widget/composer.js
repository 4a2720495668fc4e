// Writing: Enter sends, the draft survives a reload, the other side sees that somebody writes.
import { call } from "./call.js";
import * as files from "./files.js";
import { find, kept } from "./place.js";
import { send } from "./outbox.js";
import { state } from "./talk.js";

const TYPING = 3_000;
const form = find("composer");
const text = find("text");
const pick = find("pick");
const isTouched = matchMedia("(pointer: coarse)");
let told = 0;

const fit = () => {
  if (CSS.supports("field-sizing", "content")) return;
  text.style.blockSize = "auto";
  text.style.blockSize = `${text.scrollHeight}px`;
};

export const focus = () => text.focus();
export const write = (words) => { text.value = words; keep(); fit(); focus(); };
const keep = () => (text.value ? kept.write("draft", text.value) : kept.drop("draft"));
export const recall = () => { text.value ||= kept.read("draft") ?? ""; fit(); };
export const clear = () => { text.value = ""; fit(); files.clear(); };

const submit = () => {
  const words = text.value.trim();
  if (!words && files.isEmpty()) return;
  const pieces = files.take();
  text.value = "";
  keep();
  fit();
  told = 0;
  if (words || pieces.length) send(words, pieces);
  focus();
};

form.addEventListener("submit", (event) => { event.preventDefault(); submit(); });
text.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || isTouched.matches) return;
  event.preventDefault();
  submit();
});
text.addEventListener("input", () => {
  keep();
  fit();
  if (!state.talk || !text.value || Date.now() - told < TYPING) return;
  told = Date.now();
  call("/widget/typing/", { body: {} }).catch(() => {});
});

pick.addEventListener("change", () => { files.add(pick.files); pick.value = ""; });
text.addEventListener("paste", (event) => {
  if (!event.clipboardData.files.length) return;
  event.preventDefault();
  files.add(event.clipboardData.files);
});
const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
addEventListener("dragover", (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  form.classList.add("chat__composer--over");
});
addEventListener("dragleave", (event) => { if (!event.relatedTarget) form.classList.remove("chat__composer--over"); });
addEventListener("drop", (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  form.classList.remove("chat__composer--over");
  files.add(event.dataTransfer.files);
});
