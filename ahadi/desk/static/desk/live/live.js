// The desk while it is open: what changed, who is there, what was begun. Everything here makes the desk nicer; none of it is needed.
import { listen, start as connect } from "./line.js";
import { refresh } from "./fresh.js";
import { start as arrive } from "./presence.js";
import { start as begin } from "./sketch.js";
import { start as lookAhead } from "./ahead.js";
import "./review.js";
import { start as ring } from "./ring.js";
import { start as readAnew } from "./anew.js";
import { fill, number, place, say, ticket } from "./place.js";

const line = document.getElementById("live");
let fresh = 0;

if (line && "BroadcastChannel" in window) {
  listen("ticket", (told) => {
    if (told.is_new && told.kinds.length) say(fill(place.new, number.format((fresh += 1))));
    refresh(told.number === ticket()?.dataset.number);
    // For others who show something of tickets: it may have changed.
    document.dispatchEvent(new CustomEvent("desk:news", { detail: told }));
  });
  listen("lists", () => refresh(false));
  listen("reset", () => refresh());
  // Between drawing the page and hearing of it something may have happened.
  listen("hello", () => refresh());
  listen("open", () => { line.textContent = ""; });
  listen("lost", () => { line.textContent = place.lost; });
  listen("out", () => { line.textContent = place.out; });
  document.getElementById("voice")?.addEventListener("focus", () => { fresh = 0; });
  setInterval(() => { fresh = 0; }, 30_000);
  begin();
  arrive();
  connect();
  lookAhead();
  ring();
  readAnew();
}
