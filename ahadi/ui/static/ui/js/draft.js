// <form data-draft="reply-K7QF">: keeps what was typed in this browser until it is sent, and asks before it is left.
const changed = new Set();

const texts = (form) => form.querySelectorAll("textarea[name], input[type=text][name]");
const place = (form, field) => `draft:${form.dataset.draft}:${field.name}`;

const sent = (form) => `draft:${form.dataset.draft}:sent`;

const forget = (form) => {
  localStorage.removeItem(sent(form));
  for (const field of texts(form)) localStorage.removeItem(place(form, field));
};

// Empty after it was sent means that it arrived: only then the draft goes.
const recall = (form) => {
  if (localStorage.getItem(sent(form))) return forget(form);
  for (const field of texts(form)) {
    const kept = localStorage.getItem(place(form, field));
    if (kept && !field.value) field.value = kept;
  }
};

document.querySelectorAll("form[data-draft]").forEach(recall);
document.addEventListener("htmx:after:swap", () => document.querySelectorAll("form[data-draft]").forEach(recall));

document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-draft]");
  if (!form || !event.target.matches("textarea[name], input[type=text][name]")) return;
  changed.add(form);
  if (event.target.value) localStorage.setItem(place(form, event.target), event.target.value);
  else localStorage.removeItem(place(form, event.target));
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-draft]")) return;
  changed.delete(event.target);
  localStorage.setItem(sent(event.target), "1");
});

window.addEventListener("beforeunload", (event) => {
  for (const form of changed) {
    if (!form.isConnected) changed.delete(form);
    else if ([...form.querySelectorAll("textarea[name]")].some((field) => field.value.trim())) event.preventDefault();
  }
});
