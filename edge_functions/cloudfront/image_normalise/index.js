// Writes what is asked of a picture in one form only. Attach it to viewer-request, before
// python/image_resize at origin-request, whose wish.py this is in JavaScript.

const SIZES = [16, 32, 48, 64, 96, 128, 160, 240, 320, 400, 480, 640, 800, 960, 1200, 1600, 2000];
const FORMATS = { avif: 'avif', webp: 'webp', jpeg: 'jpeg', jpg: 'jpeg', png: 'png' };
const FITS = ['contain', 'cover', 'fill'];
const MAX_DPR = 4;

function handler(event) {
  const request = event.request;
  const asked = request.querystring;
  const scale = Math.min(Math.max(number(asked, 'dpr') || 1, 1), MAX_DPR);
  const sides = sized(number(asked, 'w') * scale, number(asked, 'h') * scale);
  const fit = given(asked, 'fit');
  const quality = number(asked, 'q');
  const accept = request.headers.accept;
  const fields = {
    fit: sides.w && sides.h && FITS.indexOf(fit) > 0 ? fit : '',
    format: known(given(asked, 'format')) || accepted(accept ? accept.value : ''),
    h: sides.h,
    q: quality ? Math.min(Math.max(Math.ceil(quality / 5 - 0.5) * 5, 30), 95) : 0,
    w: sides.w,
  };
  const names = Object.keys(fields).filter((name) => fields[name]);
  request.querystring = names.map((name) => name + '=' + fields[name]).join('&');
  return request;
}

function given(asked, name) {
  return asked[name] ? asked[name].value.toLowerCase() : '';
}

function known(format) {
  return Object.keys(FORMATS).includes(format) ? FORMATS[format] : '';
}

// 0 for what is no plain positive number.
function number(asked, name) {
  const text = given(asked, name);
  return text.length <= 7 && /^(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : 0;
}

// Both with their ratio, the greater one rounded up to a known size.
function sized(w, h) {
  const longest = Math.max(w, h);
  if (!longest) return { w: 0, h: 0 };
  const size = SIZES.find((one) => one >= longest) || SIZES[SIZES.length - 1];
  const side = (pixels) => (pixels ? Math.max(1, Math.floor(pixels * size / longest + 0.5)) : 0);
  return { w: side(w), h: side(h) };
}

// The best format that a browser names; */* is no promise to know AVIF.
function accepted(accept) {
  const named = accept.toLowerCase().split(',').map((entry) => {
    const parts = entry.split(';').map((part) => part.trim());
    return parts.some((part) => /^q=[0.]*$/.test(part)) ? '' : parts[0];
  });
  return ['avif', 'webp'].find((kind) => named.includes('image/' + kind)) || '';
}
