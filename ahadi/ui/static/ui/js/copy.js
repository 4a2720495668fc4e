// <button data-copy="K7QF-9T2M-XR4D" data-copied-text="Copied">: puts the text on the clipboard and says so.
// With data-copy-link="/desk/open/…/" it is the whole address of that page.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-copy-link]");
  if (!button || !navigator.clipboard) return;
  await navigator.clipboard.writeText(button.dataset.copy ?? new URL(button.dataset.copyLink, location.href).href);
  button.dataset.copied = "";
  const voice = document.getElementById("voice");
  if (voice) voice.textContent = button.dataset.copiedText ?? "";
  setTimeout(() => delete button.dataset.copied, 2000);
});
