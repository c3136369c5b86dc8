// Two browsers at the same time: each sees what the other one says, without loading the page.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { accessible, openHouse } from "./house.mjs";

let house;
before(async () => (house = await openHouse()));
after(() => house?.close());

const total = (page, name) => page.locator(`[data-total="${name}"]`);
const number = async (place) => Number(await place.innerText());

async function becomes(place, value) {
  for (let tries = 0; tries < 100 && (await number(place)) !== value; tries++) await setTimeout(100);
  assert.equal(await number(place), value);
}

async function answer(page, statement, name) {
  await page.goto(`/lindenhof/q/1/s/${statement}`);
  await page.getByRole("button", { name, exact: true }).click();
  await page.getByText("You may change it").waitFor();
}

test("two people see each other's responses as they come", async () => {
  const anna = await house.person();
  const ben = await house.person();
  await anna.page.goto("/lindenhof/q/1");
  const responses = await number(total(anna.page, "responses"));
  const people = await number(total(anna.page, "participants"));

  await answer(ben.page, 1, "Agree");
  await becomes(total(anna.page, "responses"), responses + 1);
  await becomes(total(anna.page, "participants"), people + 1);
  await accessible(anna.page);

  await ben.page.goto("/lindenhof/q/1");
  const other = await anna.context.newPage();
  await answer(other, 2, "Disagree");
  await becomes(total(ben.page, "responses"), responses + 2);
  await becomes(total(anna.page, "responses"), responses + 2);
  await anna.leave();
  await ben.leave();
});

test("the numbers and the bar of a statement follow", async () => {
  const anna = await house.person();
  const ben = await house.person();
  await anna.page.goto("/lindenhof/q/1/s/5");
  const tally = anna.page.locator('[data-statement="5"]');
  const agree = tally.locator('[data-n="agree"]');
  const before = await number(agree);
  const width = () => tally.locator("rect.agree").getAttribute("width");
  const drawn = await width();
  await answer(ben.page, 5, "Agree");
  await becomes(agree, before + 1);
  assert.notEqual(await width(), drawn);

  // What the page shows now is what the server would draw.
  const live = await width();
  await anna.page.reload();
  assert.equal(await number(agree), before + 1);
  assert.equal(await width(), live);
  await anna.leave();
  await ben.leave();
});

test("nothing moves for somebody who asked for less motion", async () => {
  const anna = await house.person({ reducedMotion: "reduce" });
  const ben = await house.person();
  await anna.page.goto("/lindenhof/q/1");
  const responses = await number(total(anna.page, "responses"));
  await answer(ben.page, 7, "Agree");
  await becomes(total(anna.page, "responses"), responses + 1);
  const moving = await anna.page.evaluate(() => document.getAnimations().filter((one) => one.playState === "running").length);
  assert.equal(moving, 0);
  await anna.leave();
  await ben.leave();
});
