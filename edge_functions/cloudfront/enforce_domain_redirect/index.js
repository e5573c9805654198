// Sends viewers to the site's own domain. Attach it to viewer-request.

const HOST = 'www.example.com';

function handler(event) {
  const request = event.request;
  if (request.headers.host.value === HOST) return request;
  const query = request.rawQueryString();
  return {
    statusCode: 301,
    statusDescription: 'Moved Permanently',
    headers: {
      location: { value: 'https://' + HOST + request.uri + (query ? '?' + query : '') },
    },
  };
}
