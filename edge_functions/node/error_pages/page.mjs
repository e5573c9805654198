// Puts a page of its own in the place of an origin's errors, with status 200.
//
// Attach it to origin-response. Lambda@Edge, any Node.js runtime.

const KEEP_S = 10;

const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Back soon</title>
<h1>We are working on it</h1>
</html>
`;

// What described the origin's page, and would be wrong about this one.
const DESCRIPTIONS = ["content-encoding", "content-length", "etag", "last-modified"];

export const handler = async (event) => {
  const { response } = event.Records[0].cf;
  const status = Number(response.status);
  if (status >= 400 && status <= 599) {
    Object.assign(response, { status: "200", statusDescription: "OK", body: PAGE });
    const { headers } = response;
    for (const name of DESCRIPTIONS) delete headers[name];
    headers["content-type"] = [{ key: "Content-Type", value: "text/html; charset=utf-8" }];
    headers["cache-control"] = [{ key: "Cache-Control", value: `max-age=${KEEP_S}` }];
  }
  return response;
};
