import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TraceResponse } from '@spanloom/contract';
import { pollUntil } from '../poll-until.ts';
import { SpanloomServer } from '../server-fixture.ts';

let server: SpanloomServer;

beforeAll(async () => {
  server = await SpanloomServer.start({ args: ['--demo'] });
});

afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
});

/** The ids of traces with a span that matches `query`, newest first. */
async function search(query: string): Promise<string[]> {
  const response = await fetch(`${server.url}/api/v2/spans/events/search`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      data: {
        type: 'search_request',
        attributes: { filter: { query, from: 'now-15m', to: 'now' }, page: { limit: 10 } },
      },
    }),
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`Cannot search: ${response.status} ${text}`);
  const { data } = JSON.parse(text) as { data: { attributes: { trace_id: string } }[] };
  return data.map(({ attributes }) => attributes.trace_id);
}

const SERVICES = ['storefront', 'cart', 'payment', 'inventory', 'fulfilment'];

test('an order is one whole trace over five services, one of them behind a queue', async () => {
  // Each process sends when it likes: a trace may have every parent already and still lack a leaf.
  const trace = await pollUntil('a trace of all five services', 90_000, async () => {
    for (const id of await search('service:fulfilment')) {
      const response = await fetch(`${server.url}/api/traces/${id}`);
      const found = (await response.json()) as TraceResponse;
      const isWhole = SERVICES.every((service) => found.services?.includes(service));
      if (response.status === 200 && found.complete && isWhole) return found;
    }
    return undefined;
  });

  expect(trace.services).toEqual(expect.arrayContaining(SERVICES));
  expect(trace.env).toBe('prod');
  expect(trace.spans[0]).toMatchObject({
    parent_id: null,
    service: 'storefront',
    resource: 'POST /checkout/:session',
  });
  const processed = trace.spans.find(({ name }) => name === 'queue.process');
  const sent = trace.spans.find(({ name }) => name === 'queue.send');
  expect(processed).toMatchObject({ kind: 'consumer', parent_id: sent?.span_id });
  const statement = trace.spans.find(({ service }) => service === 'payment-postgres');
  expect(statement).toMatchObject({ type: 'sql', kind: 'client' });
});

test('an order and the X-Ray side of its receipt are one tree, with the function counted once', async () => {
  const trace = await pollUntil('a trace with both halves of a receipt', 120_000, async () => {
    for (const id of await search('service:receipts source:xray')) {
      const response = await fetch(`${server.url}/api/traces/${id}`);
      const found = (await response.json()) as TraceResponse;
      const isWhole = found.services?.includes('shop-api') && found.services.includes('fulfilment');
      if (response.status === 200 && isWhole) return found;
    }
    return undefined;
  });

  const stage = trace.spans.find(
    ({ name, source }) => name === 'aws.apigateway' && source === 'xray',
  )!;
  const caller = trace.spans.find(({ span_id }) => span_id === stage.parent_id);
  expect(caller).toMatchObject({ service: 'fulfilment', source: 'datadog' });
  expect(trace.merge).toMatchObject([{ function: 'receipts', verdict: 'merged_by_context' }]);
});

test('staging is there beside production', async () => {
  const ids = await pollUntil('a trace of staging', 90_000, async () => {
    const found = await search('env:staging service:storefront');
    return found.length > 0 ? found : undefined;
  });
  expect(ids.length).toBeGreaterThan(0);
});

test('no process of the shop complains', () => {
  const lines = server.output.trimEnd().split('\n');
  const begun = lines.findIndex((line) => line.startsWith('demo shop: '));
  expect(lines.slice(begun + 1).filter((line) => !line.includes('releasing'))).toEqual([]);
});
