// A CloudFront Function on viewer-request: the cookie chooses which of two trees is served.
function handler(event) {
    var request = event.request;
    var cookie = request.cookies.variant;
    request.uri = (cookie && cookie.value === 'b' ? '/b' : '/a') + request.uri;
    return request;
}
