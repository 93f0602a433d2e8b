// Runs a command in a world of its own. usage: node tests/world/run.mjs COMMAND ARGUMENT…
// The command finds the world's description as JSON in the file $WORLD and trusts the server's certificate.
// $WORLD_SETTINGS: lifetimes, limits, registration and mounts as JSON, `{"lifetimes": {"poll": 1}}`, and other sections of
// the configuration by name, `{"sections": {"inbox": {}}}`.
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startWorld } from './world.mjs';

const [program, ...args] = process.argv.slice(2);
const settings = JSON.parse(process.env.WORLD_SETTINGS ?? '{}');
const world = await startWorld({ ...settings, tls: true, redirectUri: 'https://party.example/callback' });
const { stop, ...description } = world;
const file = join(world.folder, 'world.json');
writeFileSync(file, JSON.stringify(description));
const env = { ...process.env, WORLD: file, NODE_EXTRA_CA_CERTS: world.authority, REQUESTS_CA_BUNDLE: world.authority };
const child = spawn(program, args, { env, stdio: 'inherit' });
const status = await new Promise((end) => child.once('exit', (code, signal) => end(signal ? 1 : code)));
if (status !== 0) console.error(`the server's log ends with:\n${readFileSync(world.log, 'utf8').slice(-4000)}`);
await stop();
process.exitCode = status;
