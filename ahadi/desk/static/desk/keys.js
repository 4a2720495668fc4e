// Single keys: j and k go through the list, "/" searches, "?" tells; [data-key] is clicked or focused. Never while typing.
const typing = (target) => target.closest("input:not([type=radio]), textarea, select, [contenteditable]");
const rows = () => [...document.querySelectorAll("[data-row]")];
// The place on the keyboard, so that Persian and Hebrew layouts work.
const named = (event) => (event.code.startsWith("Key") ? event.code.slice(3).toLowerCase() : event.key);

const step = (by) => {
  const all = rows();
  const here = all.findIndex((row) => row === document.activeElement || row.hasAttribute("aria-current"));
  const next = all[Math.min(Math.max(here + by, 0), all.length - 1)];
  if (next && document.querySelector(".desk--ticket")) next.click();
  else next?.focus();
};

const press = (key) => {
  const target = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!target) return false;
  if (key === "n") target.checked = true;
  if (key === "r") document.querySelector('[name="kind"][value="reply"]').checked = true;
  if (key === "r" || key === "n") document.getElementById("text").focus();
  else if (target.matches("input")) target.focus();
  else target.click();
  return true;
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey) {
    if (event.key === "Enter" && event.target.closest(".composer")) {
      const isNote = event.target.form.querySelector('[value="note"]:checked');
      event.target.form.requestSubmit(event.target.form.querySelector(isNote ? ".composer__note" : ".composer__reply > button"));
    }
    return;
  }
  if (event.altKey || typing(event.target)) return;
  const key = named(event);
  if (key === "j" || key === "k") step(key === "j" ? 1 : -1);
  else if (event.key === "?") document.getElementById("keys")?.showModal();
  else if (!press(event.key === "/" ? "/" : key)) return;
  event.preventDefault();
});

document.addEventListener("change", (event) => {
  const place = event.target.dataset?.files && document.getElementById(event.target.dataset.files);
  if (place) place.textContent = [...event.target.files].map((file) => file.name).join(", ");
});

// The list opens at the ticket, the talk at its newest words.
document.querySelector(".row[aria-current]")?.scrollIntoView({ block: "nearest" });
const talk = document.querySelector(".ticket__talk");
if (talk && !location.hash.startsWith("#e")) talk.scrollTop = talk.scrollHeight;
