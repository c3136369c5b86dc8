// Words that must not be public: reported by anybody, erased by an organiser; and one's own words.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, entries, openHouse, tooWide } from "./house.mjs";

let house;
before(async () => (house = await openHouse()));
after(() => house?.close());

// Puts a statement; gives its number.
async function put(page, words) {
  await page.goto("/lindenhof/q/1/state");
  await page.getByLabel("What is missing?").fill(words);
  await page.getByRole("button", { name: "Put it to everyone" }).click();
  const done = await page.getByText(/is statement \d+ now/).innerText();
  return Number(/statement (\d+) now/.exec(done)[1]);
}

const looks = async (page, js) => {
  if (js) await accessible(page);
  const width = page.viewportSize().width;
  await page.setViewportSize({ width: 320, height: 800 });
  if (js) assert.deepEqual(await tooWide(page), [], page.url());
  await page.setViewportSize({ width, height: 900 });
};

for (const js of [true, false]) {
  const how = js ? "with" : "without";

  test(`a report leads to an erasure ${how} JavaScript`, async () => {
    const author = await house.person({ js });
    const words = `Ivan Petrov of number ${js ? 12 : 14} parks there every night.`;
    const no = await put(author.page, words);

    const reader = await house.person({ js });
    await reader.page.goto(`/lindenhof/q/1/s/${no}`);
    await reader.page.getByRole("link", { name: "Report these words" }).click();
    await looks(reader.page, js);
    await reader.page.getByLabel("They hold personal data of somebody who did not agree to that").check();
    await reader.page.getByLabel("Anything the organisers should know").fill("I am his neighbour.");
    await reader.page.getByRole("button", { name: "Send the report" }).click();
    await reader.page.getByText("Your report waits for the organisers.").waitFor();
    await looks(reader.page, js);

    const organiser = await house.person({ js });
    await organiser.page.goto("/lindenhof/organise");
    await organiser.page.getByText("You are not signed in").waitFor();
    const made = await house.veche("organiser", "--data", house.data, "--json");
    assert.equal(made.code, 0, made.words);
    await organiser.page.goto(JSON.parse(made.words).url);
    await looks(organiser.page, js);
    await organiser.page.getByRole("button", { name: "Sign in" }).click();
    await organiser.page.getByRole("heading", { name: "Reported words" }).waitFor();
    await organiser.page.getByText("I am his neighbour.").waitFor();
    await looks(organiser.page, js);
    await organiser.page.getByRole("link", { name: "Erase them …" }).click();
    await organiser.page.getByText(words).waitFor();
    await looks(organiser.page, js);
    await organiser.page.getByLabel("They hold personal data of somebody who did not agree to that").check();
    await organiser.page.getByRole("button", { name: "Erase these words" }).click();
    await organiser.page.getByText(/are erased, and entry \d+ says so/).waitFor();
    assert.equal(await organiser.page.getByText("Petrov").count(), 0);
    await looks(organiser.page, js);

    await reader.page.goto(`/lindenhof/q/1/s/${no}`);
    await reader.page.getByText("it held personal data of somebody else").waitFor();
    assert.equal(await reader.page.getByText("Petrov").count(), 0);
    await looks(reader.page, js);
    const last = (await entries(house.url)).findLast((entry) => entry.kind === "moderation.erased");
    assert.deepEqual([last.field, last.ground, last.by], ["text", "personal-data-of-another", "organiser"]);

    await organiser.page.goto("/lindenhof/organise");
    await organiser.page.getByRole("button", { name: "Sign out" }).click();
    await organiser.page.goto("/lindenhof/organise");
    await organiser.page.getByText("You are not signed in").waitFor();
    for (const one of [author, reader, organiser]) await one.leave();
  });

  test(`somebody erases their own words ${how} JavaScript`, async () => {
    const author = await house.person({ js });
    const { page } = author;
    const words = `My daughter Mascha fell there ${js ? "twice" : "once"}.`;
    const no = await put(page, words);
    await page.goto("/lindenhof/me");
    await looks(page, js);
    await page.getByRole("link", { name: "Erase …" }).click();
    await page.getByText(words).waitFor();
    await looks(page, js);
    await page.getByRole("button", { name: "Erase these words" }).click();
    await page.getByText(/Your words of entry \d+ are erased, and entry \d+ says so/).waitFor();
    await page.getByText("whoever wrote it asked for that").waitFor();
    assert.equal(await page.getByText("Mascha").count(), 0);
    await looks(page, js);
    await page.goto(`/lindenhof/q/1/s/${no}`);
    await page.getByText("whoever wrote it asked for that").waitFor();
    await looks(page, js);
    await author.leave();
  });
}

test("whoever sees a card can report it, also after the next one came", async () => {
  const { page, leave } = await house.person();
  await page.goto("/lindenhof/q/1/respond");
  const first = await page.locator("#card").getAttribute("data-statement");
  await page.getByRole("button", { name: "Agree", exact: true }).click();
  await page.getByText("You agreed with").waitFor();
  const second = await page.locator("#card").getAttribute("data-statement");
  assert.notEqual(first, second);
  await page.getByRole("link", { name: "Report these words" }).click();
  assert.match(page.url(), new RegExp(`/s/${second}/report$`));
  await leave();
});

test("the record still checks out", async () => {
  for (const command of ["verify", "recount"]) {
    const { code, words } = await house.veche(command, house.url);
    assert.equal(code, 0, words);
    assert.match(words, /4 texts were erased, each with its entry/);
  }
});
