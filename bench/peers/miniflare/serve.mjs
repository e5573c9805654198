// node serve.mjs PORT ORIGIN: the worker on workerd, until it is told to end.
import { fileURLToPath } from 'node:url';
import { Miniflare } from 'miniflare';

const [port, origin] = process.argv.slice(2);
const miniflare = new Miniflare({
  host: '127.0.0.1',
  port: Number(port),
  modules: true,
  scriptPath: fileURLToPath(new URL('worker.mjs', import.meta.url)),
  compatibilityDate: '2025-05-01',
  bindings: { ORIGIN: origin },
  cache: true,
});
await miniflare.ready;
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => miniflare.dispose().then(() => process.exit(0)));
}
