// Translates addresses by a table that can be changed without a new version. Viewer-request.
import cf from 'cloudfront';

const store = cf.kvs();

async function handler(event) {
  const request = event.request;
  const known = await store.exists(request.uri);
  if (known) {
    request.uri = await store.get(request.uri);
  }
  return request;
}
