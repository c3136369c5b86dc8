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
  if (!bar && all > 0) {
    // Nobody had responded when the page was made.
    const side = disagree > agree ? "disagree" : "agree";
    for (const place of item.querySelectorAll('[data-n="interval"]')) write(place, told(side, values[side] / all, ...interval(values[side], all)));
  }
  if (!bar || all === 0) return;
  const width = (share) => (share * 100).toFixed(1);
  bar.querySelector(".agree").setAttribute("width", width(agree / all));
  bar.querySelector(".pass").setAttribute("width", width((agree + pass) / all));
  // The share that was told when the page was made; disagreement is measured from the right.
  const side = bar.dataset.side;
  const [low, high] = interval(values[side], all);
  const at = (share) => width(side === "agree" ? share : 1 - share);
  bar.querySelector(".interval").setAttribute("x1", at(low));
  bar.querySelector(".interval").setAttribute("x2", at(high));
  for (const place of item.querySelectorAll('[data-n="interval"]')) write(place, told(side, values[side] / all, low, high));
}

// As the server says it: 0 and 100 only of nobody and of all, bounds never rounded inwards.
function told(side, share, low, high) {
  const middle = share === 0 ? 0 : share === 1 ? 100 : Math.min(99, Math.max(1, Math.round(share * 100)));
  return `${middle} % ${side} (${Math.floor(low * 100 + 1e-9)}–${Math.ceil(high * 100 - 1e-9)} %)`;
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
