// A part of a page that tells how it is this moment: read anew, every so many seconds, while somebody looks at it.
import { morph } from "./morph.js";

export const start = () => {
  const part = document.querySelector("[data-anew]");
  if (!part) return;
  setInterval(async () => {
    if (document.hidden) return;
    const answer = await fetch(location.href, { headers: { "X-Live": "1" }, redirect: "manual" }).catch(() => null);
    if (!answer?.ok) return;
    const newer = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(part.id);
    if (newer) morph(part, newer);
  }, Number(part.dataset.anew) * 1_000);
};
