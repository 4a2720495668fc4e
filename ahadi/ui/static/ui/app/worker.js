// The service worker: a page for when there is no connection, and notices while the desk is closed. It keeps nothing else.
const KEPT = "offline-1";
const PAGE = "/offline/";

const keep = async () => {
  const kept = await caches.open(KEPT);
  const page = await fetch(PAGE, { cache: "reload" });
  const looks = [...(await page.clone().text()).matchAll(/href="([^"]+\.css)"/g)].map((found) => found[1]);
  await kept.addAll(looks);
  await kept.put(PAGE, page);
};
self.addEventListener("install", (event) => event.waitUntil(keep().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => {
  event.waitUntil(caches.keys().then((names) => Promise.all(names.filter((name) => name !== KEPT).map((name) => caches.delete(name)))).then(() => self.clients.claim()));
});
self.addEventListener("fetch", (event) => {
  const { mode, method, destination } = event.request;
  if (method !== "GET" || (mode !== "navigate" && destination !== "style")) return;
  event.respondWith(fetch(event.request).catch(async () => (await caches.match(mode === "navigate" ? PAGE : event.request)) ?? Response.error()));
});
self.addEventListener("push", (event) => {
  const { title, body, url, tag } = event.data?.json() ?? {};
  event.waitUntil(self.registration.showNotification(title ?? "Ahadi", { body, tag, icon: "/icon-192.png", data: { url: url ?? "/desk/" } }));
});
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const address = new URL(event.notification.data.url, self.location.origin).href;
  event.waitUntil(self.clients.matchAll({ type: "window" }).then((open) => {
    const known = open.find((client) => client.url.includes("/desk/"));
    return known ? known.focus().then((client) => client.navigate(address)) : self.clients.openWindow(address);
  }));
});
