// Takes the page from the folder for the viewer's kind of device.
//
// Attach it to origin-request: what it brings is cached once for each kind. Lambda@Edge, any
// Node.js runtime.

// CloudFront may say yes to several: tablets are mobile as well. The first one counts.
const FOLDERS = {
  "cloudfront-is-tablet-viewer": "/tablet",
  "cloudfront-is-mobile-viewer": "/mobile",
  "cloudfront-is-smarttv-viewer": "/smarttv",
  "cloudfront-is-desktop-viewer": "/desktop",
};

export const handler = async (event) => {
  const { request } = event.Records[0].cf;
  const name = Object.keys(FOLDERS).find((one) => request.headers[one]?.[0].value === "true");
  if (name) request.uri = FOLDERS[name] + request.uri;
  return request;
};
