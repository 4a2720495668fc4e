// Makes a piece of the page like a newer one and touches nothing else: not the focus, not what is typed or opened.
const keyOf = (node) =>
  node.nodeType === Node.ELEMENT_NODE
    ? node.id || node.dataset.key || node.dataset.row || node.querySelector?.(":scope > [data-row]")?.dataset.row || ""
    : "";

// Elements of our own draw themselves, and what scripts have put into the page is marked.
const isOurs = (node) =>
  node.nodeType === Node.ELEMENT_NODE && (node.matches("[data-own], [data-select]") || node.nodeName.includes("-"));
const isLike = (here, there) =>
  here.nodeType === there.nodeType && here.nodeName === there.nodeName && keyOf(here) === keyOf(there);

// What belongs to the reader: opened or not, chosen or not, typed or not, and marks that scripts have put there.
const LEFT = new Set(["open", "value", "checked", "aria-current", "data-marked"]);

const attributes = (here, there) => {
  for (const { name, value } of [...there.attributes]) {
    if (!LEFT.has(name) && here.getAttribute(name) !== value) here.setAttribute(name, value);
  }
  for (const { name } of [...here.attributes]) {
    if (!LEFT.has(name) && !there.hasAttribute(name)) here.removeAttribute(name);
  }
  if (here.type === "hidden" && here.name === "csrfmiddlewaretoken") here.value = there.value;
};

const children = (here, there) => {
  const known = new Map();
  for (const node of here.children) if (keyOf(node)) known.set(keyOf(node), node);
  let at = here.firstChild;
  for (const wanted of [...there.childNodes]) {
    if (isOurs(wanted) && [...here.children].some((node) => isOurs(node) && node.nodeName === wanted.nodeName)) continue;
    while (at && isOurs(at)) at = at.nextSibling;
    const key = keyOf(wanted);
    const same = key ? known.get(key) : null;
    if (same && same.nodeName === wanted.nodeName) {
      if (same === at) at = at.nextSibling;
      else here.insertBefore(same, at);
      morph(same, wanted);
      known.delete(key);
    } else if (!key && at && isLike(at, wanted)) {
      const next = at.nextSibling;
      morph(at, wanted);
      at = next;
    } else {
      here.insertBefore(document.importNode(wanted, true), at);
    }
  }
  while (at) {
    const next = at.nextSibling;
    if (!isOurs(at)) at.remove();
    at = next;
  }
};

/** Makes `here` say what `there` says. */
export const morph = (here, there) => {
  if (here.nodeType !== Node.ELEMENT_NODE) {
    if (here.nodeValue !== there.nodeValue) here.nodeValue = there.nodeValue;
    return;
  }
  if (isOurs(here) || here === document.activeElement || here.isEqualNode(there)) return;
  attributes(here, there);
  if (!here.matches("textarea, iframe")) children(here, there);
};
