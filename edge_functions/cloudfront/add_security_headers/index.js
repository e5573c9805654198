// Adds the headers that tell browsers to be careful. Attach it to viewer-response.

var HEADERS = {
  'strict-transport-security': 'max-age=63072000; includeSubDomains; preload',
  'content-security-policy': "default-src 'none'; img-src 'self'; script-src 'self'; style-src 'self'; object-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'x-xss-protection': '1; mode=block',
  'referrer-policy': 'same-origin',
};

function handler(event) {
  var response = event.response;
  Object.keys(HEADERS).forEach(function (name) {
    response.headers[name] = { value: HEADERS[name] };
  });
  return response;
}
