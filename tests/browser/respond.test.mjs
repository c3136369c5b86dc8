// From the link to where one stands and to the check, as a person goes, with JavaScript and without.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, entries, openHouse, QUESTION } from "./house.mjs";

let house;
before(async () => (house = await openHouse()));
after(() => house?.close());

const button = (page, name) => page.getByRole("button", { name, exact: true });
const said = (page) => page.getByRole("article").locator(".said").innerText();

// Presses one of the three buttons and waits until the page says so.
async function respond(page, name, verb) {
  const words = await said(page);
  await button(page, name).click();
  await page.getByText(`${verb} “${words}”`).waitFor();
  return words;
}

for (const js of [true, false]) {
  test(`a guest goes all the way ${js ? "with" : "without"} JavaScript`, async () => {
    const { page, leave } = await house.person({ js });
    const look = () => (js ? accessible(page) : undefined);

    await page.goto("/");
    await look();
    await page.getByRole("link", { name: /Lindenhof/ }).first().click();
    await look();
    await page.getByRole("link", { name: QUESTION }).click();
    await page.getByRole("heading", { name: QUESTION, level: 1 }).waitFor();
    await page.getByText("They are not people.").waitFor();
    await look();

    await page.getByRole("link", { name: "Say what you think" }).click();
    await page.getByRole("heading", { name: "Say what you think" }).waitFor();
    await look();

    await respond(page, "Agree", "You agreed with");
    await look();
    const [receipt] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: /^Receipt for entry \d+$/ }).first().click(),
    ]);
    const proof = await text(receipt);
    assert.match(proof, /^c2sp\.org\/tlog-proof@v1\nindex \d+\n/);

    await respond(page, "Disagree", "You disagreed with");
    await look();
    const passed = await respond(page, "Pass / not sure", "You passed on");
    await look();
    await button(page, "Undo").click();
    await page.getByText(`You took your answer back to “${passed}”`).waitFor();
    await look();

    while ((await page.getByRole("link", { name: "See where you stand" }).count()) === 0) {
      await respond(page, "Agree", "You agreed with");
      await page.waitForTimeout(300);
    }
    await look();
    await page.getByLabel("What is missing? Write one sentence.").fill(`There should be a swing ${js ? "here" : "there"}.`);
    await button(page, "Put it to everyone").click();
    await page.getByRole("heading", { name: "Your statement is on the record" }).waitFor();
    await page.getByText("There should be a swing").waitFor();
    await look();
    await page.getByRole("link", { name: "Go on" }).click();
    await page.getByRole("heading", { name: "Say what you think" }).waitFor();
    await look();

    await page.getByRole("link", { name: "See where you stand" }).click();
    await page.getByRole("heading", { name: "Where you stand" }).waitFor();
    const sentence = await page.locator("p.sentence").innerText();
    assert.match(sentence, /groups? [A-F]|too little yet to tell|look again in a moment/);
    await page.getByRole("figure").getByRole("img").waitFor();
    await page.getByRole("table", { name: "You and the others" }).waitFor();
    await look();

    await page.getByRole("link", { name: "Your answers" }).first().click();
    await page.getByRole("heading", { name: "Your answers" }).waitFor();
    await page.getByText("1 statement of yours").waitFor();
    await page.getByRole("heading", { name: /^\d+ responses$/ }).waitFor();
    await look();

    await page.getByRole("link", { name: QUESTION }).click();
    await page.getByRole("link", { name: "Check this result" }).click();
    await page.getByRole("heading", { name: "Check this result" }).waitFor();
    await page.getByText(`veche verify ${house.url}/lindenhof`).waitFor();
    await look();
    await leave();
  });
}

