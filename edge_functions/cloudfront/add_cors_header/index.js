// Adds Access-Control-Allow-Origin where the origin left it out. Attach it to viewer-response.

function handler(event) {
  var response = event.response;
  var asked = event.request.headers.origin;
  if (asked && !response.headers['access-control-allow-origin']) {
    response.headers['access-control-allow-origin'] = { value: asked.value };
    console.log('CORS header added for ' + asked.value);
  }
  return response;
}
