// <b data-leaves="…" data-leaves-text="Leaves in {}" data-leaves-now="…">: counts down; then the page shows what became of it.
const language = document.documentElement.lang;
const length = new Intl.NumberFormat(language, { style: "unit", unit: "second", unitDisplay: "long" });
// After this long the worker is not there, and asking again and again does not help.
const PATIENCE = -20;
const LOOK_AGAIN = 2_000;

const timers = () => [...document.querySelectorAll("[data-leaves]")];
const left = (timer) => Math.ceil((Date.parse(timer.dataset.leaves) - Date.now()) / 1_000);

const show = (timer) => {
  const seconds = left(timer);
  const { leavesText, leavesNow } = timer.dataset;
  const text = seconds > 0 ? leavesText.replace("{}", length.format(seconds)) : leavesNow;
  if (timer.textContent !== text) timer.textContent = text;
};

const lookAgain = () => {
  const isOver = timers().some((timer) => left(timer) <= 0 && left(timer) > PATIENCE);
  if (isOver) document.dispatchEvent(new CustomEvent("desk:stale"));
};

timers().forEach(show);
setInterval(() => timers().forEach(show), 1_000);
setInterval(lookAgain, LOOK_AGAIN);
