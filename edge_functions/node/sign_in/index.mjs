// Sends viewers without a session to the sign-in page, and tells it where they wanted to go.
//
// Attach it to viewer-request. Lambda@Edge, any Node.js runtime.

const COOKIE = "session-id";
const SIGN_IN = "https://www.example.com/sign-in";

export const handler = async (event) => {
  const { request } = event.Records[0].cf;
  if (hasSession(request.headers)) return request;
  const query = request.querystring ? `?${request.querystring}` : "";
  const wanted = `https://${request.headers.host[0].value}${request.uri}${query}`;
  const location = `${SIGN_IN}?redirect_url=${encodeURIComponent(wanted)}`;
  return {
    status: "302",
    statusDescription: "Found",
    headers: {
      location: [{ key: "Location", value: location }],
      "cache-control": [{ key: "Cache-Control", value: "no-store" }],
    },
  };
};

// Whether there is a cookie; only the origin can say whether it is worth anything.
function hasSession(headers) {
  const pairs = (headers.cookie ?? []).flatMap(({ value }) => value.split(";"));
  return pairs.some((pair) => {
    const [name, ...rest] = pair.trim().split("=");
    return name === COOKIE && rest.join("=") !== "";
  });
}
