import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clients, programDirectory } from '../clients.ts';
import { sendSpans } from '../live/send-spans.ts';
import { runProgram } from '../run-program.ts';
import { leaveOut, repository } from '../runtimes.ts';
import { SpanloomServer } from '../server-fixture.ts';
import type { Story } from '../story.ts';
import { chromiumPath, launchChromium, openPage } from './chromium.ts';

const screenshots = join(repository, 'tests', 'results', 'screenshots');
const tracer = clients.find((client) => client.label === 'dd-trace 6 for Node, v0.4')!;

if (chromiumPath === undefined) leaveOut('journeys in a browser', 'no Chromium');

async function shot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(screenshots, `${name}.png`) });
}

describe.runIf(chromiumPath !== undefined)('in a browser', () => {
  let server: SpanloomServer;
  let browser: Browser;
  let story: Story;

  beforeAll(async () => {
    mkdirSync(screenshots, { recursive: true });
    [server, browser] = await Promise.all([SpanloomServer.start(), launchChromium()]);
  });

  afterAll(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
  });

  function send(): Promise<Story> {
    return runProgram(tracer, programDirectory(tracer), {
      agent: server.agentUrl,
      otlpHttp: server.otlpHttpUrl,
      otlpGrpc: server.otlpGrpcUrl,
    }).then((run) => run.story);
  }

  test('before anything has arrived the set-up page says how to send, and moves on by itself', async () => {
    const { page, faults } = await openPage(browser);
    await page.goto(server.url);
    await page.getByTestId('setup-page').waitFor();
    await expect.poll(() => page.getByText('DD_TRACE_AGENT_URL').count()).toBeGreaterThan(0);
    await shot(page, 'setup-light');
    story = await send();
    await page.waitForURL('**/traces*');
    await page.getByTestId('span-row').first().waitFor();
    expect(faults).toEqual([]);
    await page.context().close();
  });

  test('the explorer lists what a tracer sent, newest first, and narrows it by a query', async () => {
    const { page, faults } = await openPage(browser);
    await page.goto(`${server.url}/traces?q=trace_id:${story.trace_id}`);
    await expect.poll(() => page.getByTestId('span-row').count()).toBe(story.spans.length);
    await shot(page, 'explorer-light');
    const failed = story.spans.filter((span) => span.error === 1);
    await page.goto(`${server.url}/traces?q=${encodeURIComponent('status:error')}`);
    await expect.poll(() => page.getByTestId('span-row').count()).toBe(failed.length);
    expect(await page.getByTestId('span-row').first().textContent()).toContain(failed[0]!.resource);
    expect(faults).toEqual([]);
    await page.context().close();
  });

  test('a query that cannot be read says where, and the address keeps it as typed', async () => {
    const { page } = await openPage(browser);
    await page.goto(`${server.url}/traces?q=${encodeURIComponent('env:prod @duration:>fast')}`);
    const problem = page.getByTestId('query-problem');
    await problem.waitFor();
    expect(await problem.textContent()).toMatch(/fast/);
    expect(new URL(page.url()).searchParams.get('q')).toBe('env:prod @duration:>fast');
    await page.context().close();
  });

  test('a row opens its trace by keyboard alone', async () => {
    const { page, faults } = await openPage(browser);
    await page.goto(`${server.url}/traces?q=root:true`);
    await page.getByTestId('span-row').first().waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/trace/${story.trace_id}*`);
    await page.getByTestId('flame-canvas').waitFor();
    expect(await page.getByTestId('trace-span-count').textContent()).toContain(
      String(story.spans.length),
    );
    expect(await page.getByTestId('completeness').textContent()).toContain('all parents found');
    await page.keyboard.press('2');
    await expect.poll(() => page.getByTestId('waterfall-row').count()).toBe(story.spans.length);
    expect(new URL(page.url()).searchParams.get('tv')).toBe('waterfall');
    expect(faults).toEqual([]);
    await page.context().close();
  });

  test('the span that failed shows its error and its stack', async () => {
    const { page, faults } = await openPage(browser, { theme: 'dark' });
    const failed = story.spans.find((span) => span.error === 1)!;
    await page.goto(`${server.url}/trace/${story.trace_id}?span=${failed.span_id}`);
    const detail = page.getByTestId('span-detail');
    await detail.getByRole('tab', { name: /Error/ }).click();
    await detail.getByText(failed.error_message!).first().waitFor();
    await page.getByTestId('stack-frames').waitFor();
    await shot(page, 'trace-error-dark');
    expect(faults).toEqual([]);
    await page.context().close();
  });

  test('find in the trace counts its hits, and the address restores the view', async () => {
    const { page, faults } = await openPage(browser);
    await page.goto(`${server.url}/trace/${story.trace_id}`);
    await page.getByTestId('trace-find').fill('status:error');
    await expect.poll(() => page.getByTestId('find-hits').textContent()).toMatch(/1/);
    await shot(page, 'trace-light');
    const copied = page.url();
    await page.goto('about:blank');
    await page.goto(copied);
    await page.getByTestId('flame-canvas').waitFor();
    expect(faults).toEqual([]);
    await page.context().close();
  });

  test('an id pasted into the search box opens its trace in any spelling', async () => {
    const { page } = await openPage(browser);
    const id = story.trace_id;
    await page.goto(`${server.url}/traces`);
    await page.getByTestId('omnibox').fill(`1-${id.slice(0, 8)}-${id.slice(8)}`);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/trace/*');
    await page.getByTestId('flame-canvas').waitFor();
    await page.context().close();
  });

  test('an unknown trace says that it is not here', async () => {
    const { page } = await openPage(browser);
    await page.goto(`${server.url}/trace/00000000000000420000000000000042`);
    await page.getByTestId('trace-not-found').waitFor();
    await page.context().close();
  });

  test.each([
    ['light', '/traces'],
    ['dark', '/traces'],
    ['light', '/trace'],
    ['dark', '/trace'],
    ['light', '/setup'],
    ['dark', '/setup'],
  ] as const)('axe finds nothing serious: %s %s', async (theme, path) => {
    const { page } = await openPage(browser, { theme });
    await page.goto(`${server.url}${path === '/trace' ? `/trace/${story.trace_id}` : path}`);
    const ready = { '/traces': 'span-row', '/trace': 'flame-canvas', '/setup': 'setup-page' }[path];
    await page.getByTestId(ready).first().waitFor();
    const { violations } = await new AxeBuilder({ page }).analyze();
    const serious = violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
    await shot(page, `axe-${path.slice(1)}-${theme}`);
    expect(serious).toEqual([]);
    await page.context().close();
  });

  test('a server with an admin token asks for it once, and then shows what was asked for', async () => {
    await using guarded = await SpanloomServer.start({
      env: { SPANLOOM_ADMIN_TOKEN: 'correct horse battery staple' },
    });
    const { page } = await openPage(browser);
    await page.goto(`${guarded.url}/settings/system`);
    await page.getByLabel('Admin token').fill('guess');
    await page.keyboard.press('Enter');
    await page.getByText('That is not the admin token').waitFor();
    await shot(page, 'sign-in-light');
    await page.getByLabel('Admin token').fill('correct horse battery staple');
    await page.keyboard.press('Enter');
    await page.getByTestId('system-page').waitFor();
    await page.reload();
    await page.getByTestId('system-page').waitFor();
    await page.context().close();
  });

  test('on a narrow screen nothing is wider than the screen', async () => {
    const { page } = await openPage(browser, { width: 390 });
    for (const path of ['/traces', `/trace/${story.trace_id}`, '/setup']) {
      await page.goto(`${server.url}${path}`);
      await page.waitForLoadState('networkidle');
      const excess = await page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      expect([path, excess]).toEqual([path, 0]);
    }
    await page.context().close();
  });

  test('live: spans appear as they arrive, a pause holds them back and counts them, a flood shows a sample', async () => {
    const { page, faults } = await openPage(browser);
    await page.goto(`${server.url}/traces?q=${encodeURIComponent('service:live-shop')}`);
    const status = page.getByTestId('live-status');
    const rows = page.getByTestId('span-row');
    await expect.poll(() => status.getAttribute('data-state')).toBe('live');
    await page.getByTestId('empty-no-match').waitFor();
    const sent = performance.now();
    await sendSpans(server.agentUrl, { service: 'live-shop', first: 1, count: 3 });
    await rows.nth(2).waitFor();
    console.log(`sent to seen in the page: ${(performance.now() - sent).toFixed(0)} ms`);
    await page.keyboard.press('Space');
    await expect.poll(() => status.textContent()).toMatch(/Paused at \d\d:\d\d:\d\d/);
    await sendSpans(server.agentUrl, { service: 'live-shop', first: 101, count: 5 });
    await expect.poll(() => page.getByTestId('new-rows').textContent()).toBe('5 new, show');
    expect(await rows.count()).toBe(3);
    await shot(page, 'live-paused-light');
    await page.keyboard.press('Space');
    await expect.poll(() => rows.count()).toBe(8);
    // Rows are held back under the pointer too, and shown when asked for.
    await rows.first().hover();
    await sendSpans(server.agentUrl, { service: 'live-shop', first: 201, count: 2 });
    await expect.poll(() => page.getByTestId('new-rows').textContent()).toBe('2 new, show');
    await page.getByTestId('new-rows').click();
    await expect.poll(() => rows.count()).toBe(10);
    await page.mouse.move(5, 5);
    await sendSpans(server.agentUrl, { service: 'live-shop', first: 1001, count: 900 });
    await expect
      .poll(() => page.getByTestId('live-sampled').textContent())
      .toMatch(/showing ~1 of \d+ matching spans/);
    await shot(page, 'live-sampled-light');
    await page.goto(`${server.url}/traces?q=${encodeURIComponent('service:late-shop')}`);
    await expect.poll(() => status.getAttribute('data-state')).toBe('live');
    await sendSpans(server.agentUrl, { service: 'late-shop', first: 3001, count: 1 });
    await rows.first().waitFor();
    expect(await page.getByTestId('late-badge').count()).toBe(0);
    const late = { service: 'late-shop', first: 3101, count: 1, startedAgoMs: 120_000 };
    await sendSpans(server.agentUrl, late);
    await expect.poll(() => rows.count()).toBe(2);
    await expect.poll(() => page.getByTestId('late-badge').count()).toBe(1);
    await shot(page, 'live-late-light');
    expect(faults).toEqual([]);
    await page.context().close();
  });

  test('live: a page whose stream is refused goes on by asking', async () => {
    const { page } = await openPage(browser);
    await page.route('**/api/live/spans*', (route) => route.fulfill({ status: 503, body: '{}' }));
    await page.goto(`${server.url}/traces?q=${encodeURIComponent('service:asking-shop')}`);
    await expect
      .poll(() => page.getByTestId('live-status').getAttribute('data-state'))
      .toBe('failed');
    await sendSpans(server.agentUrl, { service: 'asking-shop', first: 5001, count: 2 });
    await expect.poll(() => page.getByTestId('span-row').count(), { timeout: 10_000 }).toBe(2);
    await page.context().close();
  });
});
