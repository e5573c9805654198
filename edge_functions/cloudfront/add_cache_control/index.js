// Has browsers keep what succeeded for long. Attach it to viewer-response.

function handler(event) {
  var response = event.response;
  if (response.statusCode >= 200 && response.statusCode < 400) {
    response.headers['cache-control'] = { value: 'public, max-age=31536000' };
  }
  return response;
}
