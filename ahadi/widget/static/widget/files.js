// Files: picked, dropped or pasted, sent ahead of the message with progress, and taken back with one button.
import { about, copyOf, find, say, size } from "./place.js";
import { begin, call, headers, token } from "./call.js";
import { send } from "./outbox.js";

const list = find("files");
const items = new Set();

const fail = (item, text, mayRepeat = true) => {
  item.state = "failed";
  find("fault", item.node).textContent = text;
  item.node.querySelector("progress").hidden = true;
  item.node.querySelector('[data-act="again"]').hidden = !mayRepeat;
};

const arrived = (item, given) => {
  Object.assign(item, { state: "ready", id: given.id });
  item.node.querySelector("progress").hidden = true;
  if (item.isGoing) go(item);
};

// XMLHttpRequest, because fetch does not tell how far an upload is.
const upload = async (item) => {
  item.state = "sending";
  const bar = item.node.querySelector("progress");
  bar.hidden = false;
  find("fault", item.node).textContent = "";
  item.node.querySelector('[data-act="again"]').hidden = true;
  try {
    if (!token()) await begin();
  } catch {
    return fail(item, say("unsentFile"));
  }
  const request = (item.request = new XMLHttpRequest());
  const form = new FormData();
  form.append("file", item.file);
  request.open("POST", "/widget/files/");
  request.setRequestHeader("Authorization", headers().Authorization);
  request.responseType = "json";
  request.upload.onprogress = (event) => { if (event.lengthComputable) bar.value = (100 * event.loaded) / event.total; };
  request.onload = () => (request.status < 300 ? arrived(item, request.response) : fail(item, request.response?.detail || say("unsentFile"), request.status >= 429));
  request.onerror = () => fail(item, say("unsentFile"));
  request.send(form);
};

const remove = (item) => {
  items.delete(item);
  item.node.remove();
};

const cancel = (item) => {
  item.request?.abort();
  if (item.id) call(`/widget/files/${item.id}/`, { method: "DELETE" }).catch(() => {});
  remove(item);
};

export const add = (files) => {
  for (const file of files) {
    const item = { file, node: copyOf("upload"), state: "new" };
    items.add(item);
    find("called", item.node).textContent = file.name;
    find("size", item.node).textContent = size(file.size);
    find("alt", item.node).hidden = !file.type.startsWith("image/");
    item.node.querySelector('[data-act="cancel"]').addEventListener("click", () => cancel(item));
    item.node.querySelector('[data-act="again"]').addEventListener("click", () => upload(item));
    list.append(item.node);
    if (file.size > about.maxFile) fail(item, say("large", { size: size(about.maxFile) }), false);
    else upload(item);
  }
};

const told = (item) => ({ id: item.id, name: item.file.name, size: item.file.size, is_picture: item.file.type.startsWith("image/"), alt: find("alt", item.node).value.trim() });

const go = (item) => {
  const file = told(item);
  remove(item);
  send("", [file]);
};

// What has arrived goes with the text; what has not follows when it has, so that the text never waits.
export const take = () => {
  const taken = [];
  for (const item of [...items]) {
    if (item.state === "ready") { taken.push(told(item)); remove(item); }
    else if (item.state === "sending") item.isGoing = true;
  }
  return taken;
};
export const isEmpty = () => ![...items].some((item) => item.state === "ready" || item.state === "sending");
export const clear = () => [...items].forEach(cancel);
