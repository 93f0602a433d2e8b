// The login page in Chromium: approval and denial by a phone that photographs the QR code, the changing code, its end.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startWorld } from '../world/world.mjs';
import { openPage, picture, pictureOfQr, shortcomings, startChromium, watchPage } from './chromium.mjs';
import { Phone } from './phone.mjs';
import { beginLogin, startSite } from './relying_party.mjs';

const SCREENS = ['desktop', 'phone'];
const LANGUAGES = ['en', 'fr'];

let site, calm, hasty, brief, chromium, phone;

before(async () => {
  site = await startSite();
  // Where a phone reads pictures they leave a slow machine time enough.
  calm = await startWorld({ redirectUri: site.callback, lifetimes: { frame: 60 } });
  // Pictures that change, each second.
  hasty = await startWorld({ redirectUri: site.callback, lifetimes: { frame: 1 } });
  // Codes that end, of which a login has two.
  brief = await startWorld({ redirectUri: site.callback, lifetimes: { link_code: 8 }, limits: { link_codes: 2 } });
  chromium = await startChromium();
  phone = await Phone.bound(calm, calm.people[0]);
});

after(async () => {
  phone?.lose();
  await chromium?.close();
  await brief?.stop();
  await hasty?.stop();
  await calm?.stop();
  site?.stop();
});

/** The relying party of a world at an issuer; those of `op` have changing codes. */
const party = (world, mount) => world.clients.find((client) => client.mount === mount);

/** Opens the login page of a world. `arrange` is done with the page before. */
async function loginPage(world, { screen = 'desktop', language = 'en', script = true, mount = 'op', arrange } = {}) {
  const login = await beginLogin(party(world, mount));
  const opened = await openPage(chromium, { screen, language, script, origins: [world.origin, new URL(site.callback).origin] });
  await arrange?.(opened.page);
  await opened.page.goto(login.url);
  await opened.page.locator('#wallet[data-state="waiting"]').waitFor();
  return { ...opened, login, name: (what) => `${what}-${screen}-${language}` };
}

const state = (page, wanted) => page.locator(`#wallet[data-state="${wanted}"]`).waitFor();
const back = (page) => page.waitForURL((url) => url.href.startsWith(site.callback));
const code = (page) => page.locator('#wallet').getAttribute('data-code');
const anotherCode = (page, than) => page.locator(`#wallet:not([data-code="${than}"])`).waitFor();
/** Keeps, from the first moment on, each pair of state and code that the page is in; gives how to read them. */
async function keepStates(page) {
  await page.addInitScript(() => {
    globalThis.states = [];
    addEventListener('DOMContentLoaded', () => {
      const wallet = document.getElementById('wallet');
      const keep = () => globalThis.states.push({ state: wallet.dataset.state, code: wallet.dataset.code });
      keep();
      new MutationObserver(keep).observe(wallet, { attributes: true, attributeFilter: ['data-state', 'data-code'] });
    });
  });
  return () => page.evaluate(() => globalThis.states);
}
/** A network in which events do not come through. */
const withoutEvents = (page) => page.route('**/link-events', (route) => route.fulfill({ status: 404, body: '' }));
/** What the browser itself says about an answer of 400 or 404. */
const ours = (complaints) => complaints.filter((complaint) => !/status of 40[04]/.test(complaint));

for (const screen of SCREENS) {
  for (const language of LANGUAGES) {
    describe(`login page, ${screen}, ${language}`, () => {
      test('a phone that scans and approves logs the browser in', async () => {
        const { page, login, complaints, close, name } = await loginPage(calm, { screen, language });
        const asked = [];
        page.on('request', (request) => asked.push(new URL(request.url()).pathname));
        await picture(page, name('waiting'));
        assert.deepEqual(await shortcomings(page, language), []);
        assert.equal(await page.locator('#party-name').textContent(), language === 'fr' ? 'Maison shop' : 'Party shop');

        const review = await phone.scan(await pictureOfQr(page, name('waiting')));
        assert.match(review, /Party shop/);
        await state(page, 'scanned');
        await picture(page, name('scanned'));

        await phone.approve(['email']);
        await back(page);
        const info = await login.finish(page.url());
        const [person] = calm.people;
        assert.equal(info.name, person.name);
        assert.equal(info.email, person.email);
        assert.equal(info.phone_number, undefined);
        assert.deepEqual(complaints, []);
        assert.deepEqual(asked.filter((path) => path.endsWith('/link-status')), [], 'events came through: no polls');
        await close();
      });

      test('a phone that denies sends the browser back with access_denied', async () => {
        const { page, login, complaints, close, name } = await loginPage(calm, { screen, language });
        await phone.scan(await pictureOfQr(page, name('denied')));
        await phone.deny();
        await back(page);
        const answer = new URL(page.url()).searchParams;
        assert.equal(answer.get('error'), 'access_denied');
        assert.equal(answer.get('state'), login.state);
        assert.equal(answer.get('code'), null);
        assert.deepEqual(complaints, []);
        await close();
      });
    });
  }
}

