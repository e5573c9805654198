// One address for every page, and pages that crawlers can read. Attach it to viewer-request.
import cf from 'cloudfront';

// The one host that is to be found; others are copies that tell crawlers to stay away.
const SITE = 'www.example.test';
// Hosts that lead to it.
const ALSO = ['example.test'];
const CRAWLERS = new RegExp('applebot|bingbot|duckduckbot|facebookexternalhit|googlebot|'
  + 'linkedinbot|slackbot|twitterbot|whatsapp|yandex', 'i');
// Has to be in the cache policy: crawlers get other pages than people.
const PRERENDER = 'x-prerender';
// The id of the origin that runs the pages' scripts for them.
const RENDERER = 'prerender';
const FILE = /\.[A-Za-z0-9]{1,5}$/;

function handler(event) {
  const request = event.request;
  const headers = request.headers;
  delete headers[PRERENDER]; // ours alone; a viewer may not send it
  const host = headers.host.value.toLowerCase().split(':')[0];
  if (request.uri === '/robots.txt') return robots(host);
  if (request.method !== 'GET' && request.method !== 'HEAD') return request;
  const better = canonical(request.uri);
  if (better !== request.uri || ALSO.includes(host)) return moved(better, request.rawQueryString());
  if (better === '/sitemap.xml') request.uri = '/sitemaps/' + SITE + '.xml';
  const agent = headers['user-agent'];
  if (agent && CRAWLERS.test(agent.value) && !FILE.test(better)) {
    headers[PRERENDER] = { value: '1' };
    cf.selectRequestOriginById(RENDERER);
  }
  return request;
}

// No doubled slashes, no index.html, and a slash at the end of what is no file.
function canonical(uri) {
  const better = uri.replace(/\/{2,}/g, '/').replace(/\/index\.html?$/, '/');
  return better.endsWith('/') || FILE.test(better) ? better : better + '/';
}

function moved(uri, query) {
  return {
    statusCode: 301,
    statusDescription: 'Moved Permanently',
    headers: {
      location: { value: 'https://' + SITE + uri + (query ? '?' + query : '') },
      'cache-control': { value: 'max-age=86400' },
    },
  };
}

function robots(host) {
  const found = host === SITE || ALSO.includes(host);
  const rules = found ? 'Disallow: /api/\nSitemap: https://' + SITE + '/sitemap.xml' : 'Disallow: /';
  return {
    statusCode: 200,
    statusDescription: 'OK',
    headers: {
      'content-type': { value: 'text/plain; charset=utf-8' },
      'cache-control': { value: 'max-age=3600' },
    },
    body: 'User-agent: *\n' + rules + '\n',
  };
}
