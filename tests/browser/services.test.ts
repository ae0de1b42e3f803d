import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import type { ServiceMapResponse } from '@spanloom/contract';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { leaveOut, repository } from '../runtimes.ts';
import { SpanloomServer } from '../server-fixture.ts';
import { chromiumPath, launchChromium, openPage } from './chromium.ts';
import { sendShop } from './shop-spans.ts';

const screenshots = join(repository, 'tests', 'results', 'screenshots');
const REQUESTS = 20;

if (chromiumPath === undefined) leaveOut('services in a browser', 'no Chromium');

async function shot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(screenshots, `${name}.png`) });
}

describe.runIf(chromiumPath !== undefined)('services in a browser', () => {
  let server: SpanloomServer;
  let browser: Browser;

  beforeAll(async () => {
    mkdirSync(screenshots, { recursive: true });
    [server, browser] = await Promise.all([SpanloomServer.start(), launchChromium()]);
  });

  afterAll(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
  });

  test('before anything has arrived both pages say so', async () => {
    const { page, faults } = await openPage(browser);
    await page.goto(`${server.url}/services`);
    await page.getByTestId('services-empty').waitFor();
    await page.goto(`${server.url}/map`);
    await page.getByTestId('map-empty').waitFor();
    expect(faults).toEqual([]);
    await page.context().close();
  });

  test('the map of what was sent is what was sent', async () => {
    await sendShop(server.otlpHttpUrl, REQUESTS);
    const read = async (): Promise<ServiceMapResponse> => {
      const response = await fetch(`${server.url}/api/service-map?env=prod`);
      return (await response.json()) as ServiceMapResponse;
    };
    await expect.poll(async () => (await read()).coverage.spans, { timeout: 30_000 }).toBe(140);
    const { nodes, edges } = await read();
    expect(
      nodes
        .toSorted((a, b) => (a.id < b.id ? -1 : 1))
        .map((node) => [node.id, node.type, node.requests, node.errors, node.p50_ns]),
    ).toEqual([
      ['prod/database:order-book', 'database', 20, 0, 20e6],
      ['prod/mailer', 'service', 20, 0, 40e6],
      ['prod/orders', 'service', 20, 0, 180e6],
      ['prod/pay.example', 'external', 20, 5, 80e6],
      ['prod/queue:receipts', 'queue', 20, 0, 5e6],
      ['prod/web-shop', 'service', 20, 5, 300e6],
    ]);
    expect(edges.map(({ from, to, requests }) => `${from} > ${to} ${requests}`).toSorted()).toEqual(
      [
        'prod/orders > prod/database:order-book 20',
        'prod/queue:receipts > prod/mailer 20',
        'prod/web-shop > prod/orders 20',
        'prod/web-shop > prod/pay.example 20',
        'prod/web-shop > prod/queue:receipts 20',
      ],
    );
    const response = await fetch(`${server.url}/jaeger/api/dependencies?lookback=3600000`);
    const { data } = (await response.json()) as { data: readonly unknown[] };
    expect(data).toHaveLength(5);
    expect(data).toContainEqual({ parent: 'web-shop', child: 'orders', callCount: 20 });
  });

  test('the list sorts by a click, filters by typing, and leads to the spans of a service', async () => {
    const { page, faults } = await openPage(browser);
    await page.goto(`${server.url}/services`);
    const rows = page.getByTestId('service-row');
    await expect.poll(() => rows.count()).toBe(6);
    await page.getByTestId('sort-errors').click();
    await page.waitForURL('**sort=-errors*');
    await expect.poll(() => rows.first().textContent()).toContain('25.0%');
    await shot(page, 'services-light');
    await page.getByTestId('sort-name').click();
    await expect.poll(() => rows.first().textContent()).toContain('mailer');
    await page.keyboard.press('f');
    await page.keyboard.type('ord');
    await expect.poll(() => rows.count()).toBe(2);
    const copied = page.url();
    await rows.getByRole('link', { name: 'orders', exact: true }).click();
    await page.waitForURL('**/traces*');
    expect(new URL(page.url()).searchParams.get('q')).toBe('service:orders');
    await expect.poll(() => page.getByTestId('span-row').count()).toBe(REQUESTS);
    await page.goto(copied);
    await expect.poll(() => rows.count()).toBe(2);
    await page.getByTestId('services-filter').fill('nothing like this');
    await page.getByTestId('services-no-match').waitFor();
    expect(faults).toEqual([]);
    await page.context().close();
  });

  test('the map is walked by keyboard alone, and the address restores what is open', async () => {
    const { page, faults } = await openPage(browser, { theme: 'dark' });
    await page.goto(`${server.url}/map?env=prod`);
    await expect.poll(() => page.getByTestId('map-node').count()).toBe(6);
    expect(await page.getByTestId('map-counts').textContent()).toBe(
      '6 nodes, 5 edges, none hidden',
    );
    await page.locator('[data-node="prod/web-shop"]').focus();
    await page.keyboard.press('ArrowRight');
    const focused = (): Promise<string | null> =>
      page.evaluate('document.activeElement?.getAttribute("data-node") ?? null');
    expect(['prod/orders', 'prod/pay.example', 'prod/queue:receipts']).toContain(await focused());
    await page.keyboard.press('ArrowLeft');
    expect(await focused()).toBe('prod/web-shop');
    await page.keyboard.press('Enter');
    const panel = page.getByTestId('node-panel');
    await panel.waitFor();
    expect(await panel.textContent()).toContain('25.0% failed');
    await shot(page, 'map-dark');
    await page.reload();
    await panel.waitFor();
    await panel.getByRole('button', { name: 'orders', exact: true }).click();
    await page.waitForURL('**panel=prod/orders*');
    await panel.getByRole('heading', { name: 'orders' }).waitFor();
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });
    await page.goBack();
    await panel.getByRole('heading', { name: 'orders' }).waitFor();
    await page.getByTestId('panel-traces').click();
    await page.waitForURL('**/traces*');
    await expect.poll(() => page.getByTestId('span-row').count()).toBe(REQUESTS);
    expect(faults).toEqual([]);
    await page.context().close();
  });

  test('the map filters by the letters of a name with what is one call away, and hides what is inferred', async () => {
    const { page, faults } = await openPage(browser);
    await page.goto(`${server.url}/map?env=prod`);
    const nodes = page.getByTestId('map-node');
    await expect.poll(() => nodes.count()).toBe(6);
    await page.keyboard.press('f');
    await page.keyboard.type('odrs');
    await expect.poll(() => nodes.count()).toBe(3);
    expect(await page.getByTestId('map-counts').textContent()).toContain('3 hidden');
    await page.getByTestId('map-inferred').uncheck();
    await expect.poll(() => nodes.count()).toBe(2);
    await page.getByTestId('map-filter').fill('zzz');
    await page.getByTestId('map-no-match').waitFor();
    expect(faults).toEqual([]);
    await page.context().close();
  });

  test('dragging and the wheel move the map, a key fits it again, and no click comes of a drag', async () => {
    const { page, faults } = await openPage(browser);
    await page.goto(`${server.url}/map?env=prod`);
    const node = page.locator('[data-node="prod/orders"]');
    await node.waitFor();
    // Layout follows the size of the region, which is known a moment after the first drawing.
    await page.waitForTimeout(300);
    const place = async () => (await node.boundingBox())!;
    const before = await place();
    await page.mouse.move(before.x + 20, before.y + 10);
    await page.mouse.down();
    await page.mouse.move(before.x + 120, before.y + 30, { steps: 5 });
    await page.mouse.up();
    expect((await place()).x - before.x).toBeCloseTo(100, -1);
    expect(await page.getByTestId('node-panel').count()).toBe(0);
    await page.mouse.wheel(0, -400);
    await expect.poll(async () => (await place()).width).toBeGreaterThan(before.width * 1.2);
    await page.keyboard.press('0');
    await expect.poll(async () => Math.round((await place()).x)).toBe(Math.round(before.x));
    expect(faults).toEqual([]);
    await page.context().close();
  });

  test('on a phone the map and its panel share the screen', async () => {
    const { page, faults } = await openPage(browser, { width: 390 });
    await page.goto(`${server.url}/map?env=prod&panel=prod/orders`);
    await page.getByTestId('node-panel').waitFor();
    await page.waitForTimeout(300);
    const canvas = (await page.getByTestId('map-canvas').boundingBox())!;
    const node = (await page.locator('[data-node="prod/orders"]').boundingBox())!;
    expect(canvas.height).toBeGreaterThan(120);
    expect(node.x + node.width / 2).toBeGreaterThan(0);
    expect(node.x + node.width / 2).toBeLessThan(390);
    expect(node.y + node.height / 2).toBeLessThan(canvas.y + canvas.height);
    await shot(page, 'map-phone');
    expect(faults).toEqual([]);
    await page.context().close();
  });

  test('a server that fails says so, and is asked again on request', async () => {
    const { page } = await openPage(browser);
    let failing = true;
    await page.route('**/api/service-map*', async (route) => {
      if (!failing) return route.continue();
      return route.fulfill({
        status: 422,
        json: { error: { code: 'LIMIT', message: 'Cannot answer service-map within 20 s' } },
      });
    });
    await page.goto(`${server.url}/map`);
    await page.getByTestId('error-region').getByText('within 20 s').waitFor();
    failing = false;
    await page.getByRole('button', { name: 'Retry' }).click();
    await page.getByTestId('map-node').first().waitFor();
    await page.context().close();
  });

  test.each([
    ['light', '/services'],
    ['dark', '/services'],
    ['light', '/map'],
    ['dark', '/map'],
    ['light', '/map?panel=prod/web-shop'],
    ['dark', '/map?panel=prod/web-shop'],
  ] as const)('axe finds nothing serious: %s %s', async (theme, path) => {
    const { page } = await openPage(browser, { theme });
    await page.goto(server.url + path);
    const ready =
      path === '/services' ? 'service-row' : path === '/map' ? 'map-node' : 'node-panel';
    await page.getByTestId(ready).first().waitFor();
    await page
      .getByTestId(path === '/services' ? 'service-row' : 'map-node')
      .first()
      .waitFor();
    const { violations } = await new AxeBuilder({ page }).analyze();
    const serious = violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
    await shot(page, `axe-${path.slice(1).replaceAll(/\W+/g, '-')}-${theme}`);
    expect(serious).toEqual([]);
    await page.context().close();
  });
});