async function text(download) {
  const chunks = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

test("the keys A, D, P and U do what the buttons do", async () => {
  const { page, leave } = await house.person();
  await page.goto("/lindenhof/q/1/respond");
  await page.getByText("Keys: A agree").waitFor();
  for (const [key, verb] of [
    ["a", "You agreed with"],
    ["d", "You disagreed with"],
    ["P", "You passed on"],
  ]) {
    const words = await said(page);
    await page.keyboard.press(key);
    await page.getByText(`${verb} “${words}”`).waitFor();
    await accessible(page);
  }
  await page.keyboard.press("u");
  await page.getByText("You took your answer back to").waitFor();
  await leave();
});

// WCAG 2.1.4: single letters can be turned off, for speech input and unsteady hands.
test("the keys can be turned off, and stay off", async () => {
  const { page, leave } = await house.person();
  await page.goto("/lindenhof/q/1/respond");
  await button(page, "Turn keys off").click();
  await page.reload();
  await button(page, "Turn keys on").waitFor();
  const words = await said(page);
  await page.keyboard.press("a");
  await page.waitForTimeout(500);
  assert.equal(await said(page), words);
  assert.equal(await page.getByText("You agreed with").count(), 0);
  await accessible(page);
  await button(page, "Turn keys on").click();
  await page.keyboard.press("a");
  await page.getByText(`You agreed with “${words}”`).waitFor();
  await leave();
});

test("after the last answer before where one stands, undo is still there", async () => {
  const { page, leave } = await house.person();
  await page.goto("/lindenhof/q/1/respond");
  while ((await page.getByRole("link", { name: "See where you stand" }).count()) === 0) {
    await respond(page, "Disagree", "You disagreed with");
    await page.waitForTimeout(300);
  }
  await page.getByText("You disagreed with").waitFor();
  await page.getByRole("link", { name: /^Receipt for entry/ }).waitFor();
  await button(page, "Undo").click();
  await page.getByText("You took your answer back to").waitFor();
  await leave();
});

test("keys typed into the sentence are letters, not answers", async () => {
  const { page, leave } = await house.person();
  await page.goto("/lindenhof/q/1/state");
  const field = page.getByLabel("What is missing? Write one sentence.");
  await field.pressSequentially("A pad");
  assert.equal(await field.inputValue(), "A pad");
  await page.getByText("5 of 140 characters").waitFor();
  await leave();
});

test("a double click is one entry", async () => {
  const { page, leave } = await house.person({ js: false });
  await page.goto("/lindenhof/q/1/respond");
  await respond(page, "Agree", "You agreed with");
  const responses = async () => (await entries(house.url)).filter((entry) => entry.kind === "talk.responded").length;
  const before = await responses();
  await button(page, "Disagree").dblclick();
  await page.getByText("You disagreed with").waitFor();
  assert.equal(await responses(), before + 1);
  await leave();
});

test("the same answer sent twice at once is one entry, and both hear of it", async () => {
  const { context, page, leave } = await house.person();
  await page.goto("/lindenhof/q/1/respond");
  const send = async () => {
    const reply = await context.request.post("/lindenhof/q/1/respond", {
      form: { statement: "2", response: "agree" },
      headers: { accept: "application/json" },
    });
    assert.equal(reply.status(), 200);
    return reply.json();
  };
  const [one, two] = await Promise.all([send(), send()]);
  assert.equal(one.entry, two.entry);
  assert.equal(Math.min(one.added, two.added), 0);
  await leave();
});

test("an answer can be changed and taken back on the page of its statement", async () => {
  for (const js of [true, false]) {
    const { page, leave } = await house.person({ js });
    await page.goto("/lindenhof/q/1/s/3");
    await button(page, "Agree").click();
    await page.getByText("You agreed with this.").waitFor();
    if (js) await accessible(page);
    await button(page, "Disagree").click();
    await page.getByText("You disagreed with this.").waitFor();
    await button(page, "Take my answer back").click();
    await page.getByText("You have not responded to it yet.").waitFor();
    if (js) await accessible(page);
    await leave();
  }
});

test("an outsider checks and recounts what people did here", async () => {
  const place = `${house.url}/lindenhof`;
  const verified = await house.veche("verify", place);
  assert.equal(verified.code, 0, verified.words);
  const recounted = await house.veche("recount", place);
  assert.equal(recounted.code, 0, recounted.words);
  assert.match(recounted.words, /the same as the 6 results published/);
});
