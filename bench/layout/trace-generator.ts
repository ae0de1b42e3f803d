// Traces for benchmarks of the store: shaped like what tracers send, the same for the same seed.
import { SpanBatch } from '@spanloom/model';

/** A quick generator of numbers, good enough for test data: xorshift with 32 bits of state. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0 || 1;
  }

  /** 32 bits. */
  bits(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x >>> 0;
    return this.#state;
  }

  below(limit: number): number {
    return Math.floor((this.bits() / 4_294_967_296) * limit);
  }

  chance(share: number): boolean {
    return this.bits() < share * 4_294_967_296;
  }

  /** Small ones are far likelier, as popular things are. */
  skewed(limit: number): number {
    return Math.floor((this.bits() / 4_294_967_296) ** 3 * limit);
  }

  hex(words: number): string {
    let text = '';
    for (let i = 0; i < words; i++) text += this.bits().toString(16).padStart(8, '0');
    return text;
  }
}

const SERVICES = Array.from({ length: 20 }, (_, i) => `service-${String(i + 1).padStart(2, '0')}`);
const METHODS = ['GET', 'GET', 'GET', 'POST', 'PUT', 'DELETE'];
const PATHS = ['orders', 'customers', 'carts', 'payments', 'search', 'stock', 'labels', 'session'];
const TABLES = ['orders', 'lines', 'customers', 'stock', 'prices', 'audit'];
const ERRORS = ['TimeoutError', 'TypeError', 'ConnectionRefused', 'ValidationError'];
const STACK = Array.from(
  { length: 12 },
  (_, i) => `    at step${i} (/srv/app/src/module${i % 5}.js:${40 + i * 7}:13)`,
).join('\n');

/** What all spans of a trace share. */
interface TraceFacts {
  readonly high: [number, number];
  readonly low: [number, number];
  readonly startNs: bigint;
  readonly user: string;
  readonly customer: string;
  readonly order: string;
  readonly version: string;
  readonly env: string;
}

