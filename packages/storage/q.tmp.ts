import { openEmbeddedDatabase, SpanStore } from './src/index.ts';
import { parseQuery } from '@spanloom/query';
import { serviceSpans } from './src/bench-payloads.testing.ts';
const db = await openEmbeddedDatabase({ directory: '/tmp/st/m' });
const store = new SpanStore(db);
const newest = Number((await store.newestSpan())! / 1000000n) + 1000;
const med = async (n: string, f: () => Promise<unknown>) => {
  const a: number[] = [];
  let r;
  for (let i = 0; i < 5; i++) {
    const t = performance.now();
    try {
      r = await f();
    } catch (e) {
      r = { length: String(e).slice(0, 150) };
    }
    a.push(performance.now() - t);
  }
  console.log(
    n,
    'first',
    a[0]!.toFixed(0),
    'median',
    a.toSorted((x, y) => x - y)[2]!.toFixed(1),
    (r as any)?.spans?.length ?? (r as any).length,
  );
};
for (const text of [
  '',
  'service:checkout',
  '@customer.id:c-7919',
  'service:checkout @http.route:"/api/orders/:id"',
  'status:error',
  'resource_name:*orders*',
]) {
  const q = parseQuery(text, { now: BigInt(newest) * 1000000n });
  if (!q.ok) {
    console.log(text, q.problem);
    continue;
  }
  for (const limit of [50, 1000])
    for (const mins of [15, 1440])
      await med(`search ${text || '*'} ${limit} ${mins}m`, () =>
        store.search({
          query: q.query,
          range: { from: (newest - mins * 60000) as never, to: newest as never },
          order: 'newest',
          limit,
          cursor: undefined,
        }),
      );
}
const id = serviceSpans(1, 1e6)[0]!.traceId;
await med('trace', () => store.trace(id, { limit: 200000 }));
await med('trace unknown', () => store.trace({ hi: 0n, lo: 123n }, { limit: 200000 }));
await med('env', () =>
  store.environments({ from: (newest - 900000) as never, to: newest as never }),
);
await med('newest', () => store.newestSpan());
await db[Symbol.asyncDispose]();
