// Adds a field to a form on its way to the origin.
//
// Attach it to origin-request or viewer-request, with the body included. Lambda@Edge, any Node.js
// runtime.

const FIELD = { "received-at": "edge" };
const FORM = "application/x-www-form-urlencoded";

export const handler = async (event) => {
  const { request } = event.Records[0].cf;
  const kind = request.headers["content-type"]?.[0].value ?? "";
  if (request.method !== "POST" || !kind.startsWith(FORM)) return request;
  const { body } = request;
  if (body.inputTruncated) {
    console.log("the form is too long: it goes on without the field");
    return request;
  }
  const form = Buffer.from(body.data, "base64").toString("utf8");
  body.action = "replace";
  body.encoding = "text";
  body.data = [form, new URLSearchParams(FIELD).toString()].filter(Boolean).join("&");
  return request;
};
