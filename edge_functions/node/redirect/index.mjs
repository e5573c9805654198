// Sends viewers from one host to another, and from old addresses to new ones.
//
// Attach it to viewer-request. Lambda@Edge, any Node.js runtime.

// The one host that the site has, and those that lead to it.
const HOST = "www.example.com";
const OTHER_HOSTS = new Set(["example.com", "www.example.net"]);

// Old path to new path. One that ends in /* takes everything below with it.
const MOVED = {
  "/old": "/new",
  "/blog/*": "/articles/*",
};

const KEEP_S = 3600;

export const handler = async (event) => {
  const { request } = event.Records[0].cf;
  const host = request.headers.host?.[0].value ?? HOST;
  const path = moved(request.uri);
  if (path === request.uri && !OTHER_HOSTS.has(host)) return request;
  const query = request.querystring ? `?${request.querystring}` : "";
  return redirect(OTHER_HOSTS.has(host) ? `https://${HOST}${path}${query}` : `${path}${query}`);
};

// Where `path` is now.
function moved(path) {
  for (const [from, to] of Object.entries(MOVED)) {
    const folder = from.endsWith("/*") && from.slice(0, -1);
    if (folder && path.startsWith(folder)) return to.slice(0, -1) + path.slice(folder.length);
    if (path === from) return to;
  }
  return path;
}

function redirect(location) {
  return {
    status: "301",
    statusDescription: "Moved Permanently",
    headers: {
      location: [{ key: "Location", value: location }],
      "cache-control": [{ key: "Cache-Control", value: `max-age=${KEEP_S}` }],
    },
  };
}
