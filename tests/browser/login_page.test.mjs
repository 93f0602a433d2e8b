// The login page in Chromium: approval, denial, refresh and expiry of the QR code; two languages, two screens.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startWorld } from '../world/world.mjs';
import { openPage, picture, pictureOfQr, shortcomings, startChromium } from './chromium.mjs';
import { Phone } from './phone.mjs';
import { beginLogin, startSite } from './relying_party.mjs';

const SCREENS = ['desktop', 'phone'];
const LANGUAGES = ['en', 'fr'];
/** Seconds that a code lives in the world where codes are short. */
const SHORT = 16;

let site, calm, hasty, chromium, phone;

before(async () => {
  site = await startSite();
  calm = await startWorld({ redirectUri: site.callback });
  hasty = await startWorld({ redirectUri: site.callback, lifetimes: { link_code: SHORT }, limits: { link_codes: 2 } });
  chromium = await startChromium();
  phone = await Phone.bound(calm, calm.people[0]);
});

after(async () => {
  phone?.lose();
  await chromium?.close();
  await hasty?.stop();
  await calm?.stop();
  site?.stop();
});

/** Opens the login page of a world's first relying party. */
async function loginPage(world, screen, language) {
  const login = await beginLogin(world.clients[0]);
  const opened = await openPage(chromium, { screen, language, origins: [world.origin, new URL(site.callback).origin] });
  await opened.page.goto(login.url);
  await opened.page.locator('#wallet[data-state="waiting"]').waitFor();
  return { ...opened, login, name: (what) => `${what}-${screen}-${language}` };
}

const state = (page, wanted) => page.locator(`#wallet[data-state="${wanted}"]`).waitFor();
const back = (page) => page.waitForURL((url) => url.href.startsWith(site.callback));

for (const screen of SCREENS) {
  for (const language of LANGUAGES) {
    describe(`login page, ${screen}, ${language}`, () => {
      test('a phone that scans and approves logs the browser in', async () => {
        const { page, login, complaints, close, name } = await loginPage(calm, screen, language);
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
        await close();
      });

      test('a phone that denies sends the browser back with access_denied', async () => {
        const { page, login, complaints, close, name } = await loginPage(calm, screen, language);
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

      test('a one-time password logs in, on pages without script', async () => {
        const login = await beginLogin(calm.clients[0], { prompt: 'consent' });
        const person = calm.people[1];
        const { page, complaints, close } = await openPage(chromium,
          { screen, language, script: false, origins: [calm.origin, new URL(site.callback).origin] });
        await page.goto(login.url);
        await page.fill('#otp-individual-id', person.uin);
        await page.click('#otp-send-button');
        await page.locator('#otp').waitFor();
        await picture(page, `otp-${screen}-${language}`);
        assert.deepEqual(complaints, []);
        const delivered = await (await fetch(`${calm.otp}/next?to=${encodeURIComponent(person.email)}`)).json();
        await page.fill('#otp', delivered.otp);
        await page.click('#otp-login-button');
        await page.locator('#consent').waitFor();
        await picture(page, `consent-${screen}-${language}`);
        await page.check('#claim-email');
        await page.click('#allow-button');
        await back(page);
        const info = await login.finish(page.url());
        assert.equal(info.name, person.name);
        assert.equal(info.email, person.email);
        await close();
      });
    });
  }
}

describe('the last code ends', { concurrency: true }, () => {
  for (const [screen, language] of SCREENS.flatMap((screen) => LANGUAGES.map((language) => [screen, language]))) {
    test(`a code is refreshed before it ends, and the last one ends: ${screen}, ${language}`, async () => {
      const { page, complaints, close, name } = await loginPage(hasty, screen, language);
      const wallet = page.locator('#wallet');
      const first = await wallet.getAttribute('data-code');
      await page.locator(`#wallet:not([data-code="${first}"])`).waitFor({ timeout: SHORT * 1000 });
      assert.equal(await wallet.getAttribute('data-state'), 'waiting');
      await page.locator('#wallet[data-state="expired"]').waitFor({ timeout: 3 * SHORT * 1000 });
      await picture(page, name('expired'));
      const status = page.locator('#wallet-status');
      assert.equal(await status.textContent(), await status.getAttribute('data-expired'));
      assert.deepEqual(await shortcomings(page, language), []);
      // What the browser says when there are no more codes and the last one is over.
      assert.deepEqual(complaints.filter((complaint) => !/status of 400/.test(complaint)), []);
      await close();
    });
  }
});

test('the page speaks the language that is asked for', async () => {
  const titles = new Set();
  for (const language of ['en', 'fr', 'ar']) {
    const { page, close, name } = await loginPage(calm, 'desktop', language);
    titles.add(await page.title());
    assert.equal(await page.locator('html').getAttribute('dir'), language === 'ar' ? 'rtl' : 'ltr');
    await picture(page, name('language'));
    await close();
  }
  assert.equal(titles.size, 3);
});
