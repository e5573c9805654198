// Sends viewers to the site of their country.
//
// Attach it to origin-request: the redirect is then cached, once for each country. Lambda@Edge, any
// Node.js runtime.

const HOSTS = new Map([
  ["AT", "de.example.com"],
  ["DE", "de.example.com"],
  ["TW", "tw.example.com"],
]);

export const handler = async (event) => {
  const { request } = event.Records[0].cf;
  const host = HOSTS.get(request.headers["cloudfront-viewer-country"]?.[0].value);
  if (!host) return request;
  const query = request.querystring ? `?${request.querystring}` : "";
  const value = `https://${host}${request.uri}${query}`;
  return {
    status: "302",
    statusDescription: "Found",
    headers: { location: [{ key: "Location", value }] },
  };
};
