// A new build waits until the page is started anew: one that is open still needs the files it began with.
//
// Keeps this page's own files, so that it starts without a network. Answers from what it keeps; nothing else is kept: no verdict, no
// document, no list (these lie in the page's own database, verified each time they are read).
const VERSION = '__VERSION__';
const FILES = ['__FILES__'];
const CACHE = `checkpoint-${VERSION}`;

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches.open(CACHE).then((cache) => cache.addAll(FILES.map((file) => new Request(file, { cache: 'reload' })))),
  );
});

self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const scope = new URL('./', self.location).pathname;
  if (request.method !== 'GET' || !new URL(request.url).pathname.startsWith(scope)) return;
  event.respondWith(
    caches.open(CACHE).then(async (cache) => (await cache.match(request, { ignoreSearch: true })) ?? fetch(request)),
  );
});
