// Sends a share of viewers to the new origin. Attach it to viewer-request.
import cf from 'cloudfront';
import crypto from 'crypto';

const PERCENT = 10;
const NEW_ORIGIN = 'new';

function handler(event) {
  const request = event.request;
  const wanted = request.headers['x-origin'];
  if (wanted ? wanted.value === NEW_ORIGIN : bucket(event.viewer.ip) < PERCENT) {
    cf.selectRequestOriginById(NEW_ORIGIN);
    request.headers['x-served-from'] = { value: NEW_ORIGIN };
  }
  return request;
}

// From 0 to 99, for the same viewer always the same.
function bucket(ip) {
  return parseInt(crypto.createHash('md5').update(ip).digest('hex').slice(0, 6), 16) % 100;
}
