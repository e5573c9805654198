// Tells the origin who asks. Attach it to viewer-request.

function handler(event) {
  var request = event.request;
  request.headers['true-client-ip'] = { value: event.viewer.ip };
  return request;
}
