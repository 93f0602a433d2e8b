// The site of a single-page application: one page, the library as it is published, and no server of its own behind it.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

const LIBRARY = join(resolve(import.meta.dirname, '..'), 'node_modules/oidc-client-ts/dist/browser/oidc-client-ts.min.js');
const PAGE = '<!doctype html><title>Application</title><link rel="icon" href="data:,"><h1>Application</h1><script src="/oidc-client-ts.js"></script>';

/** Listens on a free loopback port; `origin` is where. */
export async function startSite() {
  const server = createServer(async (request, response) => {
    const script = request.url === '/oidc-client-ts.js';
    // Read when it is asked for: a world without such an application needs no library.
    const body = script ? await readFile(LIBRARY).catch(() => undefined) : PAGE;
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': script ? 'text/javascript' : 'text/html; charset=utf-8' });
    response.end(body);
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  return { origin: `http://127.0.0.1:${server.address().port}`, stop: () => { server.closeAllConnections(); server.close(); } };
}
