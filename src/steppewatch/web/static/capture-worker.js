// Opens the inventory page where there is no net: asks the node first, and what was kept second.
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  const kept = event.request.method === "GET" && (url.pathname.endsWith("/capture.html") || url.pathname.includes("/assets/"));
  if (kept) event.respondWith(fetch(event.request).catch(() => caches.match(event.request, { ignoreSearch: true, ignoreVary: true })));
});
