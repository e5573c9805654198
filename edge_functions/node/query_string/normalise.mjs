// Makes one query string of those that mean the same, so that the cache keeps one response.
//
// Attach it to viewer-request, before the cache key is made. Lambda@Edge, any Node.js runtime.

export const handler = async (event) => {
  const { request } = event.Records[0].cf;
  const pairs = request.querystring.toLowerCase().split("&");
  request.querystring = pairs.filter(Boolean).sort().join("&");
  return request;
};
