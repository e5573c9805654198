// The small variant: a name and a password that the browser asks for (RFC 7617). Attach it to
// viewer-request of a preview site.
import cf from 'cloudfront';
import crypto from 'crypto';

const CHALLENGE = 'Basic realm="preview", charset="UTF-8"';
const MAX_CHARACTERS = 512;
const NAME = /^[\w.@-]{1,64}$/;
const NOBODY = '0$' + '0'.repeat(64);

const store = cf.kvs();

async function handler(event) {
  const request = event.request;
  const given = request.headers.authorization;
  delete request.headers.authorization; // the origin has no business with it
  const pair = given && !given.multiValue ? decoded(given.value) : null;
  if (pair !== null) {
    const isRight = await believed(pair);
    if (isRight) {
      request.headers['x-auth-user'] = { value: pair.name };
      return request;
    }
  }
  return {
    statusCode: 401,
    statusDescription: 'Unauthorized',
    headers: {
      'cache-control': { value: 'no-store' },
      'www-authenticate': { value: CHALLENGE },
    },
  };
}

function decoded(given) {
  const parts = /^basic +([a-z0-9+/]+={0,2})\s*$/i.exec(given);
  if (parts === null || given.length > MAX_CHARACTERS) return null;
  const text = Buffer.from(parts[1], 'base64').toString();
  const colon = text.indexOf(':');
  const name = text.slice(0, Math.max(colon, 0));
  return NAME.test(name) ? { name: name, password: text.slice(colon + 1) } : null;
}

// A name that nobody has takes as long as a wrong password.
async function believed(pair) {
  const key = 'user.' + pair.name;
  let line = NOBODY;
  const isThere = await store.exists(key);
  if (isThere) line = await store.get(key);
  const salt = line.split('$')[0];
  const digest = crypto.createHash('sha256').update(salt + ':' + pair.password).digest('hex');
  return isSame(digest, line.split('$')[1]);
}

function isSame(one, other) {
  let difference = one.length ^ other.length;
  for (let i = 0; i < other.length; i++) difference |= one.charCodeAt(i) ^ other.charCodeAt(i);
  return difference === 0;
}
