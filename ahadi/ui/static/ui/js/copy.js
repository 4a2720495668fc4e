// <button data-copy="K7QF-9T2M-XR4D" data-copied-text="Copied">: puts the text on the clipboard and says so.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button || !navigator.clipboard) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  button.dataset.copied = "";
  const voice = document.getElementById("voice");
  if (voice) voice.textContent = button.dataset.copiedText ?? "";
  setTimeout(() => delete button.dataset.copied, 2000);
});
