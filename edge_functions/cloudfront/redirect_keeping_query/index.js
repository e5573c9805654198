// Redirects a path that has moved, with its query string. Attach it to viewer-request.

var FROM = '/old/';
var TO = '/new/';

function handler(event) {
  var request = event.request;
  if (!request.uri.startsWith(FROM)) return request;
  var query = written(request.querystring);
  return {
    statusCode: 302,
    statusDescription: 'Found',
    headers: {
      location: { value: TO + request.uri.slice(FROM.length) + (query ? '?' + query : '') },
    },
  };
}

// Parameters as they were sent, those of one name side by side.
function written(parameters) {
  var pairs = [];
  Object.keys(parameters).forEach(function (name) {
    var values = parameters[name].multiValue || [parameters[name]];
    values.forEach(function (one) {
      pairs.push(one.value === '' ? name : name + '=' + one.value);
    });
  });
  return pairs.join('&');
}
