import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { leaveOut, repository } from '../runtimes.ts';
import { SpanloomServer } from '../server-fixture.ts';
import { chromiumPath, launchChromium, openPage } from './chromium.ts';
import { sendShop, shopSpans } from './explorer-spans.ts';

const screenshots = join(repository, 'tests', 'results', 'screenshots');

if (chromiumPath === undefined) leaveOut('journeys through the explorer', 'no Chromium');

function shot(page: Page, name: string): Promise<Buffer> {
  return page.screenshot({ path: join(screenshots, `explorer-${name}.png`) });
}

function queryOf(page: Page): string | null {
  return new URL(page.url()).searchParams.get('q');
}

/** A value of a facet; its accessible name has its count. */
function value(page: Page, facet: string, text: string): Locator {
  return page.getByTestId(`facet-values-${facet}`).locator(`[data-value="${text}"]`);
}

/** A machine that runs other tests at the same time takes its time. */
function eventually<Value>(read: () => Value): ReturnType<typeof expect.poll<Value>> {
  return expect.poll(read, { timeout: 20_000 });
}

/** Texts with plain spaces: between a number and its unit there is one that does not break. */
async function texts(rows: Locator): Promise<readonly string[]> {
  return (await rows.allTextContents()).map((text) => text.replaceAll('\u00a0', ' '));
}

async function choose(page: Page, trigger: string, item: string): Promise<void> {
  await page.getByTestId(trigger).first().click();
  await page.getByRole('menuitem', { name: item }).click();
}

async function downloaded(page: Page, act: () => Promise<void>): Promise<string> {
  const [download] = await Promise.all([page.waitForEvent('download'), act()]);
  return readFileSync(await download.path(), 'utf8');
}

