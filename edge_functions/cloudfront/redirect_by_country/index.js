// Sends viewers to their country's part of the site. Attach it to viewer-request.

var PREFIXES = { DE: '/de', FR: '/fr' };

function handler(event) {
  var request = event.request;
  var header = request.headers['cloudfront-viewer-country'];
  if (!header || !PREFIXES.hasOwnProperty(header.value)) return request;
  var prefix = PREFIXES[header.value];
  if (request.uri === prefix || request.uri.startsWith(prefix + '/')) return request;
  return {
    statusCode: 302,
    statusDescription: 'Found',
    headers: { location: { value: prefix + request.uri } },
  };
}
