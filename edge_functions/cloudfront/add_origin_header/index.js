// Gives every request an Origin, for the sake of S3's CORS headers. Attach it to viewer-request.

function handler(event) {
  var request = event.request;
  var host = request.headers.host;
  if (!request.headers.origin && host) {
    request.headers.origin = { value: 'https://' + host.value };
  }
  return request;
}
