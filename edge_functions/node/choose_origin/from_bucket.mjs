// Takes what is asked for with ?preview=true from a server instead of the bucket.
//
// Attach it to origin-request of a behavior whose origin is a bucket. Lambda@Edge, any Node.js
// runtime.

const PARAMETER = "preview";
const SERVER = "preview.example.com";

export const handler = async (event) => {
  const { request } = event.Records[0].cf;
  const values = new URLSearchParams(request.querystring).getAll(PARAMETER);
  if (values.length === 1 && values[0] === "true") {
    request.origin = {
      custom: {
        customHeaders: {},
        domainName: SERVER,
        keepaliveTimeout: 5,
        path: "",
        port: 443,
        protocol: "https",
        readTimeout: 20,
        sslProtocols: ["TLSv1.2"],
      },
    };
    request.headers.host = [{ key: "Host", value: SERVER }];
  }
  return request;
};
