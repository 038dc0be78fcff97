// The service worker of the site. The build puts two constants in front: VERSION, of all files, and FILES.

const MINE = `${self.registration.scope} `; // other sites may share the origin, and so its caches
const NAME = MINE + VERSION;

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
      names.filter((name) => name.startsWith(MINE) && name !== NAME).map((name) => caches.delete(name)),
    );
  event.waitUntil(
    caches
      .keys()
      .then(drop)
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  // The page is kept under the name of its folder, and may be asked for as index.html or with a query.
  const url = event.request.url.replace(/[?#].*/, "").replace(/\/index\.html$/, "/");
  event.respondWith(
    caches
      .open(NAME)
      .then((cache) => cache.match(url, { ignoreVary: true }))
      .then((kept) => kept ?? fetch(event.request)),
  );
});
