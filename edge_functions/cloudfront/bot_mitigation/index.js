// Lets people and useful bots through, and makes the others work or leave. Attach it to
// viewer-request. Nothing is remembered between requests: rates are for a rule of AWS WAF. Lists and
// keys are in the key-value store.
import cf from 'cloudfront';
import crypto from 'crypto';

// Whoever asks for these is never asked anything.
const OPEN = ['/robots.txt', '/favicon.ico', '/.well-known/'];
// Where everybody proves themselves first, as before a checkout or a search.
const CHALLENGED = ['/deals'];
// Nothing is there. /trap/ is linked where no person sees it, and robots.txt forbids it.
const TRAPS = ['/wp-login.php', '/xmlrpc.php', '/.env', '/.git/', '/phpmyadmin/', '/trap/'];
// How the origin hears what we think. Ours alone.
const VISITOR = 'x-visitor-kind';
// Of the other bots we know no more than what they have in common.
const BOT = /bot\b|bot[/_-]|crawl|spider|slurp|externalhit|whatsapp/i;
const NO_BOT = /\bcubot\b/i; // makes telephones
// From these versions on browsers say Sec-Fetch-Mode on every request over https.
const SENDS_FETCH_METADATA = { Chrome: 80, Firefox: 90, Version: 17 };

// Zero bits that a digest has to begin with: some 16,000 tries, half a second in a browser.
const BITS = 14;
const ANSWER_WITHIN_S = 300;
const PROVEN_S = 12 * 3600;
const ANSWER = 'x-challenge-answer';
const SCRIPT = `(async () => {
  const { token, bits } = document.body.dataset;
  const say = (text) => { document.getElementById("status").textContent = text; };
  const digest = (text) => crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  try {
    if (!navigator.cookieEnabled) return say("This takes cookies: please allow them here.");
    const again = Date.now() - Number(sessionStorage.getItem("proved-at")) < 10000;
    if (again) return say("The proof did not last. Please load this page again in a moment.");
    let answer, bytes, counter = 0;
    do {
      answer = token + "." + counter++;
      bytes = new DataView(await digest(answer));
    } while (bytes.getUint32(0) >>> (32 - Number(bits)));
    const headers = { "X-Challenge-Answer": answer };
    const taken = await fetch(location.href, { headers, cache: "no-store" });
    if (taken.status !== 204) return say("The answer was not taken. Please load this page again.");
    sessionStorage.setItem("proved-at", Date.now());
    location.reload();
  } catch (error) {
    say("This browser cannot do it: " + error.message);
  }
})();`;

const store = cf.kvs();

async function handler(event) {
  const request = event.request;
  delete request.headers[VISITOR];
  const keys = await store.get('keys', { format: 'json' });
  if ('example' in keys && !isLocal(request)) {
    console.log('refused: the store still has the key that everybody knows');
    return refusal(500, 'Internal Server Error', 'This site is not configured yet.');
  }
  const path = decoded(request.uri);
  if (OPEN.some((one) => path.startsWith(one))) return request;
  const agent = request.headers['user-agent'] ? request.headers['user-agent'].value : '';
  const visitor = { agent: agent, address: bytesOf(event.viewer.ip), keys: Object.values(keys) };
  const now = Date.now() / 1000;
  if (ANSWER in request.headers) {
    if (!isAnswer(request.headers[ANSWER].value, visitor, now)) {
      return refusal(403, 'Forbidden', 'That proves nothing.');
    }
    return proof(request, signed('proof', visitor, now + PROVEN_S, event));
  }
  if (TRAPS.some((one) => path.toLowerCase().startsWith(one))) {
    console.log('trapped: ' + event.viewer.ip + ' at ' + request.uri.slice(0, 100));
    return refusal(404, 'Not Found', 'There is nothing here.');
  }
  let kind = await kindOf(visitor, request);
  if (kind === 'pretended' || kind === 'refused') {
    console.log(kind + ': ' + event.viewer.ip + ' ' + agent.slice(0, 200));
    return refusal(403, 'Forbidden', 'Bots of this kind are not served here.');
  }
  if (kind !== 'good' && hasProof(request, visitor, now)) kind = 'proven';
  const isSpecial = CHALLENGED.some((one) => path === one || path.startsWith(one + '/'));
  if (kind === 'doubtful' || (isSpecial && kind !== 'good' && kind !== 'proven')) {
    const answer = await page(signed('challenge', visitor, now + ANSWER_WITHIN_S, event));
    return answer;
  }
  request.headers[VISITOR] = { value: kind };
  delete request.cookies[cookieName(request)]; // it would be a cache key for each visitor
  return request;
}

function decoded(uri) {
  try {
    return decodeURIComponent(uri);
  } catch (error) {
    return uri;
  }
}

// Who asks

async function kindOf(visitor, request) {
  const agent = visitor.agent;
  if (!agent.trim()) return 'doubtful';
  const lists = await store.get('lists', { format: 'json' });
  const names = Object.keys(lists.claims);
  for (let i = 0; i < names.length; i++) {
    if (agent.toLowerCase().includes(lists.claims[names[i]])) {
      const ranges = await store.get('ranges.' + names[i]);
      const isThere = ranges.split(' ').some((one) => isWithin(visitor.address, one));
      return isThere ? 'good' : 'pretended';
    }
  }
  for (let i = 0; i < lists.patterns.length; i++) {
    const patterns = await store.get(lists.patterns[i]);
    if (new RegExp(patterns).test(agent)) return lists.patterns[i].split('.')[0];
  }
  if (BOT.test(agent) && !NO_BOT.test(agent)) return 'tolerated';
  return !('sec-fetch-mode' in request.headers) && saysItWouldSendIt(agent) ? 'doubtful' : 'browser';
}

