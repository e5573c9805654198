// Shows each visitor one of two variants, always the same one, and lets both be cached.
//
// Attach it to viewer-request and to viewer-response of one behavior. Lambda@Edge, any Node.js
// runtime.

"use strict";

const { createHash } = require("node:crypto");

// Change the name and visitors without a cookie are dealt anew.
const EXPERIMENT = "front-page-1";

// Variant to its share in percent; the shares add up to 100.
const VARIANTS = { a: 50, b: 50 };

// Has to be in the behavior's cache policy: each variant is then cached once.
const COOKIE = "variant";

// How the first trigger tells the last that the browser has no cookie yet.
const ASSIGNED = "x-variant-assigned";

const KEEP_S = 30 * 24 * 3600;

exports.handler = async (event) => {
  const { config, request, response } = event.Records[0].cf;
  return config.eventType === "viewer-request" ? assign(request) : remember(request, response);
};

// Put the visitor's variant where the cache key finds it.
function assign(request) {
  const { headers } = request;
  delete headers[ASSIGNED]; // ours alone; a viewer may not send it
  if (!isVariant(cookieValue(headers))) {
    const variant = variantFor(request.clientIp);
    headers.cookie = [...otherCookies(headers), { key: "Cookie", value: `${COOKIE}=${variant}` }];
    headers[ASSIGNED] = [{ key: "X-Variant-Assigned", value: variant }];
  }
  return request;
}

// Give a visitor who was just assigned a cookie, after the cache: it is never stored there.
function remember(request, response) {
  const variant = request.headers[ASSIGNED]?.[0].value;
  if (isVariant(variant)) {
    const value = `${COOKIE}=${variant}; Path=/; Max-Age=${KEEP_S}; SameSite=Lax`;
    (response.headers["set-cookie"] ??= []).push({ key: "Set-Cookie", value });
  }
  return response;
}

function isVariant(name) {
  return Object.hasOwn(VARIANTS, name ?? "");
}

// The same for the same address, without asking or storing anything.
function variantFor(clientIp) {
  const digest = createHash("sha256").update(`${EXPERIMENT}:${clientIp}`).digest();
  let drawn = Number(digest.readBigUInt64BE() % 100n);
  for (const [variant, share] of Object.entries(VARIANTS)) {
    drawn -= share;
    if (drawn < 0) return variant;
  }
  return Object.keys(VARIANTS)[0];
}

function cookieValue(headers) {
  for (const { value } of headers.cookie ?? []) {
    for (const pair of value.split(";")) {
      const [name, ...rest] = pair.trim().split("=");
      if (name === COOKIE) return rest.join("=");
    }
  }
  return undefined;
}

// The lines without ours, which has a value that is no variant.
function otherCookies(headers) {
  const lines = [];
  for (const { value } of headers.cookie ?? []) {
    const pairs = value.split(";").map((pair) => pair.trim());
    const kept = pairs.filter((pair) => pair.split("=")[0] !== COOKIE).join("; ");
    if (kept) lines.push({ key: "Cookie", value: kept });
  }
  return lines;
}
