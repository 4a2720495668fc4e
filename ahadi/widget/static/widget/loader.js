// <script async src="https://desk.example/widget.js" data-site="KEY"></script>: puts the button of the chat on a page,
// and the panel in a frame when somebody wants it. It keeps nothing but one mark here: "something is kept in the frame".
(() => {
  const WORDS = {};
  const before = window.Ahadi;
  if (before && before.isLoaded) return;
  const script = document.currentScript || document.querySelector("script[data-site][src*='/widget.js']");
  const SMALL = "(max-width: 600px), (max-height: 420px)";
  const PHONE = matchMedia(SMALL);
  const DARK = matchMedia("(prefers-color-scheme: dark)");
  const IDENTITY = ["name", "email", "phone", "user_id", "user_hash"];
  // Names that other chats have taught people: ours first in each group.
  const named = (groups) => Object.fromEntries(groups.split("|").flatMap((group) => group.split(" ").map((each, _at, all) => [each, all[0]])));
  const VERBS = named("open show chat:open|close hide chat:close|toggle chat:toggle|boot run configure initLibredesk|identify setUser loginUser|"
    + "update setCustomAttributes conversationFields conversationTags session:data|logout logoutUser reset session:reset|on messenger:on|"
    + "newMessage showNewMessage sendMessage newConversation message:text message:send|openCase showTicket showConversation|"
    + "showLauncher toggleBubbleVisibility chat:show|hideLauncher chat:hide|consent|shutdown");
  const EVENTS = named("open show onShow chat:opened|close hide onHide chat:closed|ready onReady session:loaded|unread unreadMessages onUnreadCountChange|"
    + "identified onUserEmailSupplied|message message:received|error");
  const STYLES = `
    .corner { all: initial; position: fixed; inset-block-end: max(24px, env(safe-area-inset-bottom)); inset-inline-end: 24px; z-index: 2147483000;
      --solid: #0E7480; --on: #FFFFFF; --ink: #17212B; --surface: #FFFFFF; --text: #0B6470; --line: #7C8893; }
    .dark { --solid: #4FBAC6; --on: #06181B; --ink: #E9EEF1; --surface: #161D22; --text: #6FD0DA; --line: #2A353C; }
    button { position: relative; display: flex; align-items: center; justify-content: center; gap: 8px; min-inline-size: 56px; min-block-size: 56px; box-sizing: border-box;
      padding: 0 15px; border: 1px solid transparent; border-radius: 28px; background: var(--solid); color: var(--on);
      font: 500 16px system-ui, sans-serif; cursor: pointer; box-shadow: 0 8px 24px rgb(0 0 0 / .18); }
    button:hover { background: var(--text); }
    .open { background: var(--surface) !important; color: var(--text); border-color: var(--line); }
    button:focus-visible { outline: 3px solid var(--text); outline-offset: 3px; }
    [hidden], .open .talk, :not(.open) > .down, span:empty, dialog:not([open]) { display: none; }
    .aside button:not(:focus) { translate: 0 64px; }
    svg { inline-size: 24px; fill: none; stroke: currentColor; stroke-width: 1.75; stroke-linecap: round; stroke-linejoin: round; }
    .count { position: absolute; inset-block-start: -4px; inset-inline-end: -4px; min-inline-size: 12px; padding: 0 5px; border: 2px solid var(--surface);
      border-radius: 28px; background: var(--ink); color: var(--surface); font-size: 12px; line-height: 18px; }
    dialog { position: absolute; inset: auto; inset-block-end: calc(100% + 12px); inset-inline-end: 0; inline-size: 380px; block-size: min(600px, calc(100dvh - 116px));
      max-inline-size: none; max-block-size: none; padding: 0; border: 1px solid var(--line); border-radius: 8px; overflow: hidden; background: var(--surface);
      box-shadow: 0 8px 24px rgb(0 0 0 / .18); outline: none; }
    iframe { display: block; inline-size: 100%; block-size: 100%; border: 0; }
    @media ${SMALL} { dialog { position: fixed; inset: 0; inline-size: 100%; block-size: 100dvh; border: 0; border-radius: 0; } }
    @media print { .corner { display: none; } }`;

  let settings, identity, host, corner, button, count, label, dialog, frame, opener;
  let isReady, isBooted, isLeaving, wantsOpen, hasConsent, unread, title, waiting;
  const listeners = {};

  const forget = () => {
    settings = { position: "end", theme: "auto" };
    identity = host = frame = opener = null;
    isReady = isBooted = isLeaving = wantsOpen = hasConsent = false;
    unread = 0;
    title = "";
    waiting = [];
  };
  forget();

  const base = () => new URL(settings.apiBase || script.src, location.href).origin;
  const locale = () => settings.locale || document.documentElement.lang || navigator.language || "en";
  const words = () => WORDS[locale().toLowerCase().split("-")[0].replace("iw", "he")] || WORDS.en || {};
  const mayStore = () => settings.consent !== "wait" || hasConsent;
  const isOpen = () => Boolean(host && dialog.open);

  const happened = (type, detail) => ({ id: Math.random().toString(36).slice(2), type, at: new Date().toISOString(), ...detail });
  const emit = (type, detail) => {
    for (const listener of [...(listeners[type] || [])]) {
      try { listener(happened(type, detail)); } catch (error) { setTimeout(() => { throw error; }); }
    }
  };

  // ── the mark: whether the frame keeps something, so that it is worth loading before it is asked for ──
  const marked = () => /(^| )ahadi=1/.test(document.cookie);
  const mark = (is) => {
    if (mayStore()) document.cookie = `ahadi=1; path=/; SameSite=Lax; max-age=${is ? 3e7 : 0}${settings.cookieDomain ? `; domain=${settings.cookieDomain}` : ""}`;
  };

  // ── the button and the dialog ──
  const make = (name, attributes = {}, ...children) => {
    const node = document.createElementNS(`http://www.w3.org/${/^(svg|path)$/.test(name) ? "2000/svg" : "1999/xhtml"}`, name);
    for (const key in attributes) node.setAttribute(key, attributes[key]);
    node.append(...children);
    return node;
  };
  const drawing = (name, lines) => make("svg", { class: name, viewBox: "0 0 24 24", "aria-hidden": "true" }, make("path", { d: lines }));

  const dress = (shadow) => {
    try {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLES);
      shadow.adoptedStyleSheets = [sheet];
    } catch {
      const style = make("style", settings.cspNonce ? { nonce: settings.cspNonce } : {}, STYLES);
      shadow.append(style);
    }
  };

  const build = () => {
    host = make("ahadi-chat");
    const shadow = host.attachShadow({ mode: "open" });
    dress(shadow);
    label = make("span");
    count = make("span", { class: "count", "aria-hidden": "true" });
    button = make("button", { type: "button", "aria-haspopup": "dialog", "aria-expanded": "false", "aria-controls": "panel" },
      drawing("talk", "M22 17a2 2 0 0 1-2 2H6.8a2 2 0 0 0-1.4.6l-2.2 2.2A.7.7 0 0 1 2 21.300V5a2 2 0 0 1 2-2h16a2 2 0 0 1 2 2z"), drawing("down", "m6 9 6 6 6-6"), label, count);
    dialog = make("dialog", { id: "panel" });
    corner = make("div", { class: "corner" }, button, dialog);
    shadow.append(corner);
    button.addEventListener("click", () => api.toggle());
    for (const type of ["pointerenter", "focus"]) button.addEventListener(type, () => load());
    dialog.addEventListener("close", folded);
    document.body.append(host);
    arrange();
  };

  // The corner has the direction that puts "end" where it belongs; what stands in it has that of its words.
  const arrange = () => {
    if (!host) return;
    const isTurned = getComputedStyle(document.documentElement).direction === "rtl";
    corner.dir = { left: "rtl", right: "ltr", start: isTurned ? "ltr" : "rtl" }[settings.position] || (isTurned ? "rtl" : "ltr");
    corner.classList.toggle("dark", settings.theme === "dark" || (settings.theme !== "light" && DARK.matches));
    if (settings.zIndex) corner.style.zIndex = settings.zIndex;
    const isHere = (each) => (each.endsWith("*") ? location.pathname.startsWith(each.slice(0, -1)) : each === location.pathname);
    button.hidden = settings.isLauncherHidden || [].concat(settings.hideOn || []).some(isHere);
    name();
  };

  const name = () => {
    const said = words();
    const text = settings.launcherText || "";
    const number = unread ? new Intl.NumberFormat(locale()).format(unread) : "";
    const act = isOpen() ? said.close : text || said.open;
    label.textContent = isOpen() ? "" : text;
    count.textContent = isOpen() ? "" : number;
    button.setAttribute("aria-label", unread && !isOpen() ? `${act}. ${said.unread.replace("{}", number)}` : act);
    button.setAttribute("aria-expanded", isOpen());
    button.className = isOpen() ? "open" : "";
    dialog.setAttribute("aria-label", title || said.title);
    if (frame) frame.title = title || said.title;
  };

  // ── the frame ──
  const load = () => {
    if (frame || !host || !mayStore()) return;
    const asked = { site: settings.site, origin: location.origin, lang: locale(), theme: settings.theme };
    frame = make("iframe", { title: title || words().title, allow: "clipboard-write; microphone 'none'", src: `${base()}/widget/frame/?${new URLSearchParams(asked)}` });
    dialog.append(frame);
  };
  const tell = (type, data = {}) => {
    if (isReady) frame.contentWindow.postMessage({ ahadi: 1, type, ...data }, base());
    else waiting.push([type, data]);
  };
  // Where the visitor is, is told only where the site wants it, and without what stands behind the path.
  const chosen = () => ({ theme: settings.theme, fields: settings.fields, page: settings.pages && location.origin + location.pathname });
  const prove = async () => {
    if (typeof identity === "function") {
      const jwt = await new Promise((done) => Promise.resolve(identity(done)).then((given) => given && done(given)));
      tell("identify", { jwt });
    } else if (identity) tell("identify", identity);
  };

  const heard = {
    ready({ title: named }) {
      isReady = true;
      title = String(named || "");
      tell("update", chosen());
      prove();
      for (const [type, data] of waiting.splice(0)) tell(type, data);
      name();
      emit("ready");
    },
    unread({ number }) {
      if (unread === number || !(number >= 0)) return;
      unread = number;
      name();
      emit("unread", { count: unread });
    },
    kept({ is }) { mark(is); },
    event({ name, detail }) { emit(name, detail); },
    prove,
    close() { api.close(); },
    jump() { back(); },
    cleared() { if (isLeaving) leave(); },
  };
  const leave = () => { host.remove(); forget(); };

  addEventListener("message", (event) => {
    if (!frame || event.source !== frame.contentWindow || event.origin !== base()) return;
    const said = event.data;
    if (said && said.ahadi === 1 && Object.hasOwn(heard, said.type)) heard[said.type](said);
  });
  document.addEventListener("securitypolicyviolation", (event) => {
    if (frame && event.blockedURI.startsWith(base())) emit("error", { code: "blocked-by-csp" });
  });
  addEventListener("keydown", (event) => {
    if (!isOpen() || event.defaultPrevented) return;
    if (event.key === "F6") { event.preventDefault(); opener = document.activeElement; enter(); }
    if (event.key === "Escape" && document.activeElement === host) { event.preventDefault(); api.close(); }
  });
  // What has the focus must not lie under the button.
  addEventListener("focusin", (event) => {
    if (!host || event.target === host) return;
    const [one, two] = [event.target.getBoundingClientRect(), button.getBoundingClientRect()];
    corner.classList.toggle("aside", one.x > two.x - 8 && one.right < two.right + 8 && one.bottom > two.y);
  });
  // The keyboard of a phone shortens what is seen of the page, not the page: only the page is told.
  const fit = () => {
    if (!isOpen() || !PHONE.matches) return host && dialog.removeAttribute("style");
    dialog.style.blockSize = `${visualViewport.height}px`;
    dialog.style.insetBlockStart = `${visualViewport.offsetTop}px`;
  };
  if (window.visualViewport) for (const type of ["resize", "scroll"]) visualViewport.addEventListener(type, fit);
  DARK.addEventListener("change", arrange);
  PHONE.addEventListener("change", () => {
    if (!isOpen()) return;
    dialog.close();
    unfold();
  });

  // To what had the focus before, if that still takes it; the page's body and the chat itself do not.
  const back = () => (opener && opener.isConnected && opener.tabIndex >= 0 ? opener : button).focus();
  // Also where the browser has closed it.
  const folded = () => {
    if (!host || isOpen()) return;
    dialog.removeAttribute("style");
    tell("close");
    name();
    if (document.activeElement.tabIndex < 0) back();
    emit("close");
  };
  const enter = () => { frame.focus(); tell("focus"); };
  // On a phone the panel is all there is: the page behind it rests. Beside a page it leaves the page usable.
  const unfold = () => {
    if (PHONE.matches) dialog.showModal();
    else dialog.show();
    tell("open", { phone: PHONE.matches });
    fit();
    name();
  };

  const mount = () => {
    if (!isBooted || host || !mayStore()) return;
    build();
    if (marked()) load();
    if (wantsOpen) api.open();
  };
  const idle = (run) => (window.requestIdleCallback ? requestIdleCallback(run, { timeout: 2000 }) : setTimeout(run, 200));
  const later = (run) => (document.readyState === "complete" ? idle(run) : addEventListener("load", () => idle(run), { once: true }));

  const known = (values) => Object.fromEntries(IDENTITY.filter((key) => values[key] !== undefined).map((key) => [key, values[key]]));
  const absorb = ({ websiteToken, baseUrl, user_hash, identifier_hash, jwt, hide_default_launcher, language, ...rest } = {}) => {
    if (websiteToken) rest.site = websiteToken;
    if (baseUrl) rest.apiBase = baseUrl;
    if (language) rest.locale = language;
    if (hide_default_launcher !== undefined) rest.isLauncherHidden = hide_default_launcher;
    if (rest.consent === "given" || rest.consent === true) { hasConsent = true; delete rest.consent; }
    const person = known({ ...rest, user_hash: user_hash || identifier_hash });
    for (const key of IDENTITY) delete rest[key];
    Object.assign(settings, rest);
    if (jwt) api.identify(jwt);
    else if (Object.keys(person).length) api.identify(person);
  };

  const api = {
    boot(more) {
      isLeaving = false;
      absorb({ site: script && script.dataset.site, ...more });
      if (!settings.site) return emit("error", { code: "no-site" });
      isBooted = true;
      if (host) return arrange();
      later(mount);
    },
    identify(who, more) {
      if (typeof who === "string" && more) who = { ...more, user_id: who };
      if (who && typeof who === "object") who = who.jwt ? { jwt: who.jwt } : known({ ...who, user_hash: who.user_hash || who.identifier_hash });
      identity = typeof who === "string" ? { jwt: who } : who;
      if (isReady) prove();
      else if (host) load();
    },
    update(more) {
      absorb(more);
      if (!host) return later(mount);
      arrange();
      tell("update", chosen());
    },
    consent(is = true) {
      hasConsent = is;
      if (is) later(mount);
      else { api.shutdown(); settings.consent = "wait"; }
    },
    logout() {
      identity = null;
      if (!host) return;
      api.close();
      load();
      waiting = [];
      tell("logout");
      heard.unread({ number: 0 });
      mark(false);
    },
    shutdown() {
      isBooted = false;
      if (!host) return forget();
      isLeaving = true;
      button.hidden = true;
      api.logout();
    },
    open() {
      wantsOpen = true;
      if (!host) return mount();
      if (isOpen()) return enter();
      load();
      opener = document.activeElement;
      unfold();
      enter();
      emit("open");
    },
    close() {
      wantsOpen = false;
      if (isOpen()) dialog.close();
    },
    toggle(to) { return (to ? to === "open" : !isOpen()) ? api.open() : api.close(); },
    showLauncher(to) { settings.isLauncherHidden = to === "hide"; arrange(); },
    hideLauncher() { settings.isLauncherHidden = true; arrange(); },
    newMessage(text) { api.open(); tell("write", { text: String(text || "") }); },
    openCase(code) { api.open(); tell("case", { code: String(code || "") }); },
    on(type, listener) {
      type = EVENTS[type] || type;
      const told = (listeners[type] ||= new Set());
      told.add(listener);
      if (type === "unread" || (type === "ready" && isReady)) listener(happened(type, { count: unread }));
      return () => told.delete(listener);
    },
  };

  // `Ahadi("open")`, `Ahadi.open()`, `zE("messenger", "open")` and `$crisp.push(["do", "chat:open"])` mean the same.
  const Ahadi = (command, ...values) => {
    if (/^(messenger|do|set)$/.test(command)) [command, ...values] = values;
    if (Array.isArray(values[0])) values = values[0];
    if (command === "message:send") values.shift();
    if (command === "user:email") return api.identify({ email: values[0], user_hash: values[1] });
    if (EVENTS[command] && typeof values[0] === "function") return api.on(command, values[0]);
    if (VERBS[command]) return api[VERBS[command]](...values);
    emit("error", { code: "unknown-command" });
  };
  Object.assign(Ahadi, { isLoaded: true, push: (call) => Ahadi(...call) });
  for (const each in VERBS) Ahadi[each] = (...values) => Ahadi(each, ...values);
  window.Ahadi = Ahadi;
  const calls = (before && before.q) || [];
  // Names of others, where a page asks for them: data-names="Intercom zE $crisp".
  for (const other of (script && script.dataset.names || "").split(" ")) {
    if (!other || (window[other] && !window[other].q && !Array.isArray(window[other]))) continue;
    calls.push(...(Array.isArray(window[other]) ? window[other] : (window[other] && window[other].q) || []));
    window[other] = Ahadi;
  }
  if (script) {
    const { site, position, locale: spoken, theme, consent, nonce } = script.dataset;
    const given = { site, position, locale: spoken, theme, consent, cspNonce: nonce || script.nonce, ...window.ahadiSettings };
    for (const key in given) if (given[key]) settings[key] = given[key];
  }
  for (const call of calls) Ahadi(...call);
  if (settings.site && !isBooted && !isLeaving && (!script || script.dataset.boot !== "manual")) api.boot();
})();
