// The worker behind the street: the page opens without signal. It serves one build ({{ build }}) whole; a newer one is
// fetched beside it and waits until the page lets it. What waits to be sent lies in IndexedDB and is none of its business.
const PAGE = "street-{{ build }}";
const DATA = "street-data";
const SHELLS = {{ shells | tojson }};
const FILES = {{ files | tojson }};
const KEPT = [/^\/api\/v1\/(cities|areas|points)(\/|$)/, /^\/tiles\//];
const WAIT_MS = 6000;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(PAGE).then((cache) => cache.addAll([...SHELLS, ...FILES])));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name.startsWith("street-") && name !== PAGE && name !== DATA).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("message", (event) => event.data === "skip" && self.skipWaiting());

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate" && url.pathname === "/street") event.respondWith(shell(url, request));
  else if (url.pathname.startsWith("/static/")) event.respondWith(file(request));
  else if (KEPT.some((kept) => kept.test(url.pathname))) event.respondWith(data(event, request));
});

async function shell(url, request) {
  const wanted = url.searchParams.get("lang") === "en" ? SHELLS[1] : SHELLS[0];
  return (await (await caches.open(PAGE)).match(wanted)) ?? fetch(request);
}

// Built files carry their digest in the name: what is here is right.
async function file(request) {
  const cache = await caches.open(PAGE);
  const kept = await cache.match(request, { ignoreVary: true });
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) await cache.put(request, answer.clone()).catch(() => undefined); // full: it is still served
  return answer;
}

// The server's word while there is signal, the last one else.
async function data(event, request) {
  const cache = await caches.open(DATA);
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(WAIT_MS) });
    if (answer.ok) event.waitUntil(cache.put(request, answer.clone()).catch(() => undefined));
    return answer;
  } catch (error) {
    const kept = await cache.match(request, { ignoreVary: true });
    if (kept) return kept;
    throw error;
  }
}
