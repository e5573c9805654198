// Sends a request to the origin nearest to its viewer. Attach it to viewer-request.
import cf from 'cloudfront';

const EUROPE = ['AT', 'CH', 'DE', 'ES', 'FR', 'IT', 'NL', 'PL'];

function handler(event) {
  const request = event.request;
  const header = request.headers['cloudfront-viewer-country'];
  if (header && EUROPE.includes(header.value)) {
    cf.updateRequestOrigin({
      domainName: 'eu.example.com',
      timeouts: { readTimeout: 10, connectionTimeout: 3 },
    });
  }
  return request;
}
