import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FakeServer, refuse, type Route } from '../testing/fake-server.ts';
import { RunningCommand, spanloom } from '../testing/run-command.ts';
import { foundPage, foundSpan } from '../testing/samples.ts';

const SEARCH = 'POST /api/v2/spans/events/search';
const PAGES = 6;

interface Search {
  data: { attributes: { filter: { from: string; to: string }; page: { cursor?: string } } };
}

function attributesOf(body: unknown): Search['data']['attributes'] {
  return (body as Search).data.attributes;
}

/** Three spans a page, `PAGES` pages; `before` may do something else first. */
function pages(before: (page: number) => Promise<void> | void = () => undefined): Route {
  return async ({ body }) => {
    const page = Number(attributesOf(body).page.cursor ?? 0);
    await before(page);
    const spans = [0, 1, 2].map((index) => foundSpan({ span_id: `${page}-${index}` }));
    return foundPage(spans, page + 1 < PAGES ? { after: String(page + 1) } : {});
  };
}

const everySpan = Array.from(
  { length: PAGES * 3 },
  (_, index) => `${Math.floor(index / 3)}-${index % 3}`,
);

function spanIds(lines: string): string[] {
  return lines
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { span_id: string }).span_id);
}

function newFile(): string {
  return join(mkdtempSync(join(tmpdir(), 'spanloom-export-')), 'spans.ndjson');
}

test('export writes every page, oldest first, over a range that stands still', async () => {
  await using server = await FakeServer.start({ [SEARCH]: pages() });
  const { code, stdout } = await spanloom(['export', 'env:prod'], server.env);
  expect(code).toBe(0);
  expect(spanIds(stdout)).toEqual(everySpan);
  const ranges = server.asked.map(({ body }) => attributesOf(body).filter);
  expect(new Set(ranges.map(({ from, to }) => `${from} ${to}`)).size).toBe(1);
  expect(Number(ranges[0]!.to) - Number(ranges[0]!.from)).toBe(15 * 60_000);
  expect(server.asked[0]!.body).toMatchObject({ data: { attributes: { sort: 'timestamp' } } });
});

test('export goes on where it was killed, without a span twice or missing', async () => {
  const file = newFile();
  const { promise: reached, resolve: asked } = Promise.withResolvers<void>();
  let hang = true;
  await using server = await FakeServer.start({
    [SEARCH]: pages(async (page) => {
      if (page !== 3 || !hang) return;
      asked();
      await new Promise(() => undefined);
    }),
  });
  const args = ['export', 'env:prod', '--from', 'now-1h', '--out', file];
  const command = new RunningCommand(args, server.env);
  await reached;
  command.kill();
  await command.ended;
  // As if a page had been half written.
  writeFileSync(file, `${readFileSync(file, 'utf8')}{"half":`);
  hang = false;
  expect(await spanloom(args, server.env)).toMatchObject({
    code: 0,
    stdout: '',
    stderr: expect.stringMatching(
      /^Going on after 9 spans\n[^]*Exported 18 spans to .*\(\d/,
    ) as string,
  });
  expect(spanIds(readFileSync(file, 'utf8'))).toEqual(everySpan);
  expect(existsSync(`${file}.resume`)).toBe(false);
  const ranges = server.asked.map(({ body }) => attributesOf(body).filter);
  expect(new Set(ranges.map(({ from, to }) => `${from} ${to}`)).size).toBe(1);
});

test('export goes on after Ctrl-C as well', async () => {
  const file = newFile();
  const { promise: reached, resolve: asked } = Promise.withResolvers<void>();
  let hang = true;
  await using server = await FakeServer.start({
    [SEARCH]: pages(async (page) => {
      if (page !== 2 || !hang) return;
      asked();
      await new Promise(() => undefined);
    }),
  });
  const command = new RunningCommand(['export', '--out', file], server.env);
  await reached;
  command.interrupt();
  expect((await command.ended).code).toBe(130);
  hang = false;
  expect((await spanloom(['export', '--out', file], server.env)).code).toBe(0);
  expect(spanIds(readFileSync(file, 'utf8'))).toEqual(everySpan);
});

test('export tries again when the server is busy', async () => {
  let refused = 0;
  const answer = pages();
  await using server = await FakeServer.start({
    [SEARCH]: (asked, response) => {
      if (attributesOf(asked.body).page.cursor === '2' && refused++ < 2) {
        return refuse(response, 503, 'OVERLOADED', 'The server is busy');
      }
      return answer(asked, response);
    },
  });
  const { code, stdout, stderr } = await spanloom(['export'], server.env);
  expect(code).toBe(0);
  expect(spanIds(stdout)).toEqual(everySpan);
  expect(stderr.match(/The server is busy; trying again/g)).toHaveLength(2);
});

test('export leaves a file alone that it did not write', async () => {
  await using server = await FakeServer.start({ [SEARCH]: pages() });
  const file = newFile();
  writeFileSync(file, 'mine');
  expect(await spanloom(['export', '--out', file], server.env)).toEqual({
    code: 2,
    stdout: '',
    stderr: `${file} is there already; give --overwrite to replace it\n`,
  });
  expect(readFileSync(file, 'utf8')).toBe('mine');
  expect((await spanloom(['export', '--out', file, '--overwrite'], server.env)).code).toBe(0);
  expect(spanIds(readFileSync(file, 'utf8'))).toEqual(everySpan);
});

test('export does not go on with another query', async () => {
  await using server = await FakeServer.start({
    [SEARCH]: (_, response) => refuse(response, 422, 'LIMIT_EXCEEDED', 'That took too long'),
  });
  const file = newFile();
  expect(await spanloom(['export', 'env:prod', '--out', file], server.env)).toMatchObject({
    code: 1,
    stderr: 'That took too long\n',
  });
  expect(await spanloom(['export', 'env:test', '--out', file], server.env)).toMatchObject({
    code: 2,
    stderr: `${file} holds an unfinished export of another query or range. Give that one again to go on with it, or --overwrite to replace it\n`,
  });
});

test('export refuses a time it cannot read', async () => {
  expect(await spanloom(['export', '--from', 'yesterday'])).toMatchObject({
    code: 2,
    stderr:
      'Cannot read "yesterday" as a time: expected ISO 8601, epoch milliseconds, or now-15m\n',
  });
});
