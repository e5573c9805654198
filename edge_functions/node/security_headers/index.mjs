// Adds the headers that tell browsers to be careful.
//
// Attach it to viewer-response. Lambda@Edge, any Node.js runtime.

const HEADERS = {
  "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
  "Content-Security-Policy":
    "default-src 'self'; img-src 'self' data:; object-src 'none'; " +
    "base-uri 'self'; frame-ancestors 'none'",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Referrer-Policy": "strict-origin-when-cross-origin",
  "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
};

// What origins say about themselves that nobody needs to know.
const TALKATIVE = ["server", "x-powered-by", "x-aspnet-version"];

export const handler = async (event) => {
  const { response } = event.Records[0].cf;
  for (const [key, value] of Object.entries(HEADERS)) {
    // What the origin chose for one page is better than a rule for all.
    response.headers[key.toLowerCase()] ??= [{ key, value }];
  }
  for (const name of TALKATIVE) delete response.headers[name];
  return response;
};
