import { ByteWriter } from '@spanloom/base/byte-writer';
import type { SpanSink } from '../sink/span-sink.ts';
import type { OtlpAttributes } from './otlp-attributes.ts';
import { SLOT } from './semantic-keys.ts';

/** Kinds by their numbers on the wire. */
export const KIND = {
  unspecified: 0,
  internal: 1,
  server: 2,
  client: 3,
  producer: 4,
  consumer: 5,
} as const;

/** The span's own name: a range of the payload. */
export interface NameRange {
  readonly start: number;
  readonly end: number;
}

const HTTP_SERVER = Buffer.from('http.server.request');
const HTTP_CLIENT = Buffer.from('http.client.request');
const SERVER = Buffer.from('server.request');
const CLIENT = Buffer.from('client.request');
const GRAPHQL = Buffer.from('graphql.server.request');
const AWS_CLIENT = Buffer.from('aws.client.request');
const AWS_LAMBDA = Buffer.from('aws.lambda');
const KIND_NAMES = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'].map(
  (kind) => Buffer.from(kind),
);

const SQL_SYSTEMS: ReadonlySet<string> = new Set([
  'sql',
  'other_sql',
  'mysql',
  'postgresql',
  'mssql',
  'microsoft.sql_server',
  'oracle',
  'oracle.db',
  'db2',
  'ibm.db2',
  'mariadb',
  'sqlite',
  'cockroachdb',
  'hsqldb',
  'h2',
  'h2database',
  'derby',
  'firebird',
  'firebirdsql',
  'hive',
  'cloudscape',
  'hanadb',
  'sap.hana',
  'ingres',
  'actian.ingres',
  'maxdb',
  'sap.maxdb',
  'pervasive',
  'pointbase',
  'redshift',
  'aws.redshift',
  'snowflake',
  'spanner',
  'gcp.spanner',
  'sybase',
  'teradata',
  'vertica',
  'trino',
  'clickhouse',
]);

const OWN_TYPES: ReadonlySet<string> = new Set([
  'elasticsearch',
  'opensearch',
  'mongodb',
  'cassandra',
]);

/** Gives OTLP spans the operation, resource and type by which Datadog's own are known. Made of bytes: no strings per span. */
export class SpanNames {
  readonly #sink: SpanSink;
  readonly #attributes: OtlpAttributes;
  readonly #bytes: Uint8Array;
  readonly #text: ByteWriter = new ByteWriter(256);
  readonly #typeOfSystem = new Map<string, Buffer>();

  constructor(sink: SpanSink, attributes: OtlpAttributes, bytes: Uint8Array) {
    this.#sink = sink;
    this.#attributes = attributes;
    this.#bytes = bytes;
  }

  /** @param isInvocation Whether the span is a whole invocation of a Lambda function. */
  setOperation(kind: number, isInvocation: boolean): void {
    const a = this.#attributes;
    const server = kind === KIND.server;
    const client = kind === KIND.client;
    if (this.#setFrom(SLOT['datadog.name']) || this.#setFrom(SLOT['operation.name'])) return;
    if (isInvocation) return this.#setName(AWS_LAMBDA);
    if ((server || client) && this.#httpMethod() > 0)
      return this.#setName(server ? HTTP_SERVER : HTTP_CLIENT);
    const system = this.#first(SLOT['db.system.name'], SLOT['db.system']);
    if (client && system > 0) return this.#compose([system, '.query']);
    const operation = this.#messagingOperation();
    if (kind >= KIND.server && operation > 0 && a.hasText(SLOT['messaging.system'])) {
      return this.#compose([SLOT['messaging.system'], '.', operation]);
    }
    const rpc = SLOT['rpc.system'];
    if ((server || client) && a.hasText(rpc)) {
      if (client && a.string(rpc) === 'aws-api') {
        if (a.hasText(SLOT['rpc.service']))
          return this.#compose(['aws.', SLOT['rpc.service'], '.request']);
        return this.#setName(AWS_CLIENT);
      }
      return this.#compose([rpc, client ? '.client.request' : '.server.request']);
    }
    const provider = SLOT['faas.invoked_provider'];
    const invoked = SLOT['faas.invoked_name'];
    if (client && a.hasText(provider) && a.hasText(invoked))
      return this.#compose([provider, '.', invoked, '.invoke']);
    if (server && a.hasText(SLOT['faas.trigger']))
      return this.#compose([SLOT['faas.trigger'], '.invoke']);
    if (a.hasText(SLOT['graphql.operation.type'])) return this.#setName(GRAPHQL);
    if (server || client) {
      const protocol = SLOT['network.protocol.name'];
      if (a.hasText(protocol))
        return this.#compose([protocol, client ? '.client.request' : '.server.request']);
      return this.#setName(client ? CLIENT : SERVER);
    }
    this.#setName(KIND_NAMES[kind] ?? KIND_NAMES[0]!);
  }

  /** @returns Whether the resource is the span's own name. */
  setResource(kind: number, name: NameRange): boolean {
    const a = this.#attributes;
    const explicit = this.#first(SLOT['datadog.resource'], SLOT['resource.name']);
    if (explicit > 0) return this.#resource([explicit]);
    const method = this.#httpMethod();
    if (method > 0) {
      const verb = a.string(method) === '_OTHER' ? 'HTTP' : method;
      const route = SLOT['http.route'];
      return this.#resource(kind === KIND.server && a.hasText(route) ? [verb, ' ', route] : [verb]);
    }
    const operation = this.#messagingOperation();
    if (operation > 0) {
      const destination = this.#first(
        SLOT['messaging.destination.name'],
        SLOT['messaging.destination'],
      );
      return this.#resource(destination > 0 ? [operation, ' ', destination] : [operation]);
    }
    if (a.hasText(SLOT['rpc.method'])) {
      const service = SLOT['rpc.service'];
      return this.#resource(
        a.hasText(service) ? [SLOT['rpc.method'], ' ', service] : [SLOT['rpc.method']],
      );
    }
    if (a.hasText(SLOT['graphql.operation.type'])) {
      const graphql = SLOT['graphql.operation.name'];
      const type = SLOT['graphql.operation.type'];
      return this.#resource(a.hasText(graphql) ? [type, ' ', graphql] : [type]);
    }
    const statement = this.#first(SLOT['db.statement'], SLOT['db.query.text']);
    if (statement > 0) return this.#resource([statement]);
    this.#sink.setResource(this.#bytes, name.start, name.end);
    return true;
  }

