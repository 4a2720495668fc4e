// Checks a receipt in the browser, without a network: RFC 6962 trees, and signed-note, tlog-checkpoint and
// tlog-proof of c2sp.org. Where the browser has no Ed25519 the form goes to the server as it would without
// JavaScript. The newest checkpoint of each ledger is remembered: a second history of one ledger is noticed.
const bytes = (text) => new TextEncoder().encode(text);
const same = (a, b) => a.length === b.length && a.every((value, place) => value === b[place]);
const joined = (...parts) => Uint8Array.from(parts.flatMap((part) => [...part]));
const sha256 = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", joined(...parts)));
const node = (left, right) => sha256([1], left, right);

class Unreadable extends Error {}
class Refused extends Error {}
class Forked extends Error {}

function decode(text) {
  let raw;
  try {
    raw = atob(text);
  } catch {
    throw new Unreadable();
  }
  if (btoa(raw) !== text) throw new Unreadable();
  return Uint8Array.from(raw, (letter) => letter.charCodeAt(0));
}

const encode = (raw) => btoa(String.fromCharCode(...raw));

function count(text) {
  if (!/^(0|[1-9][0-9]{0,14})$/.test(text)) throw new Unreadable();
  return Number(text);
}

async function readKey(vkey) {
  const [name, identifier, ...rest] = vkey.split("+");
  const raw = decode(rest.join("+"));
  if (!name || raw.length !== 33 || raw[0] !== 1) throw new Unreadable();
  const id = (await sha256(bytes(name), [10], raw)).slice(0, 4);
  if (Array.from(id, (value) => value.toString(16).padStart(2, "0")).join("") !== identifier) throw new Unreadable();
  return { name, id, key: await crypto.subtle.importKey("raw", raw.slice(1), "Ed25519", false, ["verify"]) };
}

async function readCheckpoint(note, keys) {
  const end = note.lastIndexOf("\n\n");
  if (end < 0 || !note.endsWith("\n") || /[\0-\x09\x0b-\x1f]/.test(note)) throw new Unreadable();
  const text = note.slice(0, end + 1);
  const signers = new Set();
  for (const line of note.slice(end + 2, -1).split("\n")) {
    const [dash, name, encoded, ...more] = line.split(" ");
    const raw = decode(encoded ?? "");
    if (dash !== "\u2014" || more.length || raw.length < 5) throw new Unreadable();
    const key = keys.find((each) => each.name === name && same(each.id, raw.slice(0, 4)));
    if (!key || signers.has(name)) continue;
    if (!(await crypto.subtle.verify("Ed25519", key.key, raw.slice(4), bytes(text)))) throw new Refused();
    signers.add(name);
  }
  const [origin, size, root] = text.split("\n");
  if (!signers.has(origin)) throw new Refused();
  return { origin, size: count(size), root: decode(root) };
}

async function climb(index, size, leaf, way) {
  if ((size === 1) !== (way.length === 0)) throw new Refused();
  if (size === 1) return leaf;
  const middle = 2 ** Math.floor(Math.log2(size - 1));
  const beside = way.at(-1);
  if (index < middle) return node(await climb(index, middle, leaf, way.slice(0, -1)), beside);
  return node(beside, await climb(index - middle, size - middle, leaf, way.slice(0, -1)));
}

async function leafOf(opening) {
  const key = await crypto.subtle.importKey("raw", opening.slice(0, 32), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const commitment = new Uint8Array(await crypto.subtle.sign("HMAC", key, opening.slice(32)));
  return sha256([0], bytes("case-event/v1\n"), bytes(encode(commitment)), [10]);
}

const hex = (raw) => Array.from(raw, (value) => value.toString(16).padStart(2, "0")).join("");
const eventOf = (opening) => JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(opening.slice(32)));

function openingsOf(extra) {
  // After the salt, whose bytes may be anything, a line feed ends the event and each older opening.
  const parts = new TextDecoder("latin1").decode(extra.slice(32)).split("\n");
  const newest = extra.slice(0, 32 + parts[0].length);
  return [newest, ...parts.slice(1).map(decode)];
}

async function check(text, vkeys) {
  const cut = text.indexOf("\n\n");
  const found = /^c2sp\.org\/tlog-proof@v1\nextra ([^\n]*)\nindex (\d+)((?:\n[^\n]+)*)$/.exec(text.slice(0, cut));
  if (cut < 0 || !found) throw new Unreadable();
  const keys = await Promise.all(vkeys.map(readKey));
  const way = found[3].split("\n").slice(1).map(decode);
  if (way.some((hash) => hash.length !== 32)) throw new Unreadable();
  const at = await readCheckpoint(text.slice(cut + 2), keys);
  const index = count(found[2]);
  const openings = openingsOf(decode(found[1]));
  if (index >= at.size) throw new Refused();
  const root = await climb(index, at.size, await leafOf(openings[0]), way);
  if (!same(root, at.root)) throw new Refused();
  const events = [eventOf(openings[0])];
  for (const opening of openings.slice(1)) {
    const leaf = hex(await leafOf(opening));
    if (leaf !== events[0].previous && leaf !== events[0].public) throw new Refused();
    events.unshift(eventOf(opening));
  }
  return { events, at, isShown: await remember(at) };
}

