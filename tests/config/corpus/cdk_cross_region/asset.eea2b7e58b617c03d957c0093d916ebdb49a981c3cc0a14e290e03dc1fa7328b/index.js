"use strict";

// Sends /promo/* of German viewers to a folder of their own, and says so to the origin.
exports.handler = async (event) => {
  const request = event.Records[0].cf.request;
  const country = request.headers["cloudfront-viewer-country"];
  if (request.uri.startsWith("/promo/") && country && country[0].value === "DE") {
    request.uri = request.uri.replace("/promo/", "/promo-de/");
  }
  request.headers["x-variant"] = [{ key: "X-Variant", value: "cdk" }];
  return request;
};
