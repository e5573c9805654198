// Shows browsers when a picture was really changed, not when it was uploaded.
//
// S3 keeps what an upload says in x-amz-meta-… headers; Last-Modified is its own. Attach it to
// origin-response, so that the cache has the right one too, or to viewer-response. Lambda@Edge,
// any Node.js runtime.

const FROM = "x-amz-meta-last-modified";
const TO = "Last-Modified";

export const handler = async (event) => {
  const { response } = event.Records[0].cf;
  const [said] = response.headers[FROM] ?? [];
  if (said) response.headers[TO.toLowerCase()] = [{ key: TO, value: said.value }];
  return response;
};
