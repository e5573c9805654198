// Takes what is asked for with ?archive=true from a bucket instead of the server.
//
// Attach it to origin-request of a behavior with a custom origin. Lambda@Edge, any Node.js runtime.

const PARAMETER = "archive";
const BUCKET = "archive-bucket.s3.us-east-1.amazonaws.com";
const REGION = "us-east-1";

export const handler = async (event) => {
  const { request } = event.Records[0].cf;
  const values = new URLSearchParams(request.querystring).getAll(PARAMETER);
  if (values.length === 1 && values[0] === "true") {
    request.origin = {
      s3: {
        authMethod: "none",
        customHeaders: {},
        domainName: BUCKET,
        path: "",
        region: REGION,
      },
    };
    request.headers.host = [{ key: "Host", value: BUCKET }];
  }
  return request;
};
