
(async () => {
  const { token, bits } = document.body.dataset;
  const status = document.getElementById("status");
  const say = (text) => (status.textContent = text);
  const encoder = new TextEncoder();

  // Whether the digest begins with so many zero bits.
  const suffices = (digest) => {
    let left = Number(bits);
    for (const byte of new Uint8Array(digest)) {
      if (left < 8) return byte >> (8 - left) === 0;
      if (byte) return false;
      left -= 8;
    }
    return true;
  };

  async function found() {
    for (let counter = 0; ; counter += 1) {
      const answer = `${token}.${counter}`;
      if (suffices(await crypto.subtle.digest("SHA-256", encoder.encode(answer)))) return answer;
    }
  }

  try {
    if (!navigator.cookieEnabled) return say("This takes cookies: please allow them here.");
    const again = Date.now() - Number(sessionStorage.getItem("proved-at") ?? 0) < 10_000;
    if (again) return say("The proof did not last. Please load this page again in a moment.");
    const headers = { "X-Challenge-Answer": await found() };
    const { status: code } = await fetch(location.href, { headers, cache: "no-store" });
    if (code !== 204) return say(`The answer was not taken (${code}). Please load this page again.`);
    sessionStorage.setItem("proved-at", Date.now());
    location.reload();
  } catch (error) {
    say(`This browser cannot do it: ${error.message}`);
  }
})();
