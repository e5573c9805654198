// Lets only those in who have signed in, and only where they may be. Attach it to viewer-request.
//
// People bring the session cookie that python/auth signs, programs a token (HS256). To sign in takes
// a network, which a CloudFront Function has not: whoever has to is sent to LOGIN, where Lambda@Edge
// or the origin sees to it. Keys and rules are in the key-value store.
import cf from 'cloudfront';
import crypto from 'crypto';

const LOGIN = '/auth/login';
const MAX_RETURN_CHARACTERS = 1000;
// How the origin hears who it is. Ours alone: what a viewer sends under these names is dropped.
const IDENTITY = ['x-auth-user', 'x-auth-name', 'x-auth-groups'];
const KEY_ID = /^[a-z0-9]{1,64}$/i;
// How far the clock of whoever makes tokens and ours may be apart.
const LEEWAY_S = 60;
// Each character is decoded and hashed, and a function may work for less than a millisecond.
const MAX_TOKEN_CHARACTERS = 2048;
// Other kinds of tokens do not stand in for these (RFC 8725, section 3.11).
const KINDS = ['at+jwt', 'jwt'];

const store = cf.kvs();

async function handler(event) {
  const request = event.request;
  IDENTITY.forEach((name) => { delete request.headers[name]; });
  const isExample = await store.exists('session.example');
  if (isExample && !isLocal(request)) {
    console.log('refused: the store still has the session key that everybody knows');
    return refusal(500, 'Internal Server Error', {}, 'This site is not configured yet.');
  }
  if (isAmbiguous(request.uri)) {
    return refusal(400, 'Bad Request', {}, 'This address can be read in more than one way.');
  }
  const access = await store.get('access', { format: 'json' });
  const wanted = groupsFor(decodeURIComponent(request.uri), access);
  if (wanted === null) return passed(request, null);
  const token = bearer(request);
  if (token !== null) {
    const answer = await forProgram(request, token, wanted);
    return answer;
  }
  const person = await sessionOf(request);
  if (person === null) return toLogin(request);
  if (!isAllowed(person, wanted)) {
    return refusal(403, 'Forbidden', {}, 'You are signed in, but this is not for you.');
  }
  return passed(request, person);
}

// Whether an origin might resolve `uri` to a path with other rules than the one we see.
function isAmbiguous(uri) {
  let path;
  try {
    path = decodeURIComponent(uri);
  } catch (error) {
    return true;
  }
  const parts = path.split('/');
  const isEmpty = (part, at) => part === '' && at > 0 && at < parts.length - 1;
  return /%2f/i.test(uri)
    || /[\x00-\x1f\\%;]/.test(path) // encoded twice, or parameters, which some origins cut off
    || parts.some((part, at) => part === '.' || part === '..' || isEmpty(part, at));
}

// Of which groups somebody has to be in one; [] is any signed-in person, null is anybody. The longest
// entry that is `path` or a folder above it decides. Without any, signing in is asked for.
function groupsFor(path, access) {
  while (!(path in access)) {
    if (path === '/') return [];
    path = path.slice(0, path.lastIndexOf('/')) || '/';
  }
  return access[path];
}

function isAllowed(person, wanted) {
  return wanted.length === 0 || wanted.some((group) => person.groups.includes(group));
}

// The request without our cookies, and with headers that say who it is.
function passed(request, person) {
  const ours = [fullName(request, 'session'), fullName(request, 'login')];
  Object.keys(request.cookies).forEach((name) => {
    if (ours.some((one) => name === one || name.startsWith(one + '-'))) {
      delete request.cookies[name];
    }
  });
  if (person !== null) {
    const said = [person.sub, person.name, person.groups.join(',')];
    IDENTITY.forEach((name, at) => { request.headers[name] = { value: quoted(said[at]) }; });
  }
  return request;
}

function quoted(text) {
  return encodeURIComponent(text).replace(/%(20|2C|40|3A|7C)/g, decodeURIComponent);
}

// Programs: bearer tokens

// The token, '' if there is something unreadable instead, null if nobody tried.
function bearer(request) {
  const given = request.headers.authorization;
  if (!given) return null;
  const parts = /^\s*bearer(?:\s+(.*))?$/i.exec(given.value);
  if (parts === null) return null;
  return given.multiValue ? '' : (parts[1] || '').trim();
}

async function forProgram(request, token, wanted) {
  const bare = { 'www-authenticate': { value: 'Bearer error="invalid_token"' } };
  let person;
  try {
    person = await verified(token);
  } catch (error) {
    console.log('refused a token: ' + error.message);
    return refusal(401, 'Unauthorized', bare, '');
  }
  if (isAllowed(person, wanted)) return passed(request, person);
  bare['www-authenticate'].value = 'Bearer error="insufficient_scope"';
  return refusal(403, 'Forbidden', bare, '');
}

