// Lets as many visitors in as the shop can bear; the others wait on a page that asks again.
// Attach it to viewer-request. Every visitor has a signed ticket, and in each slot of time a share
// of the tickets is drawn, which the key value store says: it changes without a deployment.
import cf from 'cloudfront';
import crypto from 'crypto';

const SLOT_S = 15;
// How long somebody may stay who was let in.
const PASS_S = 600;
const TICKET_S = 6 * 3600;
const TICKET = 'wait-ticket';
const PASS = 'wait-pass';
// Signed where members sign in, and a pass in itself.
const MEMBER = 'member';
// What the waiting page itself needs.
const OPEN = ['/static/', '/favicon.ico'];

async function handler(event) {
  const request = event.request;
  if (OPEN.some((prefix) => request.uri.startsWith(prefix))) return request;
  const store = cf.kvs();
  const secret = await store.get('secret');
  const now = Math.floor(Date.now() / 1000);
  const pass = read(secret, request.cookies[PASS], 'pass');
  const member = read(secret, request.cookies[MEMBER], 'member');
  if ((pass && pass.number > now) || (member && member.number > now)) return request;
  let ticket = read(secret, request.cookies[TICKET], 'ticket');
  if (!ticket || ticket.number <= now - TICKET_S || ticket.number > now) {
    // Random and never twice: hashing it would cost compute, and hide nothing.
    ticket = { name: event.context.requestId.replace(/[^\w-]/g, '').slice(-16), number: now };
  }
  const percent = await store.get('admit_percent');
  if (admitted(ticket, now, Number(percent))) {
    return entered(request, signed(secret, 'pass', ticket.name, now + PASS_S));
  }
  return waiting(now - ticket.number, signed(secret, 'ticket', ticket.name, ticket.number));
}

// Whether this slot draws the ticket; who has waited longer has better chances.
function admitted(ticket, now, percent) {
  const slot = Math.floor(now / SLOT_S);
  const waited = slot - Math.floor(ticket.number / SLOT_S);
  const drawn = parseInt(sha256(ticket.name + ':' + slot).slice(0, 12), 16) % 10000;
  return drawn < percent * 100 * (1 + waited);
}

function sha256(text) {
  return crypto.createHash('sha256').update(text).digest('hex');
}

// A cookie's value that only we can have made.
function signed(secret, kind, name, number) {
  const text = name + '.' + number;
  return text + '.' + crypto.createHmac('sha256', secret).update(kind + ':' + text).digest('hex');
}

// The name and the number in a cookie; null if it is missing or not ours.
function read(secret, cookie, kind) {
  const parts = cookie ? cookie.value.split('.') : [];
  if (parts.length !== 3 || !/^\d{1,11}$/.test(parts[1])) return null;
  const made = signed(secret, kind, parts[0], Number(parts[1]));
  // Comparing digests of both takes as long whatever was guessed.
  return sha256(made) === sha256(cookie.value) ? { name: parts[0], number: Number(parts[1]) } : null;
}

// Once more to the same address, with the pass.
function entered(request, value) {
  const query = request.rawQueryString();
  return {
    statusCode: 307, // a form that was sent is sent again
    statusDescription: 'Temporary Redirect',
    headers: {
      // One slash: with two it would be the address of another host.
      location: { value: request.uri.replace(/^\/*/, '/') + (query ? '?' + query : '') },
      'cache-control': { value: 'no-store' },
    },
    cookies: { 'wait-pass': cookie(value, PASS_S) },
  };
}

function waiting(waited, value) {
  return {
    statusCode: 503,
    statusDescription: 'Service Unavailable',
    headers: {
      'content-type': { value: 'text/html; charset=utf-8' },
      'retry-after': { value: String(SLOT_S) },
      'cache-control': { value: 'no-store' },
    },
    cookies: { 'wait-ticket': cookie(value, TICKET_S) },
    body: '<!doctype html><html lang="en"><meta charset="utf-8"><title>One moment</title>'
      + '<meta http-equiv="refresh" content="' + SLOT_S + '"><h1>One moment, please</h1>'
      + '<p>Many people want in. You have a ticket, and have waited ' + waited + ' seconds. This '
      + 'page asks again by itself every ' + SLOT_S + ' seconds.</p></html>',
  };
}

function cookie(value, maxAge) {
  return {
    value: value,
    attributes: 'Path=/; Max-Age=' + maxAge + '; HttpOnly; SameSite=Lax',
  };
}
