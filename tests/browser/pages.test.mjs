// Every page, as different people and devices show it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, openHouse, PAGES, tooWide } from "./house.mjs";

let house;
before(async () => (house = await openHouse()));
after(() => house?.close());

// Somebody who has responded to twelve statements, so that every page has something to show.
async function resident(options) {
  const one = await house.person(options);
  for (let statement = 1; statement <= 12; statement++) {
    const response = ["agree", "disagree", "pass"][statement % 3];
    const reply = await one.context.request.post("/lindenhof/q/1/respond", { form: { statement: String(statement), response } });
    assert.equal(reply.status(), 200);
  }
  return one;
}

async function everyPage(page, look) {
  for (const [name, address] of Object.entries(PAGES)) {
    await page.goto(address);
    await look(name);
  }
}

const SETTINGS = {
  "in light colours": {},
  "in dark colours": { colorScheme: "dark" },
  "in the system's own few colours": { forcedColors: "active" },
  "in the system's own few colours, dark": { forcedColors: "active", colorScheme: "dark" },
  "with more contrast and less motion": { contrast: "more", reducedMotion: "reduce" },
  "without its scripts": { scripts: false },
  "on a phone": { viewport: { width: 320, height: 640 }, isMobile: true, hasTouch: true },
};

for (const [how, options] of Object.entries(SETTINGS)) {
  test(`every page is accessible ${how}`, async () => {
    const { page, leave } = await resident(options);
    await everyPage(page, () => accessible(page));
    await leave();
  });
}

const WIDTHS = {
  "320 px wide": { viewport: { width: 320, height: 640 } },
  "at 400 % zoom of a desktop": { viewport: { width: 320, height: 256 }, deviceScaleFactor: 4 },
  "768 px wide": { viewport: { width: 768, height: 1024 } },
};

for (const [how, options] of Object.entries(WIDTHS)) {
  test(`no page scrolls sideways ${how}`, async () => {
    const { page, leave } = await resident(options);
    const wide = {};
    await everyPage(page, async (name) => {
      const found = await tooWide(page);
      if (found.length > 0) wide[name] = found;
    });
    assert.deepEqual(wide, {});
    await leave();
  });
}

// WCAG 1.4.12: people who need it set their own spacing.
test("no page breaks with wide text spacing", async () => {
  const { page, leave } = await resident({ viewport: { width: 320, height: 640 }, bypassCSP: true });
  const wide = {};
  await everyPage(page, async (name) => {
    await page.addStyleTag({
      content: "* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; } p { margin-bottom: 2em !important; }",
    });
    const found = await tooWide(page);
    if (found.length > 0) wide[name] = found;
  });
  assert.deepEqual(wide, {});
  await leave();
});

test("what one presses on a phone is 44 px high", async () => {
  const { page, leave } = await resident({ viewport: { width: 320, height: 640 }, isMobile: true, hasTouch: true });
  const small = {};
  await everyPage(page, async (name) => {
    const found = await page.evaluate(() => {
      const targets = [...document.querySelectorAll("button, a.button, input:not([type=hidden]), nav a, summary")];
      // A radio button is pressed on the words around it.
      const pressed = (one) => (one.type === "radio" && one.closest("label")) || one;
      const low = targets.filter((one) => one.checkVisibility() && Math.round(pressed(one).getBoundingClientRect().height) < 44);
      return low.map((one) => `${one.textContent.trim() || one.name}: ${one.getBoundingClientRect().height} px`);
    });
    if (found.length > 0) small[name] = found;
  });
  assert.deepEqual(small, {});
  await leave();
});

test("every page prints with its address and where the record stood", async () => {
  const { page, leave } = await resident();
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  await everyPage(page, async (name) => {
    const shown = await page.evaluate(() => {
      const dark = getComputedStyle(document.body).backgroundColor.match(/\d+/g).slice(0, 3).every((part) => Number(part) < 100);
      const pressed = [...document.querySelectorAll("button, a.button, a.skip")].filter((one) => one.checkVisibility());
      return { dark, pressed: pressed.map((one) => one.textContent.trim()), foot: document.querySelector("footer").innerText };
    });
    assert.ok(shown.foot.includes(house.url), `${name} has no address: ${shown.foot}`);
    if (!["assemblies", "nothing"].includes(name)) assert.match(shown.foot, /Record: \d+ entries/, name);
    assert.equal(shown.dark, false, `${name} prints ink on ink`);
    assert.deepEqual(shown.pressed, [], `${name} prints what can only be pressed`);
    assert.ok((await page.pdf()).length > 1000);
  });
  await leave();
});

test("a receipt is printed without what its entry says, unless somebody opens that first", async () => {
  const { page, leave } = await resident();
  await page.goto("/lindenhof/me");
  await page.getByRole("link", { name: /^Print or scan/ }).first().click();
  await page.getByRole("img", { name: /^QR code/ }).waitFor();
  const entry = page.getByText('"kind":"talk.responded"');
  await page.emulateMedia({ media: "print" });
  assert.equal(await entry.isVisible(), false);
  await page.emulateMedia({ media: "screen" });
  await page.getByText("What the entry says", { exact: true }).click();
  await page.emulateMedia({ media: "print" });
  assert.equal(await entry.isVisible(), true);
  await leave();
});

test("whoever has a browser can take the record and all their receipts away", async () => {
  const { page, leave } = await resident();
  for (const [address, link, named] of [
    ["/lindenhof/q/1/check", "Download the bundle", "lindenhof-question-1.tar"],
    ["/lindenhof", "Take the whole record away", "lindenhof.tar"],
    ["/lindenhof/me", "Download all your receipts", "lindenhof-receipts.tar"],
  ]) {
    await page.goto(address);
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: link }).click()]);
    assert.equal(download.suggestedFilename(), named);
    const file = await download.path();
    if (named.endsWith("receipts.tar")) continue;
    const checked = await house.veche("recount", file);
    assert.equal(checked.code, 0, checked.words);
  }
  await leave();
});

test("the question comes in 60 kB, with all it loads", async () => {
  const { page, leave } = await house.person();
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  let bytes = 0;
  session.on("Network.loadingFinished", ({ encodedDataLength }) => (bytes += encodedDataLength));
  await page.goto("/lindenhof/q/1", { waitUntil: "load" });
  await page.waitForTimeout(500);
  assert.ok(bytes > 1_000, `${bytes} bytes`);
  assert.ok(bytes <= 60_000, `${bytes} bytes`);
  await leave();
});

test("what is not there is said in a sentence, with a way on", async () => {
  const { page, leave } = await house.person();
  for (const address of ["/lindenhof/q/99", "/nobody", "/lindenhof/q/1/s/999", "/lindenhof/q/01"]) {
    const reply = await page.goto(address);
    assert.equal(reply.status(), 404, address);
    await page.getByRole("heading", { name: "Nothing here" }).waitFor();
    await page.getByRole("main").getByRole("link").first().waitFor();
  }
  await leave();
});
