// What somebody opened and typed in a ticket while a form of it was on its way: it stays when the answer is shown.

// The same place in the newer page: what is written on it, or where it is sent and by which name.
const nameOf = (part) => {
  const summary = part.querySelector(":scope > summary");
  return `${part.closest("[id]")?.id} ${summary?.getAttribute("aria-label") ?? summary?.textContent.trim()}`;
};
const fieldOf = (field) => {
  const choice = field.matches("[type=checkbox], [type=radio]") ? field.value : "";
  return `${field.form?.getAttribute("action")} ${field.name} ${choice}`;
};
// The composer keeps its own words.
const fields = (root) => [...root.querySelectorAll("textarea[name], input[name]:not([type=hidden], [type=file])")].filter((field) => !field.closest(".composer"));
const isTouched = (field) => field.value !== field.defaultValue || field.checked !== field.defaultChecked;

/**
 * Opens and fills in `next` what is open and typed in `now`, but for the form that was sent, what is in it and what held it.
 * Returns what puts the cursor back, for when `next` is in its place.
 */
export const carry = (now, next, sent) => {
  const open = new Set([...now.querySelectorAll("details[open]")].filter((part) => !part.contains(sent) && !sent.contains(part)).map(nameOf));
  for (const part of next.querySelectorAll("details")) part.open ||= open.has(nameOf(part));
  const known = new Map(fields(now).filter((field) => field.form !== sent).map((field) => [fieldOf(field), field]));
  let focused = null;
  for (const field of fields(next)) {
    const before = known.get(fieldOf(field));
    if (before && isTouched(before)) [field.value, field.checked] = [before.value, before.checked];
    if (before && before === document.activeElement) focused = [field, before.selectionStart, before.selectionEnd];
  }
  return () => {
    if (!focused) return;
    const [field, start, end] = focused;
    field.focus({ preventScroll: true });
    if (start !== null && start !== undefined) field.setSelectionRange(start, end);
  };
};
