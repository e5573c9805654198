// Writes the fields of a form into the log, and lets the request go on as it is.
//
// Attach it to origin-request or viewer-request, with the body included. Lambda@Edge, any Node.js
// runtime.

export const handler = async (event) => {
  const { request } = event.Records[0].cf;
  if (request.method === "POST") {
    const { data, inputTruncated } = request.body;
    if (inputTruncated) console.log("the form is longer than what is shown of it");
    const form = Buffer.from(data, "base64").toString("utf8");
    for (const [name, value] of new URLSearchParams(form)) console.log(`${name}: ${value}`);
  }
  return request;
};
