// The opinion map, for people: what one is told, where one stands, and that it is on the record.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, entries, openHouse, tooWide } from "./house.mjs";

let house;
before(async () => (house = await openHouse()));
after(() => house?.close());

// The record's entries of a kind, once there are some.
async function waitFor(kind) {
  for (let attempt = 0; attempt < 100; attempt++) {
    const found = (await entries(house.url)).filter((entry) => entry.kind === kind);
    if (found.length > 0) return found;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  throw new Error(`No entry of kind ${kind} was written.`);
}

test("the map is on the record, and the page says in which entry", async () => {
  const [mapped] = await waitFor("talk.mapped");
  assert.match(mapped.map.map_digest, /^[0-9a-f]{64}$/);
  const { page, leave } = await house.person();
  await page.goto(`/lindenhof/q/${mapped.question}/map`);
  await page.getByText(/Published in entry \d+\./).waitFor();
  await page.getByRole("link", { name: /^Published in entry/ }).click();
  await accessible(page);
  assert.ok((await page.locator("#published").boundingBox()).y < 700, "the link leads to what it names");
  await leave();
});

test("from the question to the map, the report and the classic map, each accessible", async () => {
  const { page, leave } = await house.person({ viewport: { width: 320, height: 640 } });
  await page.goto("/lindenhof/q/1");
  await page.getByRole("link", { name: "See the map, the groups and what each holds" }).click();
  await page.getByRole("heading", { name: "Opinion groups", exact: true }).waitFor();
  await accessible(page);
  await page.getByText("What was tried").click();
  await page.getByRole("table", { name: /Numbers of groups that were tried/ }).waitFor();
  await accessible(page);
  assert.deepEqual(await tooWide(page), []);
  await page.getByRole("link", { name: "The report, for reading and printing" }).click();
  for (const name of ["What everybody shares", "Where people differ, and who", "What a minority holds", /asked (what|about)$/]) {
    await page.getByRole("heading", { name }).waitFor();
  }
  await accessible(page);
  await page.goBack();
  await page.getByRole("link", { name: "the classic way, as Polis computes it" }).click();
  await page.getByRole("heading", { name: "Opinion groups, the classic way" }).waitFor();
  await accessible(page);
  await leave();
});

test("where one stands is a sentence, a ring with a shape around it, and a table", async () => {
  const { page, context, leave } = await house.person({ js: false });
  await page.goto("/lindenhof/q/1/stand");
  await page.getByText("you stand nowhere").waitFor();
  for (let statement = 1; statement <= 10; statement++) {
    const response = statement % 2 === 0 ? "agree" : "disagree";
    await context.request.post("/lindenhof/q/1/respond", { form: { statement: String(statement), response } });
  }
  await page.goto("/lindenhof/q/1/stand");
  await page.getByText(/^(Most likely you stand|You are closest to|You stand between|It is too close to tell|No division into)/).waitFor();
  assert.equal(await page.locator("svg.map .you ellipse").count(), 1);
  await page.getByRole("table", { name: "You and the others" }).waitFor();
  await leave();
});

test("what was shown is noted with how likely that was", async () => {
  const { page, leave } = await house.person();
  await page.goto("/lindenhof/q/1/respond");
  for (let answered = 0; answered < 3; answered++) {
    const taken = page.waitForResponse((reply) => reply.request().method() === "POST");
    await page.getByRole("button", { name: "Agree", exact: true }).click();
    assert.ok((await taken).ok());
    await page.getByText("You agreed with").waitFor();
  }
  const chosen = await waitFor("talk.chosen");
  for (const [, , chance, as_of] of chosen.flatMap((entry) => entry.shown)) {
    assert.ok(chance >= 1 && chance <= 1_000_000 && as_of > 0);
  }
  const recounted = await house.veche("recount", house.url);
  assert.equal(recounted.code, 0, recounted.words);
  assert.match(recounted.words, /on the record/);
  await leave();
});

test("the report prints as a document with lines to sign", async () => {
  const { page, leave } = await house.person();
  await page.goto("/lindenhof/q/1/summary");
  await page.emulateMedia({ media: "print" });
  assert.equal(await page.locator(".signatures").getByText("Place, date").count(), 2);
  assert.ok(await page.locator(".signatures").isVisible());
  assert.ok((await page.pdf()).length > 10_000);
  await leave();
});
