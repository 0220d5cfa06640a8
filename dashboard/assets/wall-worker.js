"use strict";
// Keeps the page of a wall display and its files, so that a display that starts while the server is away comes up. The slides
// themselves are kept by the page. Everything is asked of the server first; what it answered last is for when it does not.
const store = "nianbao-wall";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", event => event.waitUntil(self.clients.claim()));

// kept reports whether a request is for the page of a display or one of its files.
function kept(request) {
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) { return false; }
  return request.mode === "navigate" || url.pathname === "/assets/wall.css" || url.pathname === "/assets/wall.js";
}

async function answer(request) {
  const cache = await caches.open(store);
  try {
    const fresh = await fetch(request);
    if (fresh.ok) {
      // One page and one version of each file: what was kept before gives way.
      const path = new URL(request.url).pathname;
      for (const old of await cache.keys()) {
        if (new URL(old.url).pathname === path && old.url !== request.url) { await cache.delete(old); }
      }
      await cache.put(request, fresh.clone());
      return fresh;
    }
    if (fresh.status < 500) { return fresh; }
    return (await cache.match(request)) || fresh;
  } catch (error) {
    const before = await cache.match(request, {ignoreSearch: request.mode === "navigate"});
    if (before) { return before; }
    throw error;
  }
}

self.addEventListener("fetch", event => {
  if (kept(event.request)) { event.respondWith(answer(event.request)); }
});
