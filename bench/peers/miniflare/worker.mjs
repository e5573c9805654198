// The same as ../functions/variant.js as a Worker, before its Cache API.
export default {
  async fetch(request, env, ctx) {
    const cookies = request.headers.get('Cookie') ?? '';
    const url = new URL(request.url);
    url.pathname = (/(?:^|;\s*)variant=b(?:;|$)/.test(cookies) ? '/b' : '/a') + url.pathname;
    const key = new Request(url);
    const found = await caches.default.match(key);
    if (found) return found;
    const response = await fetch(env.ORIGIN + url.pathname);
    ctx.waitUntil(caches.default.put(key, response.clone()));
    return response;
  },
};
