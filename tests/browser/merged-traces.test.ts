import { createSocket } from 'node:dgram';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { MsgpackWriter } from '@spanloom/codec';
import { LocalXRay } from '@spanloom/local-xray';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pollUntil } from '../poll-until.ts';
import { leaveOut, repository } from '../runtimes.ts';
import { SpanloomServer } from '../server-fixture.ts';
import { chromiumPath, launchChromium, openPage } from './chromium.ts';

const screenshots = join(repository, 'tests', 'results', 'screenshots');

if (chromiumPath === undefined) leaveOut('journeys through merged traces', 'no Chromium');

/** Ids of one invocation, so that no two traces of this file meet. */
interface Ids {
  /** 24 hex digits, the second part of the X-Ray id; its top bit is clear, so that it is the tracer's id too. */
  readonly trace: string;
  /** Two hex digits in front of every span's id. */
  readonly prefix: string;
}

const merged: Ids = { trace: '8f3b0c5e1a7d4b21e6c8f013', prefix: 'a1' };
const late: Ids = { trace: '8f3b0c5e1a7d4b21e6c8f014', prefix: 'b2' };
const orphan: Ids = { trace: '8f3b0c5e1a7d4b21e6c8f015', prefix: 'c3' };
const awaited: Ids = { trace: '8f3b0c5e1a7d4b21e6c8f016', prefix: 'd4' };
const apart: Ids = { trace: '8f3b0c5e1a7d4b21e6c8f017', prefix: 'e5' };
const ACCOUNT = '123456789012';
const FUNCTION = `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:checkout`;

function id({ prefix }: Ids, number: number): string {
  return `${prefix}${number.toString(16).padStart(14, '0')}`;
}

/** `now` minus some milliseconds, in seconds with a fraction as X-Ray writes it. */
function epoch(nowMs: number, agoMs: number): number {
  return (nowMs - agoMs) / 1000;
}

function xrayId({ trace }: Ids, nowMs: number): string {
  return `1-${Math.floor(nowMs / 1000).toString(16)}-${trace}`;
}

/** The two segments that Lambda itself sends, and one of a queue that never ended. */
function segments(ids: Ids, nowMs: number): readonly unknown[] {
  const shared = { trace_id: xrayId(ids, nowMs), annotations: { env: 'shop' } };
  const request = { request_id: `5a7e0b1c-0000-4000-8000-0000000000${ids.prefix}` };
  return [
    {
      ...shared,
      id: id(ids, 1),
      name: 'checkout',
      origin: 'AWS::Lambda',
      resource_arn: FUNCTION,
      start_time: epoch(nowMs, 900),
      end_time: epoch(nowMs, 100),
      http: { response: { status: 200 } },
      aws: request,
    },
    {
      ...shared,
      id: id(ids, 2),
      parent_id: id(ids, 1),
      name: 'checkout',
      origin: 'AWS::Lambda::Function',
      start_time: epoch(nowMs, 600),
      end_time: epoch(nowMs, 110),
      aws: { function_arn: FUNCTION, resource_names: ['checkout'], account_id: ACCOUNT },
      subsegments: [
        {
          id: id(ids, 3),
          name: 'Initialization',
          start_time: epoch(nowMs, 880),
          end_time: epoch(nowMs, 600),
        },
        {
          id: id(ids, 4),
          name: 'Invocation',
          start_time: epoch(nowMs, 599),
          end_time: epoch(nowMs, 130),
        },
      ],
    },
    {
      ...shared,
      id: id(ids, 5),
      parent_id: id(ids, 4),
      name: 'notify',
      start_time: epoch(nowMs, 300),
      in_progress: true,
    },
  ];
}

async function sendSegments(address: string, documents: readonly unknown[]): Promise<void> {
  const [host, port] = address.split(':') as [string, string];
  const socket = createSocket('udp4');
  for (const document of documents) {
    const datagram = `{"format":"json","version":1}\n${JSON.stringify(document)}`;
    await new Promise<void>((resolve, reject) =>
      socket.send(datagram, Number(port), host, (error) =>
        error === null ? resolve() : reject(error),
      ),
    );
  }
  socket.close();
}

