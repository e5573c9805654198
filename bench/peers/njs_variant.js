// The same as functions/variant.js for nginx's njs module.
function target(r) {
    var cookies = r.headersIn.Cookie || '';
    return (/(?:^|;\s*)variant=b(?:;|$)/.test(cookies) ? '/b' : '/a') + r.uri;
}

export default { target };
