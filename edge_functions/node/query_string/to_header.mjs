// Moves a parameter of the query string into a header, for an origin that wants it there.
//
// Attach it to origin-request. Lambda@Edge, any Node.js runtime.

const PARAMETER = "auth";
const HEADER = "Auth";

// What may stand in a header: no line breaks above all.
const PRINTABLE = /^[ -~]*$/;

export const handler = async (event) => {
  const { request } = event.Records[0].cf;
  const kept = [];
  let moved;
  for (const pair of request.querystring.split("&")) {
    const [[name, value] = []] = new URLSearchParams(pair);
    if (name === PARAMETER) moved = value;
    else kept.push(pair);
  }
  if (moved !== undefined && PRINTABLE.test(moved)) {
    request.querystring = kept.join("&");
    request.headers[HEADER.toLowerCase()] = [{ key: HEADER, value: moved }];
  }
  return request;
};
