// Lets in who brings a valid JSON Web Token. Attach it to viewer-request.
import cf from 'cloudfront';
import crypto from 'crypto';

const store = cf.kvs();
const SECRET = 'jwt.secret';
const DENIED = { statusCode: 401, statusDescription: 'Unauthorized' };

async function handler(event) {
  const request = event.request;
  const token = request.querystring.jwt;
  if (!token) return DENIED;
  try {
    const secret = await store.get(SECRET);
    claims(token.value, secret);
  } catch (error) {
    console.log('token refused: ' + error.message);
    return DENIED;
  }
  delete request.querystring.jwt;
  return request;
}

// The claims of a token that this secret signed and that is valid now; otherwise it throws.
function claims(token, secret) {
  const parts = token.split('.');
  if (parts.length !== 3) throw new Error('it has not three parts');
  const header = decoded(parts[0]);
  if (header.alg !== 'HS256') throw new Error('its algorithm is ' + header.alg);
  const signed = crypto.createHmac('sha256', secret).update(parts[0] + '.' + parts[1]);
  if (!equal(signed.digest('base64url'), parts[2])) throw new Error('its signature is wrong');
  const found = decoded(parts[1]);
  const now = Date.now() / 1000;
  if (found.nbf && now < found.nbf) throw new Error('it is not valid yet');
  if (found.exp && now >= found.exp) throw new Error('it has expired');
  return found;
}

function decoded(part) {
  return JSON.parse(Buffer.from(part, 'base64url').toString());
}

// Takes as long for a wrong first character as for a wrong last one.
function equal(one, other) {
  let difference = one.length ^ other.length;
  for (let i = 0; i < one.length; i++) difference |= one.charCodeAt(i) ^ other.charCodeAt(i);
  return difference === 0;
}
