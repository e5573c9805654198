// Takes objects from the bucket whose Region is near the viewer.
//
// Attach it to origin-request of a behavior whose origin is a bucket. Lambda@Edge, any Node.js
// runtime.

const REGIONS = new Map([
  ["DE", "eu-central-1"],
  ["FR", "eu-west-1"],
  ["GB", "eu-west-1"],
  ["IE", "eu-west-1"],
  ["IN", "ap-south-1"],
]);

export const handler = async (event) => {
  const { request } = event.Records[0].cf;
  const region = REGIONS.get(request.headers["cloudfront-viewer-country"]?.[0].value);
  if (region && request.origin.s3) {
    const bucket = `pictures-in-${region}.s3.${region}.amazonaws.com`;
    Object.assign(request.origin.s3, { region, domainName: bucket });
    request.headers.host = [{ key: "Host", value: bucket }];
  }
  return request;
};
