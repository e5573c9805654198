// Takes a share of what is asked for from a new bucket, to move there step by step.
//
// Attach it to origin-request of a behavior whose origin is the old bucket. Lambda@Edge, any
// Node.js runtime.

const NEW_BUCKET = "new-bucket.s3.eu-central-1.amazonaws.com";
const REGION = "eu-central-1";

// In percent; raise it from deployment to deployment.
const SHARE = 30;

export const handler = async (event) => {
  const { request } = event.Records[0].cf;
  if (request.origin.s3 && Math.random() * 100 < SHARE) {
    Object.assign(request.origin.s3, { region: REGION, domainName: NEW_BUCKET });
    request.headers.host = [{ key: "Host", value: NEW_BUCKET }];
  }
  return request;
};
