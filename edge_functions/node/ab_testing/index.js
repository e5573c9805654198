// Shows each visitor one of several variants, always the same one, and lets all be cached.
//
// Attach it to viewer-request and to viewer-response of one behavior. Lambda@Edge, any Node.js
// runtime.

"use strict";

const { createHash } = require("node:crypto");

// What the log calls it. Two experiments of different names deal independently of each other.
const EXPERIMENT = "front-page-1";

// Variant to its weight; only the ratio counts. A weight of 0 ends a variant for new visitors.
const VARIANTS = { a: 50, b: 50 };

// What a visitor is known by. "cookie": dealt once at random, and kept in a cookie. "hash": dealt
// by address and browser each time, without a cookie to consent to; who moves is dealt anew.
const STICKY = "cookie";

// Has to be in the behavior's cache policy: each variant is then cached once.
const COOKIE = "variant";

// How the first trigger tells the last that the browser has no cookie yet.
const ASSIGNED = "x-variant-assigned";

const KEEP_S = 30 * 24 * 3600;

exports.handler = async (event) => {
  const { config, request, response } = event.Records[0].cf;
  return config.eventType === "viewer-request"
    ? assign(request, config.requestId)
    : expose(request, response);
};

// Put the visitor's variant where the cache key and the origin find it.
function assign(request, requestId) {
  const { headers } = request;
  delete headers[ASSIGNED]; // ours alone; a viewer may not send it
  if (STICKY === "hash") {
    const browser = headers["user-agent"]?.[0].value ?? "";
    put(headers, variantFor(`${request.clientIp} ${browser}`));
  } else if (!isVariant(cookieValue(headers))) {
    const variant = variantFor(requestId);
    put(headers, variant);
    headers[ASSIGNED] = [{ key: "X-Variant-Assigned", value: variant }];
  }
  return request;
}

// Log what is seen, and give a new visitor a cookie: after the cache, which never has it.
function expose(request, response) {
  const variant = cookieValue(request.headers);
  if (!isVariant(variant)) return response;
  const isNew = ASSIGNED in request.headers;
  const kind = response.headers["content-type"]?.[0].value ?? "";
  if (kind.startsWith("text/html")) {
    console.log(
      JSON.stringify({ experiment: EXPERIMENT, variant, new: isNew, uri: request.uri }),
    );
  }
  if (isNew) {
    const value = `${COOKIE}=${variant}; Path=/; Max-Age=${KEEP_S}; SameSite=Lax`;
    (response.headers["set-cookie"] ??= []).push({ key: "Set-Cookie", value });
  }
  return response;
}

function isVariant(name) {
  return Object.hasOwn(VARIANTS, name ?? "");
}

// The same for the same visitor, without asking or storing anything.
function variantFor(visitor) {
  const digest = createHash("sha256").update(`${EXPERIMENT}:${visitor}`).digest("hex");
  const total = Object.values(VARIANTS).reduce((sum, weight) => sum + weight, 0);
  let drawn = (parseInt(digest.slice(0, 12), 16) / 16 ** 12) * total;
  for (const [variant, weight] of Object.entries(VARIANTS)) {
    drawn -= weight;
    if (drawn < 0) return variant;
  }
  return Object.keys(VARIANTS)[0];
}

function put(headers, variant) {
  headers.cookie = [...otherCookies(headers), { key: "Cookie", value: `${COOKIE}=${variant}` }];
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

// The lines without ours, which has a value that does not count.
function otherCookies(headers) {
  const lines = [];
  for (const { value } of headers.cookie ?? []) {
    const pairs = value.split(";").map((pair) => pair.trim());
    const kept = pairs.filter((pair) => pair.split("=")[0] !== COOKIE).join("; ");
    if (kept) lines.push({ key: "Cookie", value: kept });
  }
  return lines;
}
