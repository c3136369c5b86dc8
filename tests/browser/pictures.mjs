// Makes a picture of every page for people to look at, in light and dark, at three widths and in print:
//
//   node tests/browser/pictures.mjs [folder]

import { mkdir, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openHouse, PAGES } from "./house.mjs";

const folder = process.argv[2] ?? (await mkdtemp(join(tmpdir(), "veche-pictures-")));
await mkdir(folder, { recursive: true });
const house = await openHouse();
try {
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [320, 768, 1280]) await pictures(`${width}-${colorScheme}`, { colorScheme, viewport: { width, height: 800 } });
  }
  await pictures("320-own-colours", { forcedColors: "active", viewport: { width: 320, height: 800 } });
  await pictures("print", { viewport: { width: 720, height: 1000 } }, (page) => page.emulateMedia({ media: "print" }));
} finally {
  await house.close();
}
console.log(`The pictures are in ${folder}.`);

async function pictures(name, options, prepare = () => {}) {
  const { context, page, leave } = await house.person(options);
  for (let statement = 1; statement <= 12; statement++) {
    const response = ["agree", "disagree", "pass"][statement % 3];
    await context.request.post(`${PAGES.question}/respond`, { form: { statement: String(statement), response } });
  }
  await prepare(page);
  for (const [which, address] of Object.entries(PAGES)) {
    await page.goto(address);
    await page.screenshot({ path: join(folder, `${which}-${name}.png`), fullPage: true });
  }
  // After a click, too: what was done, with its undo.
  await page.goto(PAGES.respond);
  if (name !== "print") await page.getByRole("button", { name: "Agree", exact: true }).click();
  await page.getByText("You agreed with").or(page.locator("footer")).first().waitFor();
  await page.screenshot({ path: join(folder, `responded-${name}.png`), fullPage: true });
  await leave();
}
