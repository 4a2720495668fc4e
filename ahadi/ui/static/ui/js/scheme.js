// <button data-scheme-choice="dark">: light, dark or as the device says. A cookie, so that the server draws it without a flash.
const root = document.documentElement;
const buttons = () => document.querySelectorAll("[data-scheme-choice]");

const show = () => {
  for (const button of buttons()) {
    button.setAttribute("aria-pressed", String(button.dataset.schemeChoice === (root.dataset.scheme ?? "auto")));
  }
};

document.addEventListener("click", (event) => {
  const choice = event.target.closest("[data-scheme-choice]")?.dataset.schemeChoice;
  if (!choice) return;
  if (choice === "auto") delete root.dataset.scheme;
  else root.dataset.scheme = choice;
  document.cookie = `scheme=${choice}; path=/; max-age=31536000; samesite=lax`;
  show();
});

show();
