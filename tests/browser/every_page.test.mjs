// Every page of the server as people with disabilities, in three languages, by day and by night, meet it.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startWorld } from '../world/world.mjs';
import { openPage, picture, pictureOfQr, shortcomings, startChromium, tabTo, violations } from './chromium.mjs';
import { Phone } from './phone.mjs';
import { beginLogin, startSite } from './relying_party.mjs';

let site, world, chromium, phone;

before(async () => {
  site = await startSite();
  world = await startWorld({ redirectUri: site.callback, lifetimes: { frame: 60 } });
  chromium = await startChromium();
  phone = await Phone.bound(world, world.people[0]);
});

after(async () => {
  phone?.lose();
  await chromium?.close();
  await world?.stop();
  site?.stop();
});

const open = (how) => openPage(chromium, { ...how, origins: [world.origin, new URL(site.callback).origin] });
const back = (page) => page.waitForURL((url) => url.href.startsWith(site.callback));
const otpFor = async (person) => (await (await fetch(`${world.otp}/next?to=${encodeURIComponent(person.email)}`)).json()).otp;

const SHOWN = [['en', 'light', 'desktop'], ['fr', 'dark', 'phone'], ['ar', 'light', 'phone']];

for (const [language, colors, screen] of SHOWN) {
  describe(`${language}, ${colors}, ${screen}`, () => {
    /** Looks at a page: axe-core finds nothing, it fits, it says its language. */
    async function fine(page, name) {
      await picture(page, `${name}-${screen}-${language}-${colors}`);
      assert.deepEqual(await violations(page), [], name);
      assert.deepEqual(await shortcomings(page, language), [], name);
      assert.equal(await page.locator('html').getAttribute('dir'), language === 'ar' ? 'rtl' : 'ltr');
    }

    test('login page, from the code to the page that waits for the wallet', async () => {
      const { page, complaints, close } = await open({ language, colors, screen });
      await page.goto((await beginLogin(world.clients[0])).url);
      await page.locator('#wallet[data-state="waiting"]').waitFor();
      await fine(page, 'page-login');
      await phone.scan(await pictureOfQr(page, `page-login-${screen}-${language}`));
      await page.locator('#wallet[data-state="scanned"]').waitFor();
      await fine(page, 'page-scanned');
      // What a browser without script gets where it asks too early.
      await page.evaluate(() => document.getElementById('continue').submit());
      await page.locator('#continue-button').waitFor();
      await fine(page, 'page-waiting');
      await phone.deny();
      await page.click('#continue-button');
      await back(page);
      assert.deepEqual(complaints, []);
      await close();
    });

    test('one-time password and consent, by keyboard alone', async () => {
      const { page, complaints, close } = await open({ language, colors, screen });
      const login = await beginLogin(world.clients[0], { prompt: 'consent' });
      const person = world.people[1];
      await page.goto(login.url);
      await tabTo(page, '#otp-individual-id');
      await page.keyboard.type('8000000000');
      await page.keyboard.press('Control+A');
      await page.keyboard.type(person.uin);
      await tabTo(page, '#channel-phone');
      await tabTo(page, '#otp-send-button');
      await page.keyboard.press('Enter');
      await page.locator('#otp:focus').waitFor();
      await fine(page, 'page-otp');
      await page.keyboard.type('000000');
      await page.keyboard.press('Enter');
      await page.locator('#problem').waitFor();
      await fine(page, 'page-otp-wrong');
      await page.keyboard.type(await otpFor(person));
      await page.keyboard.press('Enter');
      await page.locator('#consent').waitFor();
      await fine(page, 'page-consent');
      await tabTo(page, '#claim-email');
      await page.keyboard.press('Space');
      await tabTo(page, '#allow-button');
      await page.keyboard.press('Enter');
      await back(page);
      const info = await login.finish(page.url());
      assert.equal(info.email, person.email);
      assert.equal(info.phone_number, undefined);
      assert.deepEqual(complaints, []);
      await close();
    });

    test('on a phone the wallet is opened there, and the code is shown when it is asked for', async () => {
      const agent = 'Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/144.0.0.0 Mobile Safari/537.36';
      const { page, complaints, close } = await open({ language, colors, screen: 'phone', agent });
      await page.goto((await beginLogin(world.clients[0])).url);
      await page.locator('#app #open-wallet').waitFor();
      await fine(page, 'page-phone');
      await tabTo(page, '#other-device-button');
      await page.keyboard.press('Enter');
      await page.locator('#wallet[data-state="waiting"]').waitFor();
      assert.deepEqual(complaints, []);
      await close();
    });

    test('what cannot be accepted', async () => {
      const { page, close } = await open({ language, colors, screen });
      await page.goto(`${world.origin}/op/authorize?client_id=nobody`);
      await page.locator('#message').waitFor();
      await fine(page, 'page-message');
      await close();
    });
  });
}

test('a one-time password logs in on pages without script, and by the tab key one reaches all there is', async () => {
  const login = await beginLogin(world.clients[0], { prompt: 'consent' });
  const person = world.people[1];
  const { page, complaints, close } = await open({ script: false });
  await page.goto(login.url);
  for (const control of ['#open-wallet', '#continue-button', '#refresh-button', '#otp-individual-id', '#channel-email',
    '#channel-phone', '#otp-send-button', '#pin-individual-id', '#pin', '#pin-login-button', '#cancel-button']) {
    await tabTo(page, control);
  }
  await page.fill('#otp-individual-id', person.uin);
  await page.click('#otp-send-button');
  await page.fill('#otp', await otpFor(person));
  await page.click('#otp-login-button');
  await page.check('#claim-email');
  await page.click('#allow-button');
  await back(page);
  const info = await login.finish(page.url());
  assert.equal(info.name, person.name);
  assert.equal(info.email, person.email);
  assert.deepEqual(complaints, []);
  await close();
});

test('every language has words of its own', async () => {
  const titles = new Set();
  for (const language of ['en', 'fr', 'ar']) {
    const { page, close } = await open({ language });
    await page.goto((await beginLogin(world.clients[0])).url);
    titles.add(await page.title());
    await close();
  }
  assert.equal(titles.size, 3);
});