/** What the tracer in the function sends when it takes its parent from X-Ray: its own root, and a call in it. */
async function sendTracerSpans(
  agentUrl: string,
  ids: Ids,
  nowMs: number,
  env = 'shop',
): Promise<void> {
  const spans = [
    {
      id: id(ids, 16),
      parent: id(ids, 4),
      name: 'aws.lambda',
      resource: 'checkout',
      type: 'serverless',
      start: nowMs - 590,
      length: 455,
      meta: {
        '_dd.parent_source': 'xray',
        request_id: `5a7e0b1c-0000-4000-8000-0000000000${ids.prefix}`,
        function_arn: FUNCTION,
        'cart.id': '9214',
        env,
      },
    },
    {
      id: id(ids, 17),
      parent: id(ids, 16),
      name: 'http.request',
      resource: 'POST /reserve',
      type: 'http',
      start: nowMs - 500,
      length: 200,
      meta: { 'span.kind': 'client', env },
    },
  ];
  const writer = new MsgpackWriter();
  writer.array(1);
  writer.array(spans.length);
  for (const span of spans) {
    writer.map(10);
    writer.text('trace_id');
    writer.bigint(BigInt(`0x${ids.trace.slice(8)}`));
    writer.text('span_id');
    writer.bigint(BigInt(`0x${span.id}`));
    writer.text('parent_id');
    writer.bigint(BigInt(`0x${span.parent}`));
    writer.text('service');
    writer.text('checkout');
    writer.text('name');
    writer.text(span.name);
    writer.text('resource');
    writer.text(span.resource);
    writer.text('type');
    writer.text(span.type);
    writer.text('start');
    writer.bigint(BigInt(span.start) * 1_000_000n);
    writer.text('duration');
    writer.bigint(BigInt(span.length) * 1_000_000n);
    writer.text('meta');
    const meta = Object.entries(span.meta);
    writer.map(meta.length);
    for (const [key, value] of meta) {
      writer.text(key);
      writer.text(value);
    }
  }
  const response = await fetch(`${agentUrl}/v0.4/traces`, {
    method: 'PUT',
    headers: { 'Content-Type': 'application/msgpack', 'X-Datadog-Trace-Count': '1' },
    body: Uint8Array.from(writer.out.view()),
  });
  expect(response.status).toBe(200);
  await response.arrayBuffer();
}

async function rowsOf(page: Page): Promise<string[]> {
  await page.getByTestId('waterfall-row').first().waitFor();
  return page.getByTestId('waterfall-row').locator('[role=gridcell]:first-child').allInnerTexts();
}

function shot(page: Page, name: string): Promise<Buffer> {
  return page.screenshot({ path: join(screenshots, `${name}.png`) });
}

