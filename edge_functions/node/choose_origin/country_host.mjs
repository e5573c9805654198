// Sends requests to the server that is near the viewer.
//
// Attach it to origin-request of a behavior with a custom origin. Lambda@Edge, any Node.js runtime.

const HOSTS = new Map([
  ["DE", "eu.example.com"],
  ["GB", "eu.example.com"],
  ["IE", "eu.example.com"],
  ["JP", "asia.example.com"],
]);

export const handler = async (event) => {
  const { request } = event.Records[0].cf;
  const host = HOSTS.get(request.headers["cloudfront-viewer-country"]?.[0].value);
  if (host && request.origin.custom) {
    request.origin.custom.domainName = host;
    request.headers.host = [{ key: "Host", value: host }];
  }
  return request;
};
