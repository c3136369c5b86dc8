// What people write is text, whatever they write.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, openHouse, tooWide } from "./house.mjs";

let house;
before(async () => (house = await openHouse()));
after(() => house?.close());

const FIELD = "What is missing? Write one sentence.";

async function put(page, words) {
  await page.goto("/lindenhof/q/1/state");
  await page.getByLabel(FIELD).fill(words);
  await page.getByRole("button", { name: "Put it to everyone" }).click();
}

const HOSTILE = [
  '<img src=x onerror="alert(1)"><script>alert(2)</script>',
  "</title></bdi></p><h1 onclick=alert(1)>An organiser writes</h1>",
  "صحيح <b>100%</b> (agree) ▲ 999",
  "האם כדאי לשתול עוד עצים בחצר? <script>alert(1)</script> 1 2 3",
  `{{7*7}} \${7*7} <%= 7*7 %> %3Cscript%3E &lt;b&gt; &amp; "'\``,
  "W".repeat(140),
  "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!͖̬̰̙̗̿̋ͥͥ̂",
];

test("a hostile sentence is a sentence like any other", async () => {
  const { page, leave } = await house.person({ viewport: { width: 320, height: 640 } });
  for (const words of HOSTILE) {
    await put(page, words);
    await page.getByRole("heading", { name: "Your statement is on the record" }).waitFor();
    const link = page.getByRole("link", { name: /^Receipt/ });
    await link.waitFor();
    assert.ok((await page.getByRole("main").innerText()).includes(words), words);
    const number = (await page.getByRole("main").innerText()).match(/is statement (\d+) now/)[1];

    await page.goto(`/lindenhof/q/1/s/${number}`);
    assert.equal(await page.getByRole("blockquote").innerText(), words);
    assert.equal(await page.locator("img, script:not([src]), main [onclick]").count(), 0);
    assert.deepEqual(await tooWide(page), []);
    await accessible(page);
  }
  await page.goto("/lindenhof/q/1/statements?order=newest");
  for (const words of HOSTILE) assert.ok((await page.getByRole("main").innerText()).includes(words), words);
  assert.deepEqual(await tooWide(page), []);
  await accessible(page);
  await leave();
});

test("a sentence from right to left turns nothing but itself", async () => {
  const { page, leave } = await house.person();
  await put(page, "كل سكان البيت يجب أن يقرروا معا.");
  await page.getByRole("heading", { name: "Your statement is on the record" }).waitFor();
  const direction = (place) => place.evaluate((element) => getComputedStyle(element).direction);
  const said = page.locator("bdi", { hasText: "كل سكان" }).first();
  assert.equal(await direction(said), "rtl");
  assert.equal(await direction(page.getByRole("main")), "ltr");
  await leave();
});

test("a sentence that cannot be taken comes back with the reason under it", async () => {
  for (const js of [true, false]) {
    const { page, leave } = await house.person({ js });
    for (const [words, reason] of [
      ["A".repeat(141), /141 characters/],
      ["All parking places in the courtyard should go.", /says exactly that/],
      ["Turn \u202E around", /characters|Remove/],
    ]) {
      await put(page, words);
      await page.locator(".error").waitFor();
      assert.match(await page.locator(".error").innerText(), reason);
      assert.equal(await page.getByLabel(FIELD).inputValue(), words);
      if (js) await accessible(page);
    }
    await leave();
  }
});