describe.runIf(chromiumPath !== undefined)('the explorer', () => {
  let server: SpanloomServer;
  let browser: Browser;

  beforeAll(async () => {
    mkdirSync(screenshots, { recursive: true });
    [server, browser] = await Promise.all([SpanloomServer.start(), launchChromium()]);
    await sendShop(server.agentUrl, shopSpans);
  });

  afterAll(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
  });

  async function visit(
    path: string,
    options: Parameters<typeof openPage>[1] = {},
  ): Promise<{ page: Page; faults: string[] }> {
    const opened = await openPage(browser, options);
    await opened.page.goto(`${server.url}/traces${path}`);
    return opened;
  }

  test('facets count what matches, ignore their own clause, and write the query', async () => {
    const { page, faults } = await visit('?from=now-1h&to=now');
    const name = (facet: string, text: string): Promise<string | null> =>
      value(page, facet, text).getAttribute('aria-label');
    await eventually(() => name('service', 'cart')).toBe('cart, 60 spans');
    expect(await name('service', 'checkout')).toBe('checkout, 40 spans');
    await value(page, 'service', 'checkout').click();
    await eventually(() => queryOf(page)).toBe('service:checkout');
    // Its own counts stay, so that the other service can be added; those of other facets follow.
    await eventually(() => name('status', 'error')).toBe('error, 8 spans');
    await eventually(() => name('status', 'ok')).toBe('ok, 32 spans');
    expect(await name('service', 'cart')).toBe('cart, 60 spans');
    await eventually(() => page.getByTestId('span-count').textContent()).toBe('40 spans');
    await value(page, 'service', 'cart').click();
    await eventually(() => queryOf(page)).toBe('service:(checkout OR cart)');
    await value(page, 'status', 'ok').hover();
    await page.getByLabel('Leave out ok').click();
    await eventually(() => queryOf(page)).toBe('service:(checkout OR cart) -status:ok');
    await eventually(() => page.getByTestId('span-row').count()).toBe(8);
    await value(page, 'service', 'cart').hover();
    await page.getByLabel('Only cart').click();
    await eventually(() => queryOf(page)).toBe('service:cart -status:ok');
    await page.getByTestId('empty-no-match').waitFor();
    await page.goBack();
    await eventually(() => page.getByTestId('span-row').count()).toBe(8);
    await shot(page, 'facets');
    expect(faults).toEqual([]);
    await page.context().close();
  });

  test('by keyboard alone: find a facet, leave a value out, limit the duration, open a trace', async () => {
    const { page, faults } = await visit('?from=now-1h&to=now');
    await value(page, 'service', 'cart').waitFor();
    await page.getByTestId('facet-service').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('x');
    await eventually(() => queryOf(page)).toBe('-service:cart');
    await eventually(() => value(page, 'service', 'cart').getAttribute('aria-checked')).toBe(
      'mixed',
    );
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('f');
    await eventually(() => queryOf(page)).toBe('service:checkout');
    await page.keyboard.press('Space');
    await eventually(() => queryOf(page)).toBeNull();
    await page.keyboard.press('Space');
    await eventually(() => queryOf(page)).toBe('service:checkout');
    // 10, 20, 30 and 40 ms: the first step up leaves the shortest out.
    await eventually(() => page.getByTestId('facet-duration').textContent()).toMatch(/^10\.0\sms/);
    await page.getByLabel('Shortest duration').focus();
    await page.keyboard.press('ArrowRight');
    await eventually(() => queryOf(page)).toBe('service:checkout @duration:>=15ms');
    await eventually(() => page.getByTestId('span-count').textContent()).toBe('30 spans');
    // A facet that starts closed opens and closes with the arrow keys.
    await page.getByTestId('facet-@http.route').focus();
    await page.keyboard.press('ArrowRight');
    await value(page, '@http.route', '/checkout').waitFor();
    await page.keyboard.press('ArrowLeft');
    await eventually(() => value(page, '@http.route', '/checkout').count()).toBe(0);
    await page.getByTestId('span-table').focus();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/trace/*');
    expect(faults).toEqual([]);
    await page.context().close();
  });

  test('an attribute becomes a facet and a column, and both are still there on the next visit', async () => {
    const { page, faults } = await visit('?from=now-1h&to=now');
    await page.getByTestId('add-facet').click();
    await page.getByLabel('Key of the facet').fill('@language');
    await page.keyboard.press('Enter');
    await page.getByTestId('facet-@language').waitFor();
    await page.getByTestId('column-menu').click();
    await page.getByTestId('add-column').fill('@http.route');
    await page.keyboard.press('Enter');
    await eventually(() => new URL(page.url()).searchParams.get('cols')).toContain('@http.route');
    await page.keyboard.press('Escape');
    const route = page.getByRole('columnheader', { name: 'http.route' });
    await route.waitFor();
    expect(await page.getByTestId('span-row').first().textContent()).toMatch(
      /\/c(?:art\/:id|heckout)/,
    );
    const before = (await route.boundingBox())!;
    await page.mouse.move(before.x + before.width - 2, before.y + 10);
    await page.mouse.down();
    await page.mouse.move(before.x + before.width + 58, before.y + 10, { steps: 4 });
    await page.mouse.up();
    await eventually(async () => Math.round((await route.boundingBox())!.width)).toBe(210);
    await page.reload();
    await route.waitFor();
    expect(Math.round((await route.boundingBox())!.width)).toBe(210);
    await page.getByTestId('facet-@language').waitFor();
    expect(faults).toEqual([]);
    await page.context().close();
  });

  test('the strip tells requests, errors and latency; a brush sets the range and a double click takes it back', async () => {
    const { page, faults } = await visit('?from=now-10m&to=now&q=service:checkout');
    await eventually(() => page.getByTestId('red-errors').textContent()).toBe('20.0%');
    await eventually(() => texts(page.getByTestId('red-latency'))).toEqual(['p95 40.0 ms']);
    const chart = page.getByTestId('red-requests-chart');
    const box = (await chart.boundingBox())!;
    await page.mouse.move(box.x + 180, box.y + 30);
    await page.mouse.down();
    await page.mouse.move(box.x + 300, box.y + 30, { steps: 6 });
    await page.mouse.up();
    await eventually(() => new URL(page.url()).searchParams.get('to')).toMatch(/^\d{13}$/);
    const { searchParams } = new URL(page.url());
    const length = Number(searchParams.get('to')) - Number(searchParams.get('from'));
    expect(length).toBeGreaterThan(60_000);
    expect(length).toBeLessThan(400_000);
    await chart.dblclick({ position: { x: 200, y: 30 } });
    await eventually(() => new URL(page.url()).searchParams.get('from')).toBe('now-10m');
    expect(faults).toEqual([]);
    await page.context().close();
  });

  test('timeseries: counts by service, and a bar leads to its spans', async () => {
    const { page, faults } = await visit('?from=now-10m&to=now&view=timeseries&by=service');
    const legend = page.getByTestId('timeseries-legend').locator('tbody tr');
    await eventually(() => legend.allTextContents()).toEqual(['cart60', 'checkout40']);
    await shot(page, 'timeseries');
    expect(await page.getByTestId('basis').textContent()).toBe('100% of kept spans');
    await legend.nth(1).getByRole('button').click();
    await eventually(() => queryOf(page)).toBe('service:checkout');
    await eventually(() => page.getByTestId('span-count').textContent()).toBe('40 spans');
    await page.goBack();
    const chart = page.getByTestId('timeseries-chart');
    await chart.waitFor();
    const box = (await chart.boundingBox())!;
    // Low in the middle of where spans are: the lowest part of the stack.
    await page.mouse.click(box.x + box.width * 0.75, box.y + box.height - 24);
    await page.getByTestId('span-table').waitFor();
    expect(new URL(page.url()).searchParams.get('from')).toMatch(/^\d{13}$/);
    expect(faults).toEqual([]);
    await page.context().close();
  });

  test('the builder writes the address: p95 by route as a top list', async () => {
    const { page, faults } = await visit('?from=now-1h&to=now');
    await page.getByRole('radio', { name: 'Top list' }).click();
    await eventually(() => page.getByTestId('top-row').count()).toBe(2);
    await page.getByTestId('aggregation').click();
    await page.getByRole('menuitemradio', { name: 'p95' }).click();
    await page.getByRole('button', { name: 'Do not group by service' }).waitFor();
    await page.getByTestId('group-by').fill('@http.route');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Do not group by service' }).click();
    await eventually(() => new URL(page.url()).searchParams.get('by')).toBe('@http.route');
    expect(new URL(page.url()).searchParams.get('agg')).toBe('pc95:@duration');
    await eventually(() => texts(page.getByTestId('top-row'))).toEqual([
      '/checkout40.0 ms',
      '/cart/:id2.00 ms',
    ]);
    await page.getByRole('button', { name: '/checkout' }).click();
    await eventually(() => queryOf(page)).toBe('@http.route:/checkout');
    expect(faults).toEqual([]);
    await page.context().close();
  });

  test('a table has several figures, is ordered by any, and is saved as shown', async () => {
    const { page, faults } = await visit(
      '?from=now-1h&to=now&view=table&by=service,status&agg=count,max:@duration',
    );
    const rows = page.getByTestId('figure-row');
    await eventually(() => texts(rows)).toEqual([
      'cartok602.00 ms',
      'checkoutok3240.0 ms',
      'checkouterror840.0 ms',
    ]);
    await page.getByRole('button', { name: 'maximum of duration' }).click();
    await eventually(() => new URL(page.url()).searchParams.get('sort')).toBe('-c1');
    await eventually(() => texts(rows.last())).toEqual(['cartok602.00 ms']);
    const csv = await downloaded(page, () => choose(page, 'export-figures', 'CSV'));
    expect(csv.split('\r\n')).toEqual([
      'service,status,count,maximum of duration',
      'checkout,error,8,40000000',
      'checkout,ok,32,40000000',
      'cart,ok,60,2000000',
      '',
    ]);
    expect(faults).toEqual([]);
    await page.context().close();
  });

  test('the heatmap has every span, and a cell leads to its spans', async () => {
    const { page, faults } = await visit('?from=now-10m&to=now&view=heatmap');
    const plane = page.getByTestId('heatmap-plane');
    await eventually(() => plane.getAttribute('aria-label')).toContain('100 spans');
    const json = await downloaded(page, () => choose(page, 'export-figures', 'JSON'));
    const cells = JSON.parse(json) as { from_ns: number; spans: number }[];
    expect(cells.reduce((sum, cell) => sum + cell.spans, 0)).toBe(100);
    const at = (from: number): number =>
      cells.filter((cell) => cell.from_ns === from).reduce((sum, cell) => sum + cell.spans, 0);
    expect([2e6, 1e7, 2e7, 3e7].map(at)).toEqual([60, 10, 10, 20]);
    await shot(page, 'heatmap');
    const box = (await plane.boundingBox())!;
    await page.mouse.move(box.x + 60, box.y + 10);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width - 10, box.y + box.height / 2, { steps: 4 });
    await page.mouse.up();
    await eventually(() => queryOf(page)).toMatch(/^@duration:\[.* TO .*\]$/);
    await eventually(() => page.getByTestId('span-row').count()).toBeGreaterThan(0);
    expect(faults).toEqual([]);
    await page.context().close();
  });

  test('the scatter shows every error, and a point opens its trace', async () => {
    const { page, faults } = await visit('?from=now-10m&to=now&view=scatter');
    await eventually(() => page.getByTestId('scatter-basis').textContent()).toBe(
      'all 8 errors, and all 92 other spans',
    );
    await shot(page, 'scatter');
    expect(faults).toEqual([]);
    await page.context().close();
  });

  test('the list is saved whole, with the chosen columns', async () => {
    const { page, faults } = await visit(
      '?from=now-1h&to=now&cols=service,duration,@http.route&q=status:error',
    );
    await page.getByTestId('span-row').first().waitFor();
    const csv = await downloaded(page, () => choose(page, 'export-list', 'CSV'));
    const lines = csv.trimEnd().split('\r\n');
    expect(lines[0]).toBe('service,duration_ns,http.route,trace_id,span_id');
    expect(lines.length).toBe(9);
    expect(lines[1]).toMatch(/^checkout,\d0000000,\/checkout,[0-9a-f]{16,32},[0-9a-f]{16}$/);
    expect(await page.getByTestId('export-outcome').textContent()).toBe('8 saved');
    expect(faults).toEqual([]);
    await page.context().close();
  });

  test.each(
    (['light', 'dark'] as const).flatMap((theme) =>
      [
        ['', 'span-row'],
        ['view=timeseries&by=service', 'timeseries-chart'],
        ['view=top&by=resource_name', 'top-row'],
        ['view=table&by=service&agg=count,pc95:@duration', 'figure-row'],
        ['view=heatmap', 'heatmap-plane'],
        ['view=scatter', 'scatter-plane'],
      ].map(([search, ready]) => [theme, search!, ready!] as const),
    ),
  )('axe finds nothing serious: %s %s', async (theme, search, ready) => {
    const { page, faults } = await visit(
      `?from=now-1h&to=now&q=${encodeURIComponent('-service:nobody')}&${search}`,
      { theme },
    );
    await page.getByTestId(ready).first().waitFor();
    await value(page, 'service', 'nobody').waitFor();
    const { violations } = await new AxeBuilder({ page }).analyze();
    const serious = violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
    await shot(page, `axe-${ready}-${theme}`);
    expect(serious).toEqual([]);
    expect(faults).toEqual([]);
    await page.context().close();
  });

  test('on a narrow screen facets are behind a button, and nothing is wider than the screen', async () => {
    const { page, faults } = await visit('?from=now-1h&to=now', { width: 390 });
    await page.getByTestId('span-row').first().waitFor();
    expect(await page.getByTestId('facet-rail').count()).toBe(0);
    await page.getByTestId('facets-toggle').click();
    await value(page, 'service', 'cart').waitFor();
    const excess = await page.evaluate(
      'document.documentElement.scrollWidth - document.documentElement.clientWidth',
    );
    expect(excess).toBe(0);
    await shot(page, 'narrow');
    await page.getByLabel('Close the facets').click();
    await eventually(() => page.getByTestId('facet-rail').count()).toBe(0);
    expect(faults).toEqual([]);
    await page.context().close();
  });
});
