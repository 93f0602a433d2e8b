// The gateway that a deployment would have for SMS and mail: takes one-time passwords by webhook and keeps them for the tests.
import { createServer } from 'node:http';

const PATIENCE_MS = 120_000;

/**
 * Listens on a free loopback port. `POST /deliver` is the server's webhook; `GET /next?to=ADDRESS` answers the oldest code
 * not yet read that went to this address, and waits for one.
 */
export async function startOtpGateway() {
  const unread = [];
  const readers = new Set();
  const take = (to) => {
    const at = unread.findIndex((message) => message.to === to);
    return at < 0 ? undefined : unread.splice(at, 1)[0];
  };

  const server = createServer(async (request, response) => {
    const url = new URL(request.url, 'http://gateway');
    if (request.method === 'POST' && url.pathname === '/deliver') {
      let body = '';
      for await (const chunk of request) body += chunk;
      unread.push(JSON.parse(body));
      response.writeHead(204).end();
      for (const read of readers) read();
      return;
    }
    const to = url.searchParams.get('to');
    const began = Date.now();
    const read = () => {
      const message = take(to);
      if (!message && Date.now() - began < PATIENCE_MS) return;
      readers.delete(read);
      clearInterval(timer);
      response.writeHead(message ? 200 : 404, { 'content-type': 'application/json' });
      response.end(JSON.stringify(message ?? { reason: 'nothing was delivered to this address' }));
    };
    const timer = setInterval(read, 500);
    readers.add(read);
    read();
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const url = `http://127.0.0.1:${server.address().port}`;
  return { url, stop: () => { server.closeAllConnections(); server.close(); } };
}
