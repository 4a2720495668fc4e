// <time data-remaining="brief|words" datetime="…">: "1 h 12 min" and "in 20 hours" stay true, once a minute, in the server's words.
const MINUTE = 60_000;
const root = document.documentElement;
const language = root.lang;
const pattern = JSON.parse(root.dataset.words ?? "{}");
const number = new Intl.NumberFormat(language, { minimumIntegerDigits: 1 });
const padded = new Intl.NumberFormat(language, { minimumIntegerDigits: 2 });
const fill = (text, value) => text.replace("{}", value);

const length = (amount, unit) =>
  new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(amount);

const rounded = (minutes) => {
  if (minutes < 60) return [minutes, "minute"];
  if (minutes < 48 * 60 - 30) return [Math.floor((minutes + 30) / 60), "hour"];
  return [Math.floor((minutes + 720) / 1440), "day"];
};

const brief = (minutes) => {
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  if (hours >= 48) return length(Math.round(hours / 24), "day");
  const join = (head, amount, text) => (amount === "" ? head : head + pattern.and + fill(text, amount));
  if (hours >= 24) return join(length(1, "day"), hours > 24 ? number.format(hours - 24) : "", pattern.hour);
  if (!hours) return fill(pattern.minute, number.format(rest));
  const tail = rest ? (pattern.padded ? padded : number).format(rest) : "";
  return join(fill(pattern.hour, number.format(hours)), tail, pattern.minute);
};

const words = (form, away) => {
  const minutes = Math.floor(Math.abs(away) / MINUTE);
  if (!minutes) return pattern.now;
  const [amount, unit] = rounded(minutes);
  if (away < 0) return fill(pattern.late, form === "brief" ? brief(minutes) : length(amount, unit));
  return form === "brief" ? brief(minutes) : new Intl.RelativeTimeFormat(language).format(amount, unit);
};

const refresh = () => {
  for (const time of document.querySelectorAll("time[data-remaining]")) {
    time.textContent = words(time.dataset.remaining, Date.parse(time.dateTime) - Date.now());
  }
};

if (pattern.now) setInterval(refresh, MINUTE);
