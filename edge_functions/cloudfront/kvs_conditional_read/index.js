// Deals viewers to variants of a part of the site. Attach it to viewer-request.
import cf from 'cloudfront';

const store = cf.kvs();
const COOKIE = 'variant';

async function handler(event) {
  const request = event.request;
  const segments = request.uri.split('/');
  const kept = request.cookies[COOKIE];
  if (kept && kept.value === 'stay') return request;
  try {
    const found = await store.get(segments[1], { format: 'json' });
    if (Math.random() * 100 < found.percent) {
      segments[1] = found.variant;
      request.uri = segments.join('/');
    }
  } catch (error) {
    console.log(error.message);
  }
  return request;
}