describe.runIf(chromiumPath !== undefined)('merged traces in a browser', () => {
  let server: SpanloomServer;
  let browser: Browser;
  const sentAt = new Map<Ids, number>();

  beforeAll(async () => {
    mkdirSync(screenshots, { recursive: true });
    [server, browser] = await Promise.all([SpanloomServer.start(), launchChromium()]);
    const now = Date.now();
    for (const ids of [merged, orphan]) {
      sentAt.set(ids, now);
      await sendTracerSpans(server.agentUrl, ids, now);
    }
    await sendSegments(server.xrayAddress, segments(merged, now));
    const path = `/api/traces/${xrayId(merged, now)}`;
    await pollUntil('the segments in the trace', 20_000, async () => {
      const answer = await (await fetch(server.url + path)).text();
      return answer.includes('Initialization') ? answer : undefined;
    });
  });

  afterAll(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
  });

  function address(ids: Ids, search = ''): string {
    return `${server.url}/trace/${xrayId(ids, sentAt.get(ids)!)}${search}`;
  }

  test('both halves of an invocation are one tree, and the row that shows both says so', async () => {
    const { page, faults } = await openPage(browser);
    await page.goto(address(merged, '?tv=waterfall'));
    const rows = await rowsOf(page);
    expect(rows.filter((row) => row.includes('POST /reserve'))).toHaveLength(1);
    expect(rows.filter((row) => row.includes('Initialization'))).toHaveLength(1);
    expect(await page.getByTestId('completeness').textContent()).toContain('all parents found');
    const both = page.getByTestId('waterfall-row').filter({
      has: page.getByRole('img', { name: 'APM + X-Ray' }),
    });
    await expect.poll(() => both.count()).toBe(1);
    await both.click();
    expect(await page.getByTestId('span-source').textContent()).toBe('APM + X-Ray');
    await shot(page, 'merged-waterfall-light');
    expect(faults).toEqual([]);
    await page.context().close();
  });

  test('duplicates are left out until asked for, and then say why they were', async () => {
    const { page, faults } = await openPage(browser);
    await page.goto(address(merged, '?tv=waterfall'));
    const before = (await rowsOf(page)).length;
    const hidden = page.locator('[data-testid=waterfall-row][data-hidden=true]');
    expect(await hidden.count()).toBe(0);
    await page.getByTestId('hide-duplicates').uncheck();
    await expect.poll(() => hidden.count()).toBeGreaterThan(0);
    expect((await rowsOf(page)).length).toBe(before + (await hidden.count()));
    expect(new URL(page.url()).searchParams.get('dup')).toBe('show');
    await page.reload();
    await hidden.first().click();
    expect(await page.getByTestId('hidden-reason').textContent()).toMatch(/^Hidden.*: \S.*\./);
    await shot(page, 'merged-duplicates-light');
    await page.keyboard.press('h');
    await expect.poll(() => hidden.count()).toBe(0);
    // The span that was selected is shown by another now, and that one is selected instead.
    expect(await page.getByTestId('span-source').textContent()).toBe('APM + X-Ray');
    expect(faults).toEqual([]);
    await page.context().close();
  });

  test('the merge report gives a verdict with its evidence, by keyboard alone', async () => {
    const { page, faults } = await openPage(browser, { theme: 'dark' });
    await page.goto(address(merged, '?panel=off'));
    await page.getByTestId('flame-canvas').waitFor();
    expect(await page.getByTestId('merge-button').textContent()).toContain('1');
    expect(await page.getByTestId('merge-report').count()).toBe(0);
    await page.keyboard.press('r');
    const verdict = page.getByTestId('merge-verdict');
    await expect.poll(() => verdict.count()).toBe(1);
    expect(await verdict.getAttribute('data-tone')).toBe('joined');
    expect(await verdict.textContent()).toContain('merged by context');
    const row = verdict.getByRole('button').first();
    await row.focus();
    await page.keyboard.press('Enter');
    expect(await row.getAttribute('aria-expanded')).toBe('true');
    await expect.poll(() => verdict.getByRole('listitem').count()).toBeGreaterThan(0);
    await shot(page, 'merge-report-dark');
    expect(new URL(page.url()).searchParams.get('panel')).toBe('merge');
    await page.keyboard.press('r');
    await expect.poll(() => page.getByTestId('merge-report').count()).toBe(0);
    expect(faults).toEqual([]);
    await page.context().close();
  });

  test('the source of a merged span: both stored rows, and field by field where they differ', async () => {
    const { page, faults } = await openPage(browser);
    await page.goto(address(merged, `?span=${id(merged, 16)}&tab=source&panel=off`));
    const inputs = page.getByTestId('span-inputs').getByRole('article');
    await inputs.first().waitFor();
    const labels = await inputs.locator('header').allInnerTexts();
    expect(labels.some((label) => label.startsWith('X-Ray'))).toBe(true);
    expect(labels.some((label) => label.startsWith('APM'))).toBe(true);
    const field = page.getByTestId('field-origins').getByRole('row', { name: /^cart\.id/ });
    expect(await field.innerText()).toMatch(/9214\s+APM/);
    expect(await page.getByTestId('span-relations').textContent()).toContain('Shows');
    await shot(page, 'merged-source-light');
    await page
      .getByTestId('span-relations')
      .getByRole('button', { name: id(merged, 16) })
      .click();
    await page.getByTestId('hidden-reason').waitFor();
    expect(new URL(page.url()).searchParams.get('dup')).toBe('show');
    expect(faults).toEqual([]);
    await page.context().close();
  });

  test('a segment without an end is torn and says that it did not finish', async () => {
    const { page } = await openPage(browser);
    await page.goto(address(merged, `?tv=waterfall&span=${id(merged, 5)}`));
    const detail = page.getByTestId('span-detail');
    await detail.getByText('did not finish').first().waitFor();
    const row = page.getByTestId('waterfall-row').filter({ hasText: 'notify' });
    expect(await row.locator('[data-torn=true]').count()).toBe(1);
    await page.context().close();
  });

  test('a parent that never came is named, with its probable cause', async () => {
    const { page, faults } = await openPage(browser);
    await page.goto(address(orphan, '?tv=waterfall&panel=off'));
    const rows = await rowsOf(page);
    expect(rows[0]).toContain(`unknown parent ${id(orphan, 4)}, probably`);
    expect(await page.getByTestId('completeness').textContent()).toMatch(
      /incomplete, 1 parent missing/,
    );
    await page.getByTestId('waterfall-row').first().click();
    await page.getByTestId('span-detail').getByText('Probable cause').waitFor();
    await page.getByTestId('completeness').click();
    await page.getByTestId('problems').getByText('Parents not received').waitFor();
    await shot(page, 'incomplete-light');
    expect(faults).toEqual([]);
    await page.context().close();
  });

  test('what X-Ray adds while one looks changes neither the selection nor the window', async () => {
    const { page, faults } = await openPage(browser);
    const now = Date.now();
    sentAt.set(late, now);
    await sendTracerSpans(server.agentUrl, late, now);
    await page.goto(address(late, `?tv=waterfall&span=${id(late, 17)}`));
    const selected = page.locator('[data-testid=waterfall-row][aria-selected=true]');
    await expect.poll(() => selected.innerText()).toContain('POST /reserve');
    await page.keyboard.press('z');
    await expect.poll(() => new URL(page.url()).searchParams.get('zoom')).toMatch(/^\d+~\d+$/);
    const bar = selected.locator('[data-torn]');
    const before = await bar.evaluate((element) => element.style.width);
    await sendSegments(server.xrayAddress, segments(late, now));
    await expect
      .poll(() => page.getByTestId('xray-arrived').textContent(), { timeout: 20_000 })
      .toMatch(/spans arrived from X-Ray/);
    expect(await selected.innerText()).toContain('POST /reserve');
    expect(Number.parseFloat(await bar.evaluate((element) => element.style.width))).toBeCloseTo(
      Number.parseFloat(before),
      1,
    );
    expect(faults).toEqual([]);
    await page.context().close();
  });

  test('halves of different environments are kept apart, named, and a link away from each other', async () => {
    const now = Date.now();
    sentAt.set(apart, now);
    await sendTracerSpans(server.agentUrl, apart, now, 'staging');
    await sendSegments(server.xrayAddress, segments(apart, now));
    const { page, faults } = await openPage(browser);
    await page.goto(address(apart, '?panel=merge'));
    const notice = page.getByTestId('env-mismatch');
    await notice.waitFor({ timeout: 20_000 });
    expect(await notice.textContent()).toMatch(/staging.*shop|shop.*staging/);
    expect(await page.getByTestId('merge-verdict').textContent()).toContain(
      'not merged: different env',
    );
    const sources = page.locator('header dl').first();
    const before = await sources.innerText();
    await shot(page, 'env-mismatch-light');
    await notice.getByRole('link').click();
    await expect.poll(() => sources.innerText()).not.toBe(before);
    await notice.waitFor();
    expect(faults).toEqual([]);
    await page.context().close();
  });

  test('without an account the X-Ray page says how to connect one', async () => {
    const { page, faults } = await openPage(browser);
    await page.goto(`${server.url}/settings/xray`);
    await page.getByTestId('xray-connect').waitFor();
    await page.getByText('xray:BatchGetTraces').first().waitFor();
    await page.getByLabel('Account ID').fill('123456789012');
    await page.getByLabel('Regions').fill('eu-west-1');
    await page.getByText('- id: "123456789012"').waitFor();
    await page.getByTestId('policy-format').getByRole('radio', { name: 'CloudFormation' }).click();
    await page.getByText('AWSTemplateFormatVersion').waitFor();
    await shot(page, 'xray-connect-light');
    expect(faults).toEqual([]);
    await page.context().close();
  });

  test.each([
    ['light', 'trace'],
    ['dark', 'trace'],
    ['light', 'waterfall'],
    ['dark', 'waterfall'],
    ['light', 'xray'],
    ['dark', 'xray'],
  ] as const)('axe finds nothing serious: %s %s', async (theme, place) => {
    const { page } = await openPage(browser, { theme });
    const span = `span=${id(merged, 16)}&tab=source&panel=merge`;
    const [path, ready] = {
      trace: [address(merged, `?${span}`), 'span-inputs'],
      waterfall: [address(merged, `?tv=waterfall&dup=show&${span}`), 'span-inputs'],
      xray: [`${server.url}/settings/xray`, 'xray-connect'],
    }[place] as [string, string];
    await page.goto(path);
    await page.getByTestId(ready).waitFor();
    const { violations } = await new AxeBuilder({ page }).analyze();
    await shot(page, `axe-merged-${place}-${theme}`);
    expect(
      violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id: rule, nodes }) => `${rule}: ${nodes.map(({ html }) => html).join(' ')}`),
    ).toEqual([]);
    await page.context().close();
  });

  test('on a narrow screen nothing is wider than the screen', async () => {
    const { page } = await openPage(browser, { width: 390 });
    for (const path of [address(merged, '?panel=merge'), `${server.url}/settings/xray`]) {
      await page.goto(path);
      await page.waitForLoadState('networkidle');
      const excess = await page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      expect([path, excess]).toEqual([path, 0]);
    }
    await page.context().close();
  });
});

