// Payloads for load: the shape of real traffic, cheap to make unique. A payload is encoded once; each send only overwrites trace ids,
// span ids and start times in place, so that the generator costs little next to the server it measures.
import { Packr } from 'msgpackr';

/** How traces of a payload look. */
export type Shape = 'service' | 'serverless';

/** An encoded `POST /v0.4/traces` body whose ids and times can be changed in place. */
export class Payload {
  readonly body: Buffer;
  readonly traces: number;
  readonly spans: number;
  readonly #traceIds: readonly { trace: number; offset: number }[];
  readonly #starts: readonly { offset: number; delayNs: bigint }[];
  readonly #tids: readonly number[];

  /**
   * @param shape `service`: one trace of 100 spans. `serverless`: twenty requests of five spans.
   */
  constructor(shape: Shape) {
    const perTrace = shape === 'service' ? 100 : 5;
    this.traces = shape === 'service' ? 1 : 20;
    this.spans = this.traces * perTrace;
    const traces = Array.from({ length: this.traces }, (_, trace) =>
      Array.from({ length: perTrace }, (_unused, index) =>
        index === 0 ? rootSpan(trace) : childSpan(trace, index),
      ),
    );
    this.body = Buffer.from(
      new Packr({ useRecords: false, int64AsType: 'bigint' } as never).pack(traces),
    );
    this.#traceIds = this.#find(markTrace);
    this.#starts = this.#find(markStart).map((found) => ({
      offset: found.offset,
      delayNs: BigInt(found.offset % 97) * 1_000_000n,
    }));
    this.#tids = this.#findText();
  }

  /**
   * Gives every trace new ids and the time `now`.
   * @returns The 128-bit ids, as 32 hex digits.
   */
  renew(nowMs: number, next: () => bigint): string[] {
    const lows = Array.from({ length: this.traces }, () => next() | 1n);
    const seconds = Math.floor(nowMs / 1000)
      .toString(16)
      .padStart(8, '0');
    for (const { trace, offset } of this.#traceIds)
      this.body.writeBigUInt64BE(lows[trace]!, offset);
    const start = BigInt(nowMs) * 1_000_000n;
    for (const { offset, delayNs } of this.#starts) {
      this.body.writeBigUInt64BE(start + delayNs, offset);
    }
    for (const offset of this.#tids) this.body.write(`${seconds}00000000`, offset, 'latin1');
    return lows.map((low) => `${seconds}00000000${low.toString(16).padStart(16, '0')}`);
  }

  #find(mark: (trace: number) => bigint): { trace: number; offset: number }[] {
    const found: { trace: number; offset: number }[] = [];
    for (let trace = 0; trace < this.traces; trace++) {
      const needle = Buffer.alloc(8);
      needle.writeBigUInt64BE(mark(trace));
      for (let at = this.body.indexOf(needle); at >= 0; at = this.body.indexOf(needle, at + 8)) {
        found.push({ trace, offset: at });
      }
    }
    return found;
  }

  #findText(): number[] {
    const found: number[] = [];
    const needle = Buffer.from(TID);
    for (let at = this.body.indexOf(needle); at >= 0; at = this.body.indexOf(needle, at + 16)) {
      found.push(at);
    }
    return found;
  }
}

const TID = 'feedfacefeedface';
const markTrace = (trace: number): bigint =>
  0xfeed_0000_0000_0000n + BigInt(trace) + 0x1111_0000_0000n;
const markStart = (trace: number): bigint =>
  0xbead_0000_0000_0000n + BigInt(trace) + 0x2222_0000_0000n;

const ROUTES = ['/checkout', '/cart/{id}', '/orders/{id}', '/catalog', '/search', '/login'];
const TABLES = ['orders', 'carts', 'items', 'users', 'stock', 'prices'];

function rootSpan(trace: number): object {
  const route = ROUTES[trace % ROUTES.length]!;
  return {
    service: 'storefront',
    name: 'web.request',
    resource: `POST ${route}`,
    type: 'web',
    trace_id: markTrace(trace),
    span_id: BigInt(1000 + trace * 1000),
    parent_id: 0,
    start: markStart(trace),
    duration: 120_000_000 + trace,
    error: trace % 17 === 0 ? 1 : 0,
    meta: {
      '_dd.p.tid': TID,
      '_dd.p.dm': '-1',
      'runtime-id': '5a1e0c1f-7c0f-4f3b-9f3d-0c4a6f1b2d3e',
      env: 'prod',
      version: '43',
      language: 'javascript',
      component: 'express',
      'span.kind': 'server',
      'http.method': 'POST',
      'http.route': route,
      'http.url': `https://shop.example.com${route}?session=${trace}abcdef`,
      'http.status_code': trace % 17 === 0 ? '500' : '201',
      'http.useragent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36',
      'usr.id': `u-${trace * 7919}`,
    },
    metrics: {
      _sampling_priority_v1: 1,
      '_dd.agent_psr': 1,
      '_dd.top_level': 1,
      '_dd.measured': 1,
      process_id: 4242,
    },
  };
}

function childSpan(trace: number, index: number): object {
  const table = TABLES[index % TABLES.length]!;
  return {
    service: index % 3 === 0 ? 'stockdb' : 'storefront',
    name: index % 3 === 0 ? 'postgres.query' : 'http.request',
    resource: index % 3 === 0 ? `SELECT * FROM ${table} WHERE id = ?` : `GET /${table}`,
    type: index % 3 === 0 ? 'sql' : 'http',
    trace_id: markTrace(trace),
    span_id: BigInt(1000 + trace * 1000 + index),
    parent_id: BigInt(1000 + trace * 1000 + Math.floor((index - 1) / 4)),
    start: markStart(trace),
    duration: 3_000_000 + index * 1000,
    error: 0,
    meta: {
      env: 'prod',
      version: '43',
      language: 'javascript',
      component: index % 3 === 0 ? 'pg' : 'http',
      'span.kind': 'client',
      'out.host': `${table}.internal`,
      'db.name': table,
      'peer.service': table,
      'request.id': `r-${trace}-${index * 104729}`,
    },
    metrics: { '_dd.measured': 1, 'network.destination.port': 5432, 'db.row_count': index % 50 },
  };
}
