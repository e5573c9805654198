// Lets in who brings a valid JSON Web Token. Attach it to viewer-request. Runtime 1.0 will do.
var crypto = require('crypto');

var SECRET = 'change-me';
var DENIED = { statusCode: 401, statusDescription: 'Unauthorized' };

function handler(event) {
  var request = event.request;
  var token = request.querystring.jwt;
  if (!token) return DENIED;
  try {
    claims(token.value, SECRET);
  } catch (error) {
    console.log('token refused: ' + error.message);
    return DENIED;
  }
  delete request.querystring.jwt;
  return request;
}

// The claims of a token that this secret signed and that is valid now; otherwise it throws.
function claims(token, secret) {
  var parts = token.split('.');
  if (parts.length !== 3) throw new Error('it has not three parts');
  var header = decoded(parts[0]);
  if (header.alg !== 'HS256') throw new Error('its algorithm is ' + header.alg);
  var signed = crypto.createHmac('sha256', secret).update(parts[0] + '.' + parts[1]);
  if (!equal(signed.digest('base64url'), parts[2])) throw new Error('its signature is wrong');
  var found = decoded(parts[1]);
  var now = Date.now() / 1000;
  if (found.nbf && now < found.nbf) throw new Error('it is not valid yet');
  if (found.exp && now >= found.exp) throw new Error('it has expired');
  return found;
}

function decoded(part) {
  return JSON.parse(String.bytesFrom(part, 'base64url'));
}

// Takes as long for a wrong first character as for a wrong last one.
function equal(one, other) {
  var difference = one.length ^ other.length;
  for (var i = 0; i < one.length; i++) difference |= one.charCodeAt(i) ^ other.charCodeAt(i);
  return difference === 0;
}