/** Fills batches with whole traces. */
export class TraceGenerator {
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = new Random(seed);
  }

  /** About `rows` spans, of traces that start between the two times (ms since the epoch), in the order in which they start. */
  batch(rows: number, fromMs: number, toMs: number): SpanBatch {
    const batch = new SpanBatch();
    const traces = Math.max(1, Math.round(rows / 10));
    for (let i = 0; i < traces; i++) {
      this.#trace(batch, fromMs + ((toMs - fromMs) * i) / traces);
    }
    return batch;
  }

  #trace(batch: SpanBatch, startMs: number): void {
    const random = this.#random;
    const seconds = Math.floor(startMs / 1000);
    const facts: TraceFacts = {
      high: [seconds, 0],
      low: [random.bits() & 0x7fff_ffff, random.bits()],
      startNs: BigInt(Math.round(startMs * 1000)) * 1000n + BigInt(random.below(1000)),
      user: `u-${random.skewed(100_000)}`,
      customer: `c-${random.skewed(2000)}`,
      order: random.hex(4),
      version: `4.${random.below(3)}.${random.below(9)}`,
      env: random.chance(0.8) ? 'prod' : 'staging',
    };
    // Most traces are small; one in 100,000 is a batch job.
    const spans = random.chance(0.00001)
      ? 10_000
      : 1 + Math.floor(-Math.log(1 - random.bits() / 4_294_967_297) * 9);
    const ids: [number, number][] = [];
    let service = random.skewed(SERVICES.length);
    for (let i = 0; i < spans; i++) {
      const parent = i === 0 ? undefined : ids[Math.max(0, i - 1 - random.skewed(Math.min(i, 8)))];
      const id: [number, number] = [random.bits(), random.bits() || 1];
      ids.push(id);
      const isEntry = i === 0 || random.chance(0.25);
      if (isEntry && i > 0) service = (service + 1 + random.below(4)) % SERVICES.length;
      this.#span(batch, facts, { id, parent, index: i, service, isEntry });
    }
  }

  #span(
    batch: SpanBatch,
    facts: TraceFacts,
    span: {
      id: [number, number];
      parent: [number, number] | undefined;
      index: number;
      service: number;
      isEntry: boolean;
    },
  ): void {
    const random = this.#random;
    const row = batch.appendRow();
    const offset = BigInt(span.index) * 1_500_000n + BigInt(random.below(1_400_000));
    const duration = Math.floor(200_000 * Math.exp(random.skewed(1000) / 120));
    batch.traceHigh.set(row, ...facts.high);
    batch.traceLow.set(row, ...facts.low);
    batch.spanId.set(row, ...span.id);
    if (span.parent !== undefined) batch.parentId.set(row, ...span.parent);
    batch.start.setBigint(row, facts.startNs + offset);
    batch.duration.setNumber(row, duration);
    batch.received.setNumber(row, Number((facts.startNs + offset) / 1_000_000n) + 1500);
    batch.source[row] = 1;
    const service = SERVICES[span.service]!;
    const shape = span.isEntry
      ? 'http'
      : (['sql', 'aws', 'custom', 'cache'] as const)[random.below(4)]!;
    const text = (key: string, value: string): void =>
      batch.meta.appendText(batch.meta.keys.internText(key), value);
    const number = (key: string, value: number): void =>
      batch.metrics.append(batch.metrics.keys.internText(key), value);
    const column = (target: typeof batch.service, value: string): void => {
      target.data[row] = target.table.internText(value);
    };
    column(batch.service, service);
    column(batch.env, facts.env);
    column(batch.version, facts.version);
    text('env', facts.env);
    text('version', facts.version);
    text('component', shape === 'http' ? 'http' : shape);
    text('language', span.service % 3 === 0 ? 'python' : 'javascript');
    text('host.name', `ip-10-0-${span.service}-${random.below(12)}`);
    text('runtime-id', `${service}-${random.below(12)}-8f3b0c5e9a7d4b21`);
    text('customer.id', facts.customer);
    number('process_id', 100 + span.service);
    const path = PATHS[random.below(PATHS.length)]!;
    switch (shape) {
      case 'http': {
        const method = METHODS[random.below(METHODS.length)]!;
        const failed = random.chance(0.02);
        const status = failed ? 500 : random.chance(0.03) ? 404 : 200;
        column(batch.name, 'web.request');
        column(batch.resource, `${method} /${path}/:id`);
        column(batch.type, 'web');
        batch.kind[row] = 2;
        batch.flags[row] = 1;
        column(batch.httpMethod, method);
        batch.httpStatus[row] = status;
        text('http.method', method);
        text('http.route', `/${path}/:id`);
        text('http.url', `https://shop.example/${path}/${random.hex(2)}?user=${facts.user}`);
        text('http.status_code', String(status));
        text('http.useragent', `Mozilla/5.0 (device ${random.skewed(40)})`);
        text('user.id', facts.user);
        text('request_id', `${random.hex(1)}-${random.hex(1)}-${random.hex(2)}`);
        text('span.kind', 'server');
        number('_dd.top_level', 1);
        number('http.response.content_length', random.skewed(90_000));
        if (failed) {
          batch.error[row] = 1;
          const type = ERRORS[random.below(ERRORS.length)]!;
          text('error.type', type);
          text(
            'error.message',
            `${type}: no answer from ${PATHS[random.below(PATHS.length)]} in time`,
          );
          text('error.stack', `${type}\n${STACK}`);
        }
        break;
      }
      case 'sql': {
        const table = TABLES[random.below(TABLES.length)]!;
        column(batch.name, 'postgres.query');
        column(batch.resource, `SELECT * FROM ${table} WHERE id = $1`);
        column(batch.type, 'sql');
        batch.kind[row] = 3;
        text('db.type', 'postgres');
        text('db.name', 'shop');
        text('db.user', service);
        text('out.host', `db-${random.below(3)}.internal`);
        text('span.kind', 'client');
        number('db.row_count', random.skewed(200));
        number('network.destination.port', 5432);
        break;
      }
      case 'aws': {
        const table = TABLES[random.below(TABLES.length)]!;
        column(batch.name, 'aws.request');
        column(batch.resource, `UpdateItem ${table}`);
        column(batch.type, 'http');
        batch.kind[row] = 3;
        column(batch.region, 'eu-west-1');
        text('region', 'eu-west-1');
        text('aws.operation', 'UpdateItem');
        text('tablename', table);
        text('aws.request_id', random.hex(4).toUpperCase());
        text('span.kind', 'client');
        text('http.status_code', '200');
        batch.httpStatus[row] = 200;
        number('aws.retries', 0);
        break;
      }
      case 'cache': {
        column(batch.name, 'redis.command');
        column(batch.resource, 'GET');
        column(batch.type, 'redis');
        batch.kind[row] = 3;
        text('redis.raw_command', `GET cart:${facts.user}`);
        text('out.host', 'cache-1.internal');
        text('span.kind', 'client');
        number('redis.args_length', 2);
        break;
      }
      case 'custom': {
        column(batch.name, `${path}.step`);
        column(batch.resource, `${path}.step`);
        column(batch.type, 'custom');
        batch.kind[row] = 1;
        text('order.id', facts.order);
        text('step', String(random.below(20)));
        number('items', random.skewed(30));
      }
    }
    if (span.index === 0) {
      text('_dd.p.dm', '-1');
      text('_dd.p.tid', facts.high[0].toString(16) + '00000000');
      number('_sampling_priority_v1', 1);
      number('_dd.agent_psr', 1);
    }
    batch.priority[row] = 1;
    batch.endRow();
  }
}
