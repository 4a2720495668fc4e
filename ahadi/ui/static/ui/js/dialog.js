// <button data-dialog="name">: opens <dialog id="name">; inside it, [data-close] closes. The browser returns the focus.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener) document.getElementById(opener.dataset.dialog)?.showModal();
  event.target.closest("[data-close]")?.closest("dialog")?.close();
});
