// Closes what nobody should ask for, and sends browsers the headers that protect visitors.
// Attach it to viewer-request and to viewer-response.

// Files that are there by mistake, and what scanners try.
const BLOCKED = /\/\.(?!well-known\/)|\.(bak|env|ini|log|old|sql|swp)$|^\/(wp-admin|phpmyadmin)\//;
// Where browsers tell of what the policy stopped; answered here.
const REPORTS = '/csp-reports';
const LEAKS = [
  'server-timing', 'x-aspnet-version', 'x-aspnetmvc-version', 'x-generator', 'x-powered-by',
];
const HEADERS = {
  'content-security-policy': "default-src 'self'; img-src 'self' data:; object-src 'none'; "
    + "base-uri 'none'; frame-ancestors 'none'; form-action 'self'; report-to csp",
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), browsing-topics=()',
  'referrer-policy': 'strict-origin-when-cross-origin',
  'reporting-endpoints': 'csp="' + REPORTS + '"',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
};

function handler(event) {
  if (event.context.eventType === 'viewer-request') return guarded(event.request);
  return protectedBy(event.response);
}

// Answer for the origin where it should not be asked.
function guarded(request) {
  if (request.uri === REPORTS) {
    const browser = request.headers['user-agent'];
    console.log(JSON.stringify({ 'csp-report': browser ? browser.value : null }));
    return { statusCode: 204, statusDescription: 'No Content' };
  }
  // Servers decode, so %2e is a dot; some decode twice.
  if (BLOCKED.test(decoded(decoded(request.uri)).toLowerCase())) {
    return {
      statusCode: 404,
      statusDescription: 'Not Found',
      headers: { 'cache-control': { value: 'max-age=86400' } },
    };
  }
  return request;
}

// What is no percent-encoding stays.
function decoded(text) {
  return text.replace(/%([0-7][0-9a-f])/gi, (all, hex) => String.fromCharCode(parseInt(hex, 16)));
}

function protectedBy(response) {
  LEAKS.forEach((name) => delete response.headers[name]);
  // A page that knows better, with a nonce for its scripts, keeps its own.
  response.headers = Object.assign({}, values(HEADERS), response.headers);
  return response;
}

function values(headers) {
  const made = {};
  Object.keys(headers).forEach((name) => { made[name] = { value: headers[name] }; });
  return made;
}
