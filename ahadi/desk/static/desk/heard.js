// Words that are marked in the talk go into the part of the statement that is chosen; the place goes along.
class HeardWords extends HTMLElement {
  connectedCallback() {
    this.choose = this.querySelector("[role=toolbar]");
    this.look = () => this.offer();
    document.addEventListener("selectionchange", this.look);
    this.choose.addEventListener("pointerdown", (event) => event.preventDefault());
    this.choose.addEventListener("click", (event) => this.take(event.target.closest("[data-into]")));
  }

  disconnectedCallback() {
    document.removeEventListener("selectionchange", this.look);
  }

  offer() {
    const selection = document.getSelection();
    const entry = selection.anchorNode?.parentElement?.closest(".thread .entry");
    const words = selection.toString().trim();
    this.choose.hidden = !entry || words.length < 2 || !entry.contains(selection.focusNode);
    if (this.choose.hidden) return;
    this.found = { words, seq: entry.id.slice(1) };
    const box = selection.getRangeAt(0).getBoundingClientRect();
    const width = this.choose.offsetWidth;
    const start = document.dir === "rtl" ? innerWidth - box.right : box.left;
    const across = Math.max(8, Math.min(start, innerWidth - width - 8));
    this.choose.style.setProperty("--x", `${across}px`);
    this.choose.style.setProperty("--y", `${Math.max(8, box.top - this.choose.offsetHeight - 8)}px`);
  }

  take(button) {
    if (!button || !this.found) return;
    const part = button.dataset.into;
    const field = this.querySelector(`[data-part="${part}"]`);
    field.value = [field.value.trim(), this.found.words].filter(Boolean).join("\n");
    this.querySelector(`[name="${part}_from"]`).value = this.found.seq;
    this.querySelector("details").open = true;
    this.choose.hidden = true;
    document.getSelection().removeAllRanges();
    field.focus();
  }
}

// While an answer is written: what it asks although the customer has said or tried it.
class AlreadySaid extends HTMLElement {
  connectedCallback() {
    this.listen = (event) => {
      if (event.target.id !== "text") return;
      clearTimeout(this.wait);
      this.wait = setTimeout(() => this.ask(event.target), 1200);
    };
    document.addEventListener("input", this.listen);
  }

  disconnectedCallback() {
    document.removeEventListener("input", this.listen);
    clearTimeout(this.wait);
  }

  async ask(field) {
    const note = field.form?.querySelector("[name=kind][value=note]")?.checked;
    if (note || field.value.trim().length < 12) return this.replaceChildren();
    const body = new FormData();
    body.set("text", field.value);
    body.set("csrfmiddlewaretoken", field.form.querySelector("[name=csrfmiddlewaretoken]").value);
    const answer = await fetch(this.getAttribute("src"), { method: "POST", body }).catch(() => null);
    if (answer?.ok && !answer.redirected) this.innerHTML = await answer.text();
  }
}

customElements.define("heard-words", HeardWords);
customElements.define("already-said", AlreadySaid);