// That a tree of the older size is a beginning of the newer one (RFC 9162, section 2.1.4.2).
async function grew(older, newer, proof) {
  let [inner, last] = [older.size - 1, newer.size - 1];
  while (inner % 2 === 1) [inner, last] = [Math.floor(inner / 2), Math.floor(last / 2)];
  const way = inner ? [...proof] : [older.root, ...proof];
  if (!way.length) return false;
  let before = way.shift();
  let after = before;
  for (const hash of way) {
    if (last === 0) return false;
    if (inner % 2 === 1 || inner === last) {
      [before, after] = [await node(hash, before), await node(hash, after)];
      while (inner % 2 === 0 && inner !== 0) [inner, last] = [Math.floor(inner / 2), Math.floor(last / 2)];
    } else {
      after = await node(after, hash);
    }
    [inner, last] = [Math.floor(inner / 2), Math.floor(last / 2)];
  }
  return last === 0 && same(before, older.root) && same(after, newer.root);
}

async function remember({ origin, size, root }) {
  const name = `ledger ${origin}`;
  const kept = JSON.parse(localStorage.getItem(name) ?? "[]");
  const before = kept.find((each) => each.size === size);
  if (before && before.root !== encode(root)) throw new Forked();
  if (before) return true;
  const isShown = await compare(origin, { size, root }, kept);
  localStorage.setItem(name, JSON.stringify([...kept, { size, root: encode(root) }].slice(-200)));
  return isShown;
}

// Another size is compared with the nearest one known, where this page comes from the ledger itself and can ask it;
// false where the ledger was asked and shows nothing.
async function compare(origin, found, kept) {
  const nearest = kept.toSorted((a, b) => Math.abs(a.size - found.size) - Math.abs(b.size - found.size))[0];
  if (!nearest || !nearest.size || !found.size || origin.split("/")[0] !== location.host || !navigator.onLine) return true;
  const known = { size: nearest.size, root: decode(nearest.root) };
  const [older, newer] = known.size < found.size ? [known, found] : [found, known];
  let answer;
  try {
    const about = await (await fetch("/.well-known/ahadi-ledger.json")).json();
    // A ledger that was begun anew has another name, and its own sizes.
    if (about.origin !== origin) return true;
    answer = await fetch(`/ledger/consistency/${older.size}/${newer.size}`);
  } catch {
    return true;
  }
  // Showing nothing proves nothing, neither way; only a proof that does not hold shows two histories.
  if (!answer.ok) return answer.status !== 404;
  const proof = (await answer.text()).split("\n").filter(Boolean).map(decode);
  if (!(await grew(older, newer, proof))) throw new Forked();
  return true;
}

function draw(kind, found) {
  const place = document.getElementById("checked");
  place.replaceChildren(document.querySelector(`template[data-result="${kind}"]`).content.cloneNode(true));
  if (found) {
    const say = (scope, part, text) => {
      scope.querySelector(`[data-part="${part}"]`).textContent = text;
    };
    say(place, "ledger", found.at.origin);
    say(place, "size", found.at.size.toLocaleString(document.documentElement.lang));
    const words = document.querySelector("template[data-words]").content;
    const list = document.createElement("ol");
    list.className = "checked__entries";
    for (const event of found.events) {
      const line = document.querySelector("template[data-entry]").content.cloneNode(true);
      const type = event.automatic ? "automatic" : String(event.type).split(".")[0];
      say(line, "type", words.querySelector(`[data-word="${type}"]`)?.textContent ?? event.type);
      say(line, "at", moment(event.at));
      line.querySelector("time").dateTime = event.at;
      say(line, "body", event.body ?? "");
      list.append(line);
    }
    place.append(list);
  }
  if (found && !found.isShown) place.append(document.querySelector("template[data-unshown]").content.cloneNode(true));
  place.focus();
}

function moment(text) {
  const language = document.documentElement.lang;
  const shown = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "medium" });
  if (language !== "fa") return shown.format(new Date(text));
  // Browsers put the year of the Persian calendar first, which nobody writes.
  const parts = Object.fromEntries(shown.formatToParts(new Date(text)).map(({ type, value }) => [type, value]));
  const { weekday, day, month, year, hour, minute, second } = parts;
  return `${weekday} ${day} ${month} ${year}، ساعت ${hour}:${minute}:${second}`;
}

const hasEd25519 = crypto.subtle
  ?.generateKey("Ed25519", false, ["sign", "verify"])
  .then(() => true)
  .catch(() => false);

document.getElementById("check")?.addEventListener("submit", async (submitted) => {
  const form = submitted.target;
  const file = form.elements.receipt.files[0];
  if (!file || form.dataset.here === "no") return;
  submitted.preventDefault();
  if (!(await hasEd25519)) {
    form.dataset.here = "no";
    form.requestSubmit();
    return;
  }
  try {
    const vkeys = form.elements.keys.value.split(/\s+/).filter(Boolean);
    draw("proven", await check(await file.text(), vkeys));
  } catch (error) {
    const kinds = [[Refused, "refused"], [Forked, "forked"]];
    draw(kinds.find(([kind]) => error instanceof kind)?.[1] ?? "unreadable");
  }
});
