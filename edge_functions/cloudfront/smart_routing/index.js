// Sends every viewer to the data center that is nearest, and a few to the next release.
// Attach it to viewer-request.
import cf from 'cloudfront';
import crypto from 'crypto';

const CANARY_PERCENT = 5;
// Has to be in the cache policy, and nothing else: one copy for each data center and release.
const ROUTE = 'x-route';

const CENTERS = { eu: 'eu.example.test', us: 'us.example.test', ap: 'ap.example.test' };
const CANARIES = { eu: 'eu-next.example.test', us: 'us-next.example.test' };
// Country to its round trips as measured, for those with viewers enough.
const LATENCY_MS = {
  AU: { ap: 95, us: 150, eu: 260 },
  BR: { us: 120, eu: 190, ap: 300 },
  DE: { eu: 12, us: 95, ap: 170 },
  FR: { eu: 10, us: 85, ap: 175 },
  GB: { eu: 14, us: 75, ap: 180 },
  IN: { ap: 60, eu: 120, us: 210 },
  JP: { ap: 70, us: 110, eu: 220 },
  US: { us: 25, eu: 90, ap: 190 },
  ZA: { eu: 150, us: 210, ap: 230 },
};
const ELSEWHERE = { us: 0 };

function handler(event) {
  const request = event.request;
  const headers = request.headers;
  const asked = headers['x-canary'] ? headers['x-canary'].value : '';
  const browser = headers['user-agent'] ? headers['user-agent'].value : '';
  const canary = asked === '0' || asked === '1'
    ? asked === '1' : drawn(event.viewer.ip + ' ' + browser);
  const country = headers['cloudfront-viewer-country'];
  const near = (country && LATENCY_MS[country.value]) || ELSEWHERE;
  const open = canary ? CANARIES : CENTERS;
  const away = (name) => (name in near ? near[name] : 1000);
  const center = Object.keys(open).reduce((best, name) => (away(name) < away(best) ? name : best));
  headers[ROUTE] = { value: canary ? center + '-next' : center };
  // What is not said here stays as it is configured.
  cf.updateRequestOrigin({ domainName: open[center], hostHeader: open[center] });
  return request;
}

// Whether a viewer is among the few: always the same ones, and more of them as it grows.
function drawn(viewer) {
  const digest = crypto.createHash('sha256').update('canary:' + viewer).digest('hex');
  return parseInt(digest.slice(0, 12), 16) % 10000 < CANARY_PERCENT * 100;
}
