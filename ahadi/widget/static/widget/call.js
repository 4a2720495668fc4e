// Requests of the panel: each carries the session, which begins with the first one that needs it.
import { about, kept, raise, tell } from "./place.js";

export class Fault extends Error {
  constructor(status, said = {}, wait = 0) {
    super(said.detail || said.title || "");
    Object.assign(this, { status, code: said.code || "", wait });
  }
  // The line or the server is away for a moment: the same again later.
  get isPassing() {
    return !this.status || this.status === 429 || this.status >= 500;
  }
}

let identity = null;
let page = null;
let fields = {};
let beginning = null;

export const token = () => kept.read("token");
export const headers = () => ({ Authorization: `Bearer ${token()}` });
export const setPage = (given) => { page = given; };
export const setFields = (given) => { fields = given; };
export const setIdentity = (given) => { identity = given; };

const named = ({ jwt, ...claims }) => (jwt ? { identity: jwt } : claims);

const request = async (path, { method = "POST", body, signal, isOpen = false } = {}) => {
  const options = { method, signal, cache: "no-store", credentials: "omit", headers: isOpen ? {} : headers() };
  if (body instanceof FormData) options.body = body;
  else if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  const answer = await fetch(path, options).catch((error) => { throw error.name === "AbortError" ? error : new Fault(0); });
  const said = answer.status === 204 ? {} : await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Fault(answer.status, said, Number(answer.headers.get("Retry-After")) || 0);
  return said;
};

let proofs = 0;
// The page is asked for a fresh proof where the old one has run out, a few times at most.
export const doubt = (fault) => {
  raise("error", { code: fault.code });
  identity = null;
  if (fault.code === "identity-expired" && proofs++ < 3) tell("prove");
};

// One session for all who ask at once.
export const begin = () => {
  beginning ??= (async () => {
    const time_zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const asked = { site: about.site, origin: about.origin, language: about.language, time_zone, page, fields };
    const shown = identity;
    let given;
    try {
      given = await request("/widget/sessions/", { body: { ...asked, ...named(shown ?? {}) }, isOpen: true });
    } catch (fault) {
      if (!fault.code?.startsWith("identity-")) throw fault;
      // Who it is could not be shown: they may write all the same, as somebody unknown.
      doubt(fault);
      given = await request("/widget/sessions/", { body: asked, isOpen: true });
    }
    kept.write("token", given.token);
    tell("kept", { is: true });
    if (shown) raise("identified", { visitor: given.visitor });
    return given;
  })().finally(() => { beginning = null; });
  return beginning;
};

export const identify = async (who) => {
  identity = who;
  // A session that is just beginning was asked for without it.
  await beginning?.catch(() => {});
  if (!token()) return begin();
  const given = await request("/widget/sessions/", { method: "PATCH", body: named(who) });
  raise("identified", { visitor: given.visitor });
  return given;
};

// A session that has ended is begun anew, once.
export const call = async (path, options = {}, isSecond = false) => {
  if (!token()) await begin();
  try {
    return await request(path, options);
  } catch (fault) {
    if (fault.code !== "session-unknown" || isSecond) throw fault;
    kept.drop("token");
    await begin();
    return call(path, options, true);
  }
};

export const end = async () => {
  identity = null;
  if (token()) await request("/widget/sessions/", { method: "DELETE" }).catch(() => {});
};