// Whom a token is about. The algorithm is ours to say, never the token's (RFC 8725, section 3.1).
async function verified(token) {
  if (token.length > MAX_TOKEN_CHARACTERS) throw new Error('it is too long');
  const parts = token.split('.');
  if (parts.length !== 3) throw new Error('it has not three parts');
  const header = parsed(parts[0]);
  const kind = String(header.typ || 'JWT').toLowerCase().replace(/^application\//, '');
  if (header.alg !== 'HS256') throw new Error('its algorithm is not ours');
  if (!KINDS.includes(kind)) throw new Error('it is of another kind');
  if ('crit' in header) throw new Error('it demands what we do not know');
  const key = await keyOf('token', header.kid);
  if (!isSame(parts[2], mac(key, parts[0] + '.' + parts[1]))) {
    throw new Error('its signature is wrong');
  }
  const api = await store.get('api', { format: 'json' });
  return personOf(parsed(parts[1]), api);
}

function personOf(claims, api) {
  const now = Date.now() / 1000;
  const audiences = [].concat(claims.aud);
  const times = [claims.exp, claims.iat, 'nbf' in claims ? claims.nbf : 0];
  if (!times.every((one) => typeof one === 'number')) throw new Error('its times are no numbers');
  if (claims.exp <= now - LEEWAY_S) throw new Error('it has expired');
  if (Math.max(times[1], times[2]) > now + LEEWAY_S) throw new Error('it is of the future');
  if (claims.iss !== api.issuer) throw new Error('it is from another provider');
  if (!audiences.includes(api.audience)) throw new Error('it is for somebody else');
  if (typeof claims.sub !== 'string' || !claims.sub) throw new Error('it is about nobody');
  const groups = claims.groups || [];
  if (!Array.isArray(groups) || !groups.every((one) => typeof one === 'string')) {
    throw new Error('its groups are no list of names');
  }
  const name = typeof claims.name === 'string' ? claims.name : claims.sub;
  return { sub: claims.sub, name: name, groups: groups };
}

// People: the session cookie

async function sessionOf(request) {
  const cookie = request.cookies[fullName(request, 'session')];
  if (!cookie) return null;
  const found = cookie.multiValue || [cookie]; // a neighbouring site may have added one
  for (let i = 0; i < found.length; i++) {
    const person = await opened('session', found[i].value);
    if (person !== null) return person;
  }
  return null;
}

// What was signed for this purpose; null if it was not, or is over.
async function opened(purpose, text) {
  try {
    const parts = text.split('.'); // the key's id, the payload, its signature
    const key = await keyOf(purpose, parts[0]);
    const expected = mac(key, parts[0] + '.' + purpose + '.' + parts[1]);
    if (parts.length !== 3 || !isSame(parts[2], expected)) return null;
    const pair = parsed(parts[1]);
    return Date.now() / 1000 < pair[0] ? pair[1] : null;
  } catch (error) {
    return null;
  }
}

// Send a browser that wants a page to the login; tell anything else that it may not.
function toLogin(request) {
  if (!isNavigation(request)) {
    return refusal(401, 'Unauthorized', { 'www-authenticate': { value: 'Bearer' } }, '');
  }
  const query = request.rawQueryString();
  const target = request.uri + (query ? '?' + query : '');
  const back = target.length <= MAX_RETURN_CHARACTERS ? target : '/';
  const location = { value: LOGIN + '?to=' + encodeURIComponent(back) };
  return refusal(302, 'Found', { location: location }, '');
}

function isNavigation(request) {
  if (request.method !== 'GET' && request.method !== 'HEAD') return false;
  const mode = request.headers['sec-fetch-mode'];
  if (mode) return mode.value === 'navigate';
  const accept = request.headers.accept;
  return accept !== undefined && accept.value.includes('text/html');
}

// Both

// The key of that id. Whoever adds one to the store, and drops the old one later, rotates it.
async function keyOf(kind, id) {
  if (typeof id !== 'string' || !KEY_ID.test(id)) throw new Error('it names no key');
  const key = await store.get(kind + '.' + id); // throws where there is none
  if (key.length < 32) throw new Error('its key is too short');
  return key;
}

function mac(key, text) {
  return crypto.createHmac('sha256', key).update(text).digest('base64url');
}

function parsed(part) {
  return JSON.parse(Buffer.from(part, 'base64url').toString());
}

// Takes as long for a wrong first character as for a wrong last one.
function isSame(one, other) {
  let difference = one.length ^ other.length;
  for (let i = 0; i < other.length; i++) difference |= one.charCodeAt(i) ^ other.charCodeAt(i);
  return difference === 0;
}

// Browsers take `__Host-` from the host itself and over https only.
function fullName(request, name) {
  return isLocal(request) ? name : '__Host-' + name;
}

// Whether somebody tries this on their own machine, where there is no https.
function isLocal(request) {
  const host = request.headers.host ? request.headers.host.value : '';
  return /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host);
}

function refusal(status, phrase, headers, said) {
  headers['cache-control'] = { value: 'no-store' };
  if (said) headers['content-type'] = { value: 'text/plain; charset=utf-8' };
  return { statusCode: status, statusDescription: phrase, headers: headers, body: said };
}
