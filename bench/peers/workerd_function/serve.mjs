// workerd under miniflare: the function of bench_cloudfront_functions.py, and a page from its
// Cache API. Run as: node serve.mjs PORT
import { Miniflare } from 'miniflare';

const script = `
const page = 'x'.repeat(1024);
export default {
  async fetch(request, env, context) {
    const url = new URL(request.url);
    if (url.pathname.endsWith('/')) url.pathname += '1k';
    const found = await caches.default.match(url);
    if (found) return found;
    const made = new Response(page, { headers: { 'cache-control': 'max-age=86400' } });
    context.waitUntil(caches.default.put(url, made.clone()));
    return made;
  },
};
`;

const port = Number(process.argv[2]);
const host = '127.0.0.1';
const server = new Miniflare({ modules: true, script, port, host, cachePersist: false, cf: false });
await server.ready;
process.on('SIGTERM', () => server.dispose().then(() => process.exit(0)));
