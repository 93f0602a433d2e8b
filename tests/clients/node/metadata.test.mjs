// docs/metadata.md tells every field of every issuer's discovery document, with what is served without settings.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';

const world = JSON.parse(readFileSync(process.env.WORLD, 'utf8'));
const PAGE = resolve(import.meta.dirname, '../../../docs/metadata.md');
const ISSUERS = { op: '/op', govstack: '', esignet: '/v1/esignet', bankid: '/bankid' };

/** Lines of the table, each as its cells; the head comes first. */
const table = () => readFileSync(PAGE, 'utf8').split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| ---'))
  .map((line) => line.slice(2, -2).split(' | '));

/** A value as a cell shows it: addresses without the server's own, lists item by item. */
function cell(value) {
  if (value === undefined) return '–';
  if (Array.isArray(value)) return value.map(cell).join(', ');
  return `\`${String(value).replace(world.origin, '') || '/'}\``;
}

/** What is long and the same as in the first column is not repeated. */
const short = (shown, first) => (shown === first && shown.length > 60 ? 'the same' : shown);

test('every field stands in the table as it is served', async () => {
  const documents = {};
  for (const [name, path] of Object.entries(ISSUERS)) {
    const answer = await fetch(`${world.origin}${path}/.well-known/openid-configuration`);
    assert.equal(answer.status, 200);
    documents[name] = await answer.json();
  }
  const [head, ...rows] = table();
  const columns = head.slice(2);
  assert.deepEqual([...columns].sort(), Object.keys(ISSUERS).sort(), 'a column for each issuer');
  const meanings = new Map(rows.map(([name, meaning]) => [name, meaning]));
  const names = [...new Set(Object.values(documents).flatMap(Object.keys))].sort();
  const due = names.map((name) => {
    const cells = columns.map((issuer) => cell(documents[issuer][name]));
    return [`\`${name}\``, meanings.get(`\`${name}\``) ?? '?', ...cells.map((one, at) => (at > 0 ? short(one, cells[0]) : one))];
  });
  assert.ok(due.every(([, meaning]) => meaning !== '?'), `a meaning is missing:\n${due.map((row) => `| ${row.join(' | ')} |`).join('\n')}`);
  assert.deepEqual(rows, due);
});
