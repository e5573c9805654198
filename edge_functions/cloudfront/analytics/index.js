// Counts visits without knowing visitors, and answers the page's beacons. Attach it to
// viewer-request.
import crypto from 'crypto';

const SECRET = 'change me, and keep me out of the repository';
const BEACON = '/beacon';
// A cookie: "yes" allows an id for the day, "no" forbids to count at all; without it visits are
// counted, and nobody's twice.
const CONSENT = 'consent';
// Parameters that follow people; they go once they are counted.
const FOLLOWS = /^(utm_.*|dclid|fbclid|gclid|mc_eid|msclkid)$/;

function handler(event) {
  const request = event.request;
  const query = request.querystring;
  const names = Object.keys(query);
  if (request.uri === BEACON) {
    if (countable(request)) log(event, 'beacon', query, names.slice(0, 20));
    return {
      statusCode: 204,
      statusDescription: 'No Content',
      headers: { 'cache-control': { value: 'no-store' } },
    };
  }
  const campaign = names.filter((name) => name.startsWith('utm_'));
  if (campaign.length && countable(request)) log(event, 'campaign', query, campaign);
  names.filter((name) => FOLLOWS.test(name)).forEach((name) => delete query[name]);
  return request;
}

// Whether the visitor lets us: by cookie, or by what the browser says for them.
function countable(request) {
  const signals = ['dnt', 'sec-gpc'].map((name) => request.headers[name]);
  return consent(request) !== 'no' && !signals.some((one) => one && one.value === '1');
}

function consent(request) {
  return request.cookies[CONSENT] ? request.cookies[CONSENT].value : '';
}

function log(event, kind, query, names) {
  const seen = { uri: event.request.uri };
  if (consent(event.request) === 'yes') seen.visitor = visitorOf(event);
  seen[kind] = {};
  names.forEach((name) => { seen[kind][name] = query[name].value; });
  console.log(JSON.stringify(seen));
}

// The same for a day and never again: of the network, not of the address, and of the browser.
function visitorOf(event) {
  const ip = event.viewer.ip;
  const network = ip.includes(':')
    ? ip.split(':').slice(0, 3).join(':') : ip.split('.').slice(0, 3).join('.');
  const browser = event.request.headers['user-agent'];
  const day = new Date().toISOString().slice(0, 10);
  const text = day + ' ' + network + ' ' + (browser ? browser.value : '');
  return crypto.createHmac('sha256', SECRET).update(text).digest('hex').slice(0, 16);
}