test('where events do not come through, the page asks, and the login goes on', async () => {
  const { page, login, complaints, close, name } = await loginPage(calm, { arrange: withoutEvents });
  await phone.scan(await pictureOfQr(page, name('polled')));
  await state(page, 'scanned');
  await phone.approve();
  await back(page);
  assert.equal((await login.finish(page.url())).name, calm.people[0].name);
  assert.deepEqual(ours(complaints), []);
  await close();
});

describe('the code changes', () => {
  for (const screen of SCREENS) {
    for (const [way, arrange] of [['told by events', undefined], ['by asking', withoutEvents]]) {
      test(`nothing else moves, and nothing is said aloud: ${screen}, ${way}`, async () => {
        const { page, complaints, close } = await loginPage(hasty, { screen, arrange });
        await page.locator('#open-wallet').focus();
        const watched = await watchPage(page);
        const seen = new Set();
        const drawings = new Set();
        for (let change = 0; change < 3; change += 1) {
          // Read at one moment: between two questions the next code may come.
          const { shown, drawing, link } = await page.evaluate(() => ({
            shown: document.getElementById('wallet').dataset.code,
            drawing: document.getElementById('qr').innerHTML,
            link: document.getElementById('open-wallet').href,
          }));
          seen.add(shown);
          drawings.add(drawing);
          assert.equal(new URL(link).searchParams.get('linkCode'), shown);
          await anotherCode(page, shown);
        }
        assert.equal(seen.size, 3);
        assert.equal(drawings.size, 3);
        const { shift, told } = await watched();
        assert.equal(shift, 0, 'the layout shifts');
        assert.deepEqual(told, []);
        assert.equal(await page.evaluate(() => document.activeElement.id), 'open-wallet', 'the focus stays');
        assert.deepEqual(ours(complaints), []);
        await close();
      });
    }
  }

  test('without script a button shows a fresh one', async () => {
    const { page, complaints, close, name } = await loginPage(hasty, { script: false });
    await page.locator('#no-script').waitFor();
    await picture(page, name('no-script'));
    for (let change = 0; change < 2; change += 1) {
      const shown = await code(page);
      const slot = Number(shown.split('.')[1]);
      // A press within the same second shows the same one.
      const ends = Date.now() + 120_000;
      while (await code(page) === shown) {
        assert.ok(Date.now() < ends, 'the code stands still');
        await page.click('#refresh-button');
        await page.locator('#qr svg').waitFor();
      }
      assert.ok(Number((await code(page)).split('.')[1]) > slot);
    }
    assert.deepEqual(complaints, []);
    await close();
  });
});

describe('a code that does not change', () => {
  for (const [way, arrange] of [['told by events', undefined], ['by asking', withoutEvents]]) {
    test(`is replaced before it ends, and the last one ends: ${way}`, async () => {
      let states;
      const prepare = async (page) => {
        states = await keepStates(page);
        await arrange?.(page);
      };
      const { page, complaints, close, name } = await loginPage(brief, { mount: 'govstack', arrange: prepare });
      await state(page, 'expired');
      await picture(page, name('expired'));
      const seen = await states();
      const waiting = new Set(seen.filter((one) => one.state === 'waiting').map((one) => one.code));
      assert.equal(waiting.size, 2, `the page waits with one code, then with another: ${JSON.stringify(seen)}`);
      const status = page.locator('#wallet-status');
      assert.equal(await status.textContent(), await status.getAttribute('data-expired'));
      assert.deepEqual(await shortcomings(page, 'en'), []);
      assert.deepEqual(ours(complaints), []);
      await close();
    });
  }
});
