// Shows each visitor one of several variants. Attach it to viewer-request and viewer-response.
import crypto from 'crypto';

// What the log calls it. Two experiments of different names deal independently of each other.
const EXPERIMENT = 'front-page-1';
// Variant to its weight; only the ratio counts.
const VARIANTS = { a: 50, b: 50 };
// "cookie": dealt once at random and kept. "hash": dealt by address and browser each time.
const STICKY = 'cookie';
// Has to be in the cache policy: each variant is then cached once.
const COOKIE = 'variant';
// How the first trigger tells the last that the browser has no cookie yet.
const ASSIGNED = 'x-variant-assigned';
const KEEP_S = 30 * 24 * 3600;

function handler(event) {
  return event.context.eventType === 'viewer-request' ? assign(event) : expose(event);
}

function assign(event) {
  const request = event.request;
  delete request.headers[ASSIGNED]; // ours alone; a viewer may not send it
  if (STICKY === 'hash') {
    const browser = request.headers['user-agent'];
    const visitor = event.viewer.ip + ' ' + (browser ? browser.value : '');
    request.cookies[COOKIE] = { value: variantFor(visitor) };
  } else if (!isVariant(request.cookies[COOKIE])) {
    const variant = variantFor(event.context.requestId);
    request.cookies[COOKIE] = { value: variant };
    request.headers[ASSIGNED] = { value: variant };
  }
  return request;
}

// Log what is seen, and give a new visitor a cookie: after the cache, which never has it.
function expose(event) {
  const request = event.request;
  const response = event.response;
  const cookie = request.cookies[COOKIE];
  if (!isVariant(cookie)) return response;
  const isNew = ASSIGNED in request.headers;
  const kind = response.headers['content-type'];
  if (kind && kind.value.startsWith('text/html')) {
    console.log(JSON.stringify({
      experiment: EXPERIMENT, variant: cookie.value, new: isNew, uri: request.uri,
    }));
  }
  if (isNew) {
    const attributes = 'Path=/; Max-Age=' + KEEP_S + '; SameSite=Lax';
    response.cookies[COOKIE] = { value: cookie.value, attributes: attributes };
  }
  return response;
}

function isVariant(cookie) {
  return cookie !== undefined && Object.keys(VARIANTS).includes(cookie.value);
}

// The same for the same visitor, without asking or storing anything.
function variantFor(visitor) {
  const digest = crypto.createHash('sha256').update(EXPERIMENT + ':' + visitor).digest('hex');
  const names = Object.keys(VARIANTS);
  const total = names.reduce((sum, name) => sum + VARIANTS[name], 0);
  let drawn = parseInt(digest.slice(0, 12), 16) / Math.pow(16, 12) * total;
  const dealt = names.find((name) => {
    drawn -= VARIANTS[name];
    return drawn < 0;
  });
  return dealt || names[0];
}
