// A citizen's phone: the wallet of the terminal, which reads the QR code from a picture of the page.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const program = resolve(import.meta.dirname, '../../target/debug/wallet');

export class Phone {
  #home = mkdtempSync(join(tmpdir(), 'tessera-phone.'));
  #world;

  /** A phone bound to the world's server for one of its people, by a one-time password sent by mail. */
  static async bound(world, person) {
    const phone = new Phone();
    phone.#world = world;
    await phone.#run(['bind', world.origin, '--id', person.uin, '--channel', 'email', '--name', 'Test phone'], async () => {
      const answer = await fetch(`${world.otp}/next?to=${encodeURIComponent(person.email)}`);
      if (!answer.ok) throw new Error('no OTP for binding');
      return (await answer.json()).otp;
    });
    return phone;
  }

  /** Reads the QR code from a picture; gives the review as the wallet shows it. */
  scan(picture) { return this.#run(['scan', picture]); }

  approve(accept = []) { return this.#run(['approve', ...accept.flatMap((claim) => ['--accept', claim])]); }

  deny() { return this.#run(['deny', '--reason', 'not-me']); }

  log() { return this.#run(['log']); }

  lose() { rmSync(this.#home, { recursive: true, force: true }); }

  /** Runs the wallet to its end; gives its output. `answer` is typed when it asks for something. */
  async #run(args, answer) {
    const child = spawn(program, ['--home', this.#home, '--loopback-http', ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
    let output = '';
    let errors = '';
    child.stdout.on('data', (text) => { output += text; });
    child.stderr.on('data', (text) => { errors += text; });
    const ended = new Promise((end) => child.once('exit', end));
    child.stdin.end(answer ? `${await answer()}\n` : '');
    const status = await ended;
    if (status !== 0) throw new Error(`wallet ${args[0]}: ${errors || output}`);
    return output;
  }
}
