// Answers without loading the page: keys, receipts, undo for thirty seconds, a counter for the sentence.
// Without this file the forms do the same by themselves.

const UNDO_SECONDS = 30;
const VERBS = { agree: "You agreed with", disagree: "You disagreed with", pass: "You passed on" };
const SHAPES = { agree: "▲", disagree: "▼", pass: "●" };

const card = document.getElementById("card");
const done = document.getElementById("done");
const keys = document.getElementById("keys");
// Single letters get in the way of speech input and of unsteady hands: who wants to turns them off (WCAG 2.1.4).
const KEYS = "veche-keys";
let countdown = 0;
let busy = false;

if (card) {
  keys.hidden = false;
  const turn = keys.querySelector("button");
  turn.addEventListener("click", () => {
    localStorage.setItem(KEYS, keysOn() ? "off" : "on");
    name(turn);
  });
  name(turn);
  card.querySelector("form.respond").addEventListener("submit", submit);
  document.addEventListener("keydown", key);
}
const offered = done?.querySelector("form.undo");
if (offered) arm(offered);
for (const input of document.querySelectorAll("input[data-limit]")) count(input);

function keysOn() {
  return localStorage.getItem(KEYS) !== "off";
}

function name(turn) {
  turn.textContent = keysOn() ? "Turn keys off" : "Turn keys on";
}

function key(event) {
  if (!keysOn()) return;
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  const pressed = event.key.toLowerCase();
  if (pressed === "u") return done.querySelector("form.undo button")?.click();
  const name = { a: "agree", d: "disagree", p: "pass" }[pressed];
  if (name) card.querySelector(`button.${name}`)?.click();
}

async function submit(event) {
  event.preventDefault();
  if (busy || !event.submitter) return;
  const response = event.submitter.value;
  const statement = card.dataset.statement;
  const words = document.getElementById("said").textContent.trim();
  const answer = await send("respond", { statement, response });
  if (!answer) return;
  tell(`${VERBS[response]} `, SHAPES[response], words, answer);
  if (answer.before !== response) offer(statement, answer.before);
  show(answer, statement, response);
}

// Sends an act; gives the server's answer, or says why there is none.
async function send(act, fields) {
  busy = true;
  try {
    const reply = await fetch(`${card.dataset.base}/${act}`, {
      method: "POST",
      headers: { accept: "application/json" },
      body: new URLSearchParams({ ...fields, card: "1" }),
    });
    const answer = await reply.json();
    if (reply.ok) return answer;
    problem(answer.sentence);
  } catch {
    problem("No answer came from the server, so this may not have been recorded. Check your connection and press the button again.");
  } finally {
    busy = false;
  }
  return null;
}

function show({ next, entry, before }, statement, response) {
  // After the last statement, and after eight, the page itself has more to say. It goes on from what was just done.
  if (next.statement === null || next.text === null || (next.answered >= 8 && !document.querySelector("section.after"))) {
    const just = new URLSearchParams({ after: statement, entry, ...(before && before !== response ? { before } : {}) });
    location.assign(`${card.dataset.base}/respond?${just}`);
    return;
  }
  card.dataset.statement = next.statement;
  card.querySelector("input[name=statement]").value = next.statement;
  document.getElementById("report").href = `${card.dataset.base}/s/${next.statement}/report`;
  document.getElementById("progress").textContent = next.progress;
  const words = document.createElement("bdi");
  words.className = "words";
  words.dir = "auto";
  words.textContent = next.text;
  document.getElementById("said").replaceChildren(words);
}

function notice(tone, word) {
  const box = document.createElement("div");
  box.className = `notice ${tone}`;
  const line = document.createElement("p");
  const strong = document.createElement("strong");
  strong.textContent = `${word}. `;
  line.append(strong);
  box.append(line);
  clearInterval(countdown);
  done.replaceChildren(box);
  return line;
}

function problem(sentence) {
  notice("problem", "Problem").append(sentence);
}

function tell(verb, shape, words, answer) {
  const line = notice("done", "Done");
  const said = document.createElement("bdi");
  said.dir = "auto";
  said.textContent = words;
  line.append(`${shape} ${verb}“`, said, "” ");
  if (answer.receipt) line.append(receipt(answer));
}

// The receipt came with the answer: saving it asks the server nothing.
function receipt(answer) {
  const link = document.createElement("a");
  link.className = "receipt";
  link.download = `receipt-${answer.entry}.txt`;
  link.href = URL.createObjectURL(new Blob([answer.receipt], { type: "text/plain" }));
  link.textContent = `Receipt for entry ${answer.entry}`;
  return link;
}

function offer(statement, before) {
  const form = document.createElement("form");
  form.className = "undo";
  form.method = "post";
  form.action = `${card.dataset.base}/${before ? "respond" : "retract"}`;
  const fields = { statement, back: "card", ...(before ? { response: before } : {}) };
  for (const [name, value] of Object.entries(fields)) {
    const input = document.createElement("input");
    input.type = "hidden";
    input.name = name;
    input.value = value;
    form.append(input);
  }
  form.append(document.createElement("button"));
  done.querySelector(".notice p").append(" ", form);
  arm(form);
}

// Undo is offered for thirty seconds; afterwards an answer is changed on the page of its statement.
function arm(form) {
  const button = form.querySelector("button");
  // A countdown read aloud every second helps nobody.
  form.setAttribute("aria-live", "off");
  let left = UNDO_SECONDS;
  const tick = () => {
    button.textContent = `Undo (${left} s)`;
    button.setAttribute("aria-label", "Undo");
    if (left > 0) left--;
    // Whoever is about to press it is not robbed of it.
    else if (!form.contains(document.activeElement)) {
      clearInterval(countdown);
      form.remove();
    }
  };
  tick();
  clearInterval(countdown);
  countdown = setInterval(tick, 1000);
}

function count(input) {
  const place = input.closest(".field").querySelector(".counter");
  const limit = Number(input.dataset.limit);
  const tick = () => {
    const length = [...input.value.trim()].length;
    const left = limit - length;
    place.textContent = left >= 0 ? `${length} of ${limit} characters` : `${-left} characters too many`;
  };
  input.addEventListener("input", tick);
  tick();
}
