// Sends viewers to another page where the origin answers with an error.
//
// Attach it to origin-response. Lambda@Edge, any Node.js runtime.

const LOCATION = "https://www.example.com/sorry";

export const handler = async (event) => {
  const { response } = event.Records[0].cf;
  const status = Number(response.status);
  if (status >= 400 && status <= 599) {
    Object.assign(response, { status: "302", statusDescription: "Found", body: "" });
    response.headers.location = [{ key: "Location", value: LOCATION }];
  }
  return response;
};
