// <button data-print>: prints the page; without JavaScript it is not shown, and the browser's own menu does.
for (const button of document.querySelectorAll("[data-print]")) {
  button.addEventListener("click", () => print());
}
