// Live numbers: listens to what changed and writes it where it stands. The page is whole without.

const feed = document.querySelector("[data-live]");
const shown = [...document.querySelectorAll("[data-statement]")];
// Wilson's 97.5 % point, as on the server.
const Z = 1.959963984540054;

if (feed && "EventSource" in window) {
  const numbers = [...new Set(shown.map((item) => item.dataset.statement))].slice(0, 64).join(",");
  const source = new EventSource(`${feed.dataset.live}?s=${numbers}`);
  source.addEventListener("message", (event) => update(JSON.parse(event.data)));
  addEventListener("pagehide", () => source.close());
}

function update(message) {
  for (const name of ["participants", "responses"]) {
    for (const place of document.querySelectorAll(`[data-total="${name}"]`)) write(place, message[name]);
  }
  for (const tally of message.tallies) {
    for (const item of shown) {
      if (item.dataset.statement === String(tally.statement)) redraw(item, tally);
    }
  }
}

function redraw(item, tally) {
  const { agree, disagree, pass, shown } = tally;
  const all = agree + disagree + pass;
  const values = { agree, disagree, pass, shown, all };
  for (const [name, value] of Object.entries(values)) {
    for (const place of item.querySelectorAll(`[data-n="${name}"]`)) write(place, value);
  }
  const bar = item.querySelector(".bar");
  if (!bar || all === 0) return;
  const share = (part) => ((part * 100) / all).toFixed(1);
  bar.querySelector(".agree").setAttribute("width", share(agree));
  bar.querySelector(".pass").setAttribute("width", share(agree + pass));
  const [low, high] = interval(agree, all);
  bar.querySelector(".interval").setAttribute("x1", (low * 100).toFixed(1));
  bar.querySelector(".interval").setAttribute("x2", (high * 100).toFixed(1));
}

function interval(part, whole) {
  const p = part / whole;
  const middle = p + (Z * Z) / (2 * whole);
  const reach = Z * Math.sqrt((p * (1 - p)) / whole + (Z * Z) / (4 * whole * whole));
  const scale = 1 + (Z * Z) / whole;
  return [Math.max(0, (middle - reach) / scale), Math.min(1, (middle + reach) / scale)];
}

function write(place, value) {
  const text = String(value);
  if (place.textContent === text) return;
  place.textContent = text;
  place.classList.remove("changed");
  // Reading the width lets the browser see the class go before it comes again.
  void place.offsetWidth;
  place.classList.add("changed");
}