describe.runIf(chromiumPath !== undefined)('a server that reads X-Ray, in a browser', () => {
  const open = new AsyncDisposableStack();
  let xray: LocalXRay;
  let denial: { lift(): void };
  let reader: SpanloomServer;
  let browser: Browser;

  beforeAll(async () => {
    mkdirSync(screenshots, { recursive: true });
    xray = open.use(await LocalXRay.start());
    denial = xray.script.deny({ operation: 'BatchGetTraces', region: 'eu-central-1' });
    const folder = mkdtempSync(join(tmpdir(), 'spanloom-xray-page-'));
    open.defer(() => rmSync(folder, { recursive: true, force: true }));
    const config = join(folder, 'spanloom.yaml');
    writeFileSync(
      config,
      `aws:
  accounts:
    - id: "${ACCOUNT}"
      regions: [eu-west-1, eu-central-1]
      env: shop
      xray: { enabled: true, poll_seconds: 10 }
`,
    );
    reader = open.use(
      await SpanloomServer.start({
        args: ['--config', config],
        env: {
          AWS_ENDPOINT_URL: xray.url,
          AWS_ACCESS_KEY_ID: ACCOUNT,
          AWS_SECRET_ACCESS_KEY: 'any',
        },
      }),
    );
    browser = await launchChromium();
    open.defer(() => browser.close());
  });

  afterAll(() => open.disposeAsync());

  test('the X-Ray page names what is denied and what to add, and reads older traces on request', async () => {
    const { page, faults } = await openPage(browser, { theme: 'dark' });
    await page.goto(`${reader.url}/settings/xray`);
    await expect.poll(() => page.getByTestId('xray-region').count()).toBe(2);
    await page.getByRole('button', { name: /eu-central-1/ }).click();
    expect(new URL(page.url()).searchParams.get('xr')).toBe(`${ACCOUNT}/eu-central-1`);
    const call = page
      .getByTestId('xray-permissions')
      .getByRole('row', { name: /xray:BatchGetTraces/ });
    await expect
      .poll(() => call.getByRole('cell').allInnerTexts(), { timeout: 20_000 })
      .toEqual(['allowed', 'denied', expect.any(String)]);
    const statement = await page.getByTestId('missing-statement').locator('pre').innerText();
    expect(JSON.parse(statement)).toMatchObject({ Action: ['xray:BatchGetTraces'] });
    await shot(page, 'xray-status-dark');
    denial.lift();
    await page.getByTestId('check-permissions').click();
    await expect
      .poll(() => call.getByRole('cell').allInnerTexts(), { timeout: 20_000 })
      .toEqual(['allowed', 'allowed', expect.any(String)]);
    expect(await page.getByTestId('missing-statement').count()).toBe(0);

    // Older traces are read once the newest have been.
    const line = page.getByTestId('xray-region').filter({ hasText: 'eu-central-1' });
    await expect.poll(() => line.innerText(), { timeout: 60_000 }).toContain('running');
    const form = page.getByTestId('backfill-form');
    expect(await form.innerText()).toContain('Berlin time');
    const from = await form.getByLabel('From').inputValue();
    const to = await form.getByLabel('To').inputValue();
    await form.getByLabel('To').fill(from);
    await form.getByRole('button').click();
    await form.getByText('The end has to be after the start').waitFor();
    await form.getByLabel('To').fill(to);
    await form.getByRole('button').click();
    const backfill = page.getByTestId('xray-backfill');
    await expect.poll(() => backfill.count()).toBe(1);
    await expect.poll(() => backfill.innerText(), { timeout: 30_000 }).toContain('done');
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(
      violations.filter(({ impact }) => impact === 'serious' || impact === 'critical'),
    ).toEqual([]);
    await page.setViewportSize({ width: 390, height: 900 });
    expect(
      await page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      ),
    ).toBe(0);
    expect(faults).toEqual([]);
    await page.context().close();
  });

  test('a trace waits for X-Ray, says when it is read next, and becomes whole by itself', async () => {
    const now = Date.now();
    await sendTracerSpans(reader.agentUrl, awaited, now);
    const { page, faults } = await openPage(browser);
    await page.goto(`${reader.url}/trace/${xrayId(awaited, now)}?tv=waterfall`);
    expect(await rowsOf(page)).toHaveLength(3);
    await page.getByTestId('xray-pending').waitFor();
    expect(await page.getByTestId('xray-pending').textContent()).toMatch(
      /X-Ray pending · (?:next poll in \d+ s|being read)/,
    );
    expect(await page.getByTestId('merge-verdict').textContent()).toContain('X-Ray pending');
    await shot(page, 'xray-pending-light');
    xray.put(ACCOUNT, 'eu-west-1', segments(awaited, now) as never);
    await expect
      .poll(() => page.getByTestId('xray-arrived').textContent(), { timeout: 90_000 })
      .toMatch(/spans arrived from X-Ray/);
    expect(await page.getByTestId('merge-verdict').textContent()).toContain('merged by context');
    expect(await page.getByTestId('completeness').textContent()).toContain('all parents found');
    await shot(page, 'xray-arrived-light');
    expect(faults).toEqual([]);
    await page.context().close();
  });
});