function saysItWouldSendIt(agent) {
  return Object.keys(SENDS_FETCH_METADATA).some((name) => {
    const found = new RegExp('\\b' + name + '/(\\d{1,4})').exec(agent);
    return found !== null && Number(found[1]) >= SENDS_FETCH_METADATA[name];
  });
}

// The 4 bytes of an IPv4 address, or the 16 of an IPv6 address.
function bytesOf(ip) {
  if (!ip.includes(':')) return ip.split('.').map(Number);
  const halves = ip.split('::').map((half) => (half ? half.split(':') : []));
  const missing = halves.length === 2 ? 8 - halves[0].length - halves[1].length : 0;
  const groups = halves[0].concat(Array(missing).fill('0'), halves[1] || []);
  const bytes = [];
  groups.map((one) => parseInt(one, 16)).forEach((one) => bytes.push(one >> 8, one & 255));
  return bytes;
}

function isWithin(address, range) {
  const first = bytesOf(range.split('/')[0]);
  const bits = Number(range.split('/')[1]);
  return address.length === first.length && first.every((byte, at) => {
    const shift = Math.min(Math.max(8 - (bits - 8 * at), 0), 8);
    return byte >> shift === address[at] >> shift;
  });
}

// Proofs: the address and the User-Agent are in the signature, so that nothing has to be stored.

function signed(purpose, visitor, end, event) {
  const text = Math.floor(end) + '.' + sha256(event.context.requestId + Math.random()).slice(0, 16);
  return text + '.' + mac(visitor.keys[0], purpose, visitor, text);
}

function isOurs(purpose, visitor, token, now) {
  const dot = token.lastIndexOf('.');
  const text = token.slice(0, Math.max(dot, 0));
  const isRight = (key) => isSame(token.slice(dot + 1), mac(key, purpose, visitor, text));
  return visitor.keys.some(isRight) && now < Number(text.split('.')[0]);
}

function mac(key, purpose, visitor, text) {
  if (key.length < 32) throw new Error('every key takes 32 characters');
  // One household or machine: an IPv4 address, or the /64 that an IPv6 address is from.
  const network = visitor.address.slice(0, 8).join('.');
  const said = [purpose, network, text, visitor.agent].join(' ');
  return crypto.createHmac('sha256', key).update(said).digest('hex');
}

function sha256(text) {
  return crypto.createHash('sha256').update(text).digest('hex');
}

// Takes as long for a wrong first character as for a wrong last one.
function isSame(one, other) {
  let difference = one.length ^ other.length;
  for (let i = 0; i < other.length; i++) difference |= one.charCodeAt(i) ^ other.charCodeAt(i);
  return difference === 0;
}

function isAnswer(answer, visitor, now) {
  const parts = /^(.*)\.(\d+)$/.exec(answer);
  if (parts === null || !isOurs('challenge', visitor, parts[1], now)) return false;
  return parseInt(sha256(answer).slice(0, 8), 16) >>> (32 - BITS) === 0;
}

function hasProof(request, visitor, now) {
  const cookie = request.cookies[cookieName(request)];
  if (!cookie) return false;
  return (cookie.multiValue || [cookie]).some((one) => isOurs('proof', visitor, one.value, now));
}

// Answers

async function page(token) {
  const text = await store.get('page');
  const nonce = token.split('.')[1]; // another one each time, as the policy below wants it
  const body = text.replace('{token}', token).replace('{bits}', BITS)
    .replace('{nonce}', nonce).replace('{script}', () => SCRIPT);
  const made = refusal(403, 'Forbidden', body);
  made.headers['content-type'].value = 'text/html; charset=utf-8';
  made.headers['x-robots-tag'] = { value: 'noindex' };
  made.headers['content-security-policy'] = {
    value: `default-src 'none'; script-src 'nonce-${nonce}'; connect-src 'self'; `
      + "style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
  };
  return made;
}

function proof(request, value) {
  const attributes = `Path=/; Max-Age=${PROVEN_S}; HttpOnly; SameSite=Lax`;
  const cookies = {};
  cookies[cookieName(request)] = {
    value: value, attributes: attributes + (isLocal(request) ? '' : '; Secure'),
  };
  return {
    statusCode: 204,
    statusDescription: 'No Content',
    headers: { 'cache-control': { value: 'no-store' } },
    cookies: cookies,
  };
}

function refusal(status, phrase, said) {
  return {
    statusCode: status,
    statusDescription: phrase,
    headers: {
      'cache-control': { value: 'no-store' },
      'content-type': { value: 'text/plain; charset=utf-8' },
    },
    body: said,
  };
}

// Over https and, on this machine, without.
function cookieName(request) {
  return isLocal(request) ? 'proof' : '__Host-proof';
}

function isLocal(request) {
  const host = request.headers.host ? request.headers.host.value : '';
  return /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host);
}