  setType(kind: number, isInvocation: boolean): void {
    const a = this.#attributes;
    const stated = SLOT['datadog.type'];
    // Many of Datadog's own spans have no type, and say so with an empty one.
    const explicit = a.states(stated) ? stated : this.#first(SLOT['span.type'], 0);
    if (explicit > 0) return this.#sink.setType(this.#bytes, a.start(explicit), a.end(explicit));
    let type: Buffer = TYPES.custom;
    if (isInvocation) type = TYPES.serverless;
    else if (kind === KIND.server) type = TYPES.web;
    else if (kind === KIND.client) {
      const system = this.#first(SLOT['db.system.name'], SLOT['db.system']);
      type = system > 0 ? this.#databaseType(a.string(system)) : TYPES.http;
    }
    this.#sink.setType(type, 0, type.length);
  }

  #httpMethod(): number {
    return this.#first(SLOT['http.request.method'], SLOT['http.method']);
  }

  #messagingOperation(): number {
    return (
      this.#first(SLOT['messaging.operation.type'], SLOT['messaging.operation']) ||
      this.#first(SLOT['messaging.operation.name'], 0)
    );
  }

  #databaseType(system: string): Buffer {
    let type = this.#typeOfSystem.get(system);
    if (type === undefined) {
      if (system === 'redis' || system === 'memcached') type = TYPES.cache;
      else if (SQL_SYSTEMS.has(system)) type = TYPES.sql;
      else if (OWN_TYPES.has(system)) type = Buffer.from(system);
      else type = TYPES.db;
      this.#typeOfSystem.set(system, type);
    }
    return type;
  }

  /** The first slot that has text, 0 when neither has. */
  #first(slot: number, other: number): number {
    if (this.#attributes.hasText(slot)) return slot;
    return other > 0 && this.#attributes.hasText(other) ? other : 0;
  }

  #setFrom(slot: number): boolean {
    if (!this.#attributes.hasText(slot)) return false;
    this.#sink.setName(this.#bytes, this.#attributes.start(slot), this.#attributes.end(slot));
    return true;
  }

  #setName(name: Buffer): void {
    this.#sink.setName(name, 0, name.length);
  }

  #compose(parts: readonly (number | string)[]): void {
    this.#write(parts);
    this.#sink.setName(this.#text.bytes, 0, this.#text.length);
  }

  #resource(parts: readonly (number | string)[]): false {
    this.#write(parts);
    this.#sink.setResource(this.#text.bytes, 0, this.#text.length);
    return false;
  }

  /** Puts slots and literals one after another. */
  #write(parts: readonly (number | string)[]): void {
    const out = this.#text;
    out.clear();
    for (const part of parts) {
      if (typeof part === 'string') {
        for (let i = 0; i < part.length; i++) out.u8(part.charCodeAt(i));
      } else {
        out.raw(this.#bytes.subarray(this.#attributes.start(part), this.#attributes.end(part)));
      }
    }
  }
}

const TYPES = {
  web: Buffer.from('web'),
  http: Buffer.from('http'),
  custom: Buffer.from('custom'),
  serverless: Buffer.from('serverless'),
  cache: Buffer.from('cache'),
  sql: Buffer.from('sql'),
  db: Buffer.from('db'),
} as const;
