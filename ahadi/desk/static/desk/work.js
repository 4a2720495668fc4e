// The panel of work is read when it is seen: the ticket does not wait for it.
class WorkPanel extends HTMLElement {
  connectedCallback() {
    if (this.isFull) return;
    this.watch = new IntersectionObserver((seen) => {
      if (seen.some((entry) => entry.isIntersecting)) this.load();
    });
    this.watch.observe(this);
    if (location.hash === "#work") this.load();
  }

  disconnectedCallback() {
    this.watch?.disconnect();
  }

  async load() {
    if (this.isFull) return;
    this.isFull = true;
    this.watch.disconnect();
    const answer = await fetch(this.getAttribute("src"), { headers: { "X-Requested-With": "fetch" } }).catch(() => null);
    if (answer?.ok && !answer.redirected) this.innerHTML = await answer.text();
    else this.isFull = false;
    if (location.hash === "#work") this.scrollIntoView({ block: "start" });
  }
}

customElements.define("work-panel", WorkPanel);
