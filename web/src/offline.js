// Service worker of the site. The build prepends two constants: VERSION, a hash of all files, and FILES.

const PREFIX = `${self.registration.scope} `; // other sites of the same origin share its caches
const NAME = PREFIX + VERSION;

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(NAME)
      .then((cache) => cache.addAll(FILES))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  const drop = (names) =>
    Promise.all(
      names.filter((name) => name.startsWith(PREFIX) && name !== NAME).map((name) => caches.delete(name)),
    );
  event.waitUntil(
    caches
      .keys()
      .then(drop)
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  // The page is cached under its folder's URL; requests may name index.html or have a query.
  const url = event.request.url.replace(/[?#].*/, "").replace(/\/index\.html$/, "/");
  event.respondWith(
    caches
      .open(NAME)
      .then((cache) => cache.match(url, { ignoreVary: true }))
      .then((cached) => cached ?? fetch(event.request)),
  );
});
