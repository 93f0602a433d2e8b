// The demonstration in Chromium: one tab is the phone, another the relying party's login.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openPage, picture, pictureOfQr, shortcomings, startChromium, violations } from './chromium.mjs';

const program = resolve(import.meta.dirname, '../../target/debug/demo');
/** The first person of the demonstration. */
const EMAIL = 'amara@people.example';

/** On free ports, which it tells. */
async function startDemo() {
  const child = spawn(program, ['--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let told = '';
  await new Promise((ready, failed) => {
    child.stdout.on('data', (text) => {
      told += text;
      if (told.includes('Stop with')) ready();
    });
    child.once('exit', (status) => failed(new Error(`the demonstration ended with ${status}`)));
  });
  const [, server] = /running at (\S+)/.exec(told);
  const [, origin] = /bind it: +(\S+)\/phone/.exec(told);
  return { server, origin, stop: () => child.kill() };
}

let demo, chromium;
before(async () => { chromium = await startChromium(); });
after(() => chromium?.close());

for (const [screen, colors] of [['desktop', 'light'], ['phone', 'dark']]) {
  describe(`phone page, ${screen}`, () => {
    let phone;
    const origins = () => [demo.server, demo.origin];

    before(async () => {
      demo = await startDemo();
      phone = await openPage(chromium, { screen, colors, origins: origins() });
    });
    after(async () => {
      await phone?.close();
      demo?.stop();
    });

    /** A browser at the login page of a relying party. */
    async function atLogin(party) {
      const browser = await openPage(chromium, { screen: 'desktop', origins: origins() });
      await browser.page.goto(`${demo.origin}/${party}/`);
      await browser.page.click('#login');
      await browser.page.locator('#wallet[data-state="waiting"]').waitFor();
      return browser;
    }

    /** The phone looks at the QR code; once more where the code had changed by the time it was read. */
    async function scan(page, browser, name) {
      const [review, error] = [page.locator('#review'), page.locator('#error')];
      for (let look = 0; look < 5; look += 1) {
        await page.setInputFiles('#picture', await pictureOfQr(browser.page, name));
        await review.or(error).filter({ visible: true }).first().waitFor();
        if (await review.isVisible()) return;
      }
      throw new Error(`the phone cannot read the code: ${await error.textContent()}`);
    }

    test('binds with the one-time password that arrives', async () => {
      const { page } = phone;
      await page.goto(`${demo.origin}/phone`);
      assert.deepEqual(await shortcomings(page, 'en'), []);
      await page.click('#send-otp');
      await page.locator('#otp-step').waitFor();
      assert.deepEqual(await violations(page), []);
      const messages = await openPage(chromium, { screen, origins: origins() });
      await messages.page.goto(`${demo.origin}/messages`);
      const row = messages.page.locator('tr', { hasText: EMAIL }).first();
      await row.waitFor();
      await page.fill('#otp', await row.locator('strong').textContent());
      await messages.close();
      await page.click('#do-bind');
      await page.locator('#done', { hasText: 'bound' }).waitFor();
      await picture(page, `phone-bound-${screen}`);
      assert.deepEqual(await violations(page), []);
    });

    test('scans the login page, shows who asks for what, approves', async () => {
      const { page, complaints } = phone;
      const browser = await atLogin('clinic');
      await scan(page, browser, `phone-page-${screen}`);
      assert.equal(await page.locator('#rp').textContent(), 'Lakeside Clinic');
      await picture(page, `phone-review-${screen}`);
      assert.deepEqual(await violations(page), []);
      await page.check('#voluntary input[value="email"]');
      // A browser that this person has not used before: the phone asks for the number on the login page.
      const number = browser.page.locator('#match-number:not(:empty)');
      await number.waitFor();
      await picture(browser.page, `number-${screen}`);
      assert.deepEqual(await violations(browser.page), []);
      await page.fill('#number', await number.textContent());
      await page.click('#approve');
      await browser.page.locator('#welcome').waitFor();
      assert.equal(await browser.page.locator('tr[data-claim="email"] td').first().textContent(), EMAIL);
      assert.equal(await browser.page.locator('tr[data-claim="phone_number"]').count(), 0);
      assert.deepEqual([...complaints, ...browser.complaints], []);
      await browser.close();
    });

    test('withdraws what was agreed to', async () => {
      const { page, complaints } = phone;
      const given = page.locator('#receipts li', { hasText: 'Lakeside Clinic' });
      await given.locator('button').click();
      await page.locator('#done', { hasText: 'Withdrawn' }).waitFor();
      // The list is asked for again after the words are there.
      await given.filter({ hasText: '(Withdrawn)' }).waitFor();
      assert.equal(await page.locator('#receipts button').count(), 0);
      assert.deepEqual(complaints, []);
    });

    test('denies, and the relying party hears of it', async () => {
      const { page } = phone;
      const browser = await atLogin('bank');
      await scan(page, browser, `phone-page-denied-${screen}`);
      await page.click('#deny');
      await browser.page.locator('#error', { hasText: 'access_denied' }).waitFor();
      await page.locator('#log', { hasText: 'LoginDenied' }).waitFor();
      await browser.close();
    });
  });
}
