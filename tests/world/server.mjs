// The server under test, as a process with a database and a configuration of its own.
import { execFileSync, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { openSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { get as getHttp } from 'node:http';
import { get as getHttps } from 'node:https';

const program = resolve(import.meta.dirname, '../../target/debug/tessera');

/** The server reads TESSERA_* as settings: none of the machine's may reach it. */
const environment = () => Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('TESSERA_')));

/** A free port, kept free until `give` gives it to the server: databases are filled in between. */
async function keptPort() {
  const probe = createServer().unref();
  await new Promise((listening) => probe.listen(0, '127.0.0.1', listening));
  const { port } = probe.address();
  return { port, give: () => new Promise((closed) => probe.close(() => closed())) };
}

const quoted = (value) => JSON.stringify(value);
const section = (values) => Object.entries(values).map(([name, value]) => `${name} = ${JSON.stringify(value)}`);

/**
 * Writes the configuration and gives the means to use it.
 * @param folder where database, secret, configuration and log are kept
 * @param otpUrl where one-time passwords are delivered
 * @param tls { certificate, key } as files, or undefined for plain HTTP
 * @param lifetimes seconds, and `limits`, `registration`, `mounts`: by the names of the configuration's sections; `sections` holds any other
 */
export async function prepareServer({ folder, otpUrl, tls, lifetimes = {}, limits = {}, registration = {}, mounts = {}, sections = {} }) {
  const { port, give } = await keptPort();
  const origin = `${tls ? 'https' : 'http'}://localhost:${port}`;
  const config = join(folder, 'tessera.toml');
  writeFileSync(config, [
    `public_url = ${quoted(origin)}`,
    `listen = "127.0.0.1:${port}"`,
    `secret_file = ${quoted(join(folder, 'tessera.secret'))}`,
    'fetch_allow = ["127.0.0.1"]',
    'log = "info"',
    '[database]',
    `url = ${quoted(`sqlite:${join(folder, 'tessera.sqlite')}`)}`,
    '[limits]',
    ...section({ requests_per_second: 0, otps_per_person: 100, ...limits }),
    '[otp.delivery.webhook]',
    `url = ${quoted(`${otpUrl}/deliver`)}`,
    ...(tls ? ['[tls]', `certificate = ${quoted(tls.certificate)}`, `key = ${quoted(tls.key)}`] : []),
    '[lifetimes]',
    // A second use of a refresh token is one by somebody who has a copy, however soon it comes.
    ...section({ refresh_grace: 0, ...lifetimes }),
    '[registration]',
    ...section(registration),
    '[mounts]',
    ...section(mounts),
    ...Object.entries(sections).flatMap(([name, values]) => [`[${name}]`, ...section(values)]),
    '',
  ].join('\n'));
  const log = join(folder, 'server.log');

  /** Runs a command of `tessera` and gives what it printed. */
  const command = (args, input) =>
    execFileSync(program, ['--config', config, ...args], { env: environment(), input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'inherit'] });

  /** Starts serving; resolves when the server says that it is ready. */
  const serve = async () => {
    const output = openSync(log, 'a');
    await give();
    const child = spawn(program, ['--config', config, 'serve'], { env: environment(), stdio: ['ignore', output, output] });
    const ended = new Promise((end) => child.once('exit', end));
    const ready = () => new Promise((answer) => {
      const get = tls ? getHttps : getHttp;
      get(`${origin}/ready`, { rejectUnauthorized: false }, (response) => { response.resume(); answer(response.statusCode === 200); })
        .on('error', () => answer(false));
    });
    const deadline = Date.now() + 120_000;
    while (!(await ready())) {
      if (child.exitCode !== null || Date.now() > deadline) {
        child.kill('SIGKILL');
        throw new Error(`the server did not start:\n${readFileSync(log, 'utf8').slice(-2000)}`);
      }
      await new Promise((tick) => setTimeout(tick, 100));
    }
    return {
      stop: async () => {
        child.kill('SIGTERM');
        const late = setTimeout(() => child.kill('SIGKILL'), 30_000);
        await ended;
        clearTimeout(late);
      },
    };
  };

  return { origin, config, log, command, serve };
}
