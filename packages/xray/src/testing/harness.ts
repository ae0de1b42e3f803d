import type { XRayRegionStatus } from '@spanloom/contract';
import { newOutcome, type DecodeOutcome, type IntakeRecord } from '@spanloom/model';
import { MetadataStore } from '@spanloom/metadata';
import { Registry } from 'prom-client';
import { contentHash } from '../content-hash.ts';
import { Crawler, type CrawlerOptions } from '../crawler.ts';
import { scanDocuments } from '../scan-documents.ts';
import type { XRayAccount } from '../xray-account.ts';
import type { XRayCalls } from '../xray-calls.ts';
import { FakeCalls } from './fake-calls.ts';
import { VirtualPacer } from './virtual-pacer.ts';

/** 2026-11-20T12:00:00Z */
export const NOON = 1_795_176_000_000;

/** The account of most tests. */
export const ACCOUNT: XRayAccount = {
  id: '111122223333',
  regions: ['eu-west-1'],
  enabled: true,
  pollSeconds: 60,
};

/** What a record says. */
export interface Written {
  readonly trace_id: string;
  readonly account: string;
  readonly region: string;
  readonly env: string;
  readonly state: string;
  readonly documents: readonly string[];
}

/** A crawler with time, AWS and a store that a test owns. */
export class Harness implements AsyncDisposable {
  readonly pacer: VirtualPacer;
  readonly aws: Map<string, FakeCalls> = new Map();
  readonly written: Written[] = [];
  /** For each of these, how often the process had been killed before. */
  readonly runs: number[] = [];
  /** How long it takes until a record is durable, and how long after that its sender hears of it. */
  storeMs = 0;
  ackMs = 0;
  #run = 0;
  #alive = new AbortController();
  readonly messages: string[] = [];
  readonly registry: Registry = new Registry();
  metadata: MetadataStore;
  crawler: Crawler;
  /** What the store does with a record. */
  accept: (record: IntakeRecord) => Promise<DecodeOutcome> = async () => ({
    ...newOutcome(),
    traces: 1,
    spans: 1,
  });
  readonly #options: Partial<CrawlerOptions>;
  readonly #path: string;

  private constructor(
    metadata: MetadataStore,
    pacer: VirtualPacer,
    path: string,
    options: Partial<CrawlerOptions>,
  ) {
    this.metadata = metadata;
    this.pacer = pacer;
    this.#path = path;
    this.#options = options;
    this.crawler = this.#crawler();
  }

  static async open(
    options: Partial<CrawlerOptions> & {
      readonly path?: string;
      readonly seed?: number;
      readonly now?: number;
    } = {},
  ): Promise<Harness> {
    const { path = ':memory:', seed = 1, now = NOON, ...rest } = options;
    const pacer = new VirtualPacer(now, seed);
    const metadata = await MetadataStore.open(path, { clock: pacer });
    return new Harness(metadata, pacer, path, rest);
  }

  /** X-Ray of a region. */
  region(name = 'eu-west-1'): FakeCalls {
    let calls = this.aws.get(name);
    if (calls === undefined) {
      calls = new FakeCalls(() => this.pacer.now());
      this.aws.set(name, calls);
    }
    return calls;
  }

  status(region = 'eu-west-1'): XRayRegionStatus {
    return this.crawler.status().find((one) => one.region === region)!;
  }

  /** The last version of each trace that was written. */
  get stored(): ReadonlyMap<string, Written> {
    return new Map(this.written.map((one) => [one.trace_id, one]));
  }

  /** Writes that brought nothing new though the process that made them had written the same before. */
  get needless(): readonly string[] {
    const last = new Map<string, string>();
    return this.written.flatMap((one, index) => {
      const version = JSON.stringify([
        this.runs[index],
        one.state,
        contentHash(scanDocuments(one.documents).documents),
      ]);
      const same = last.get(one.trace_id) === version;
      last.set(one.trace_id, version);
      return same ? one.trace_id : [];
    });
  }

  /** Ends everything where it is, as kill -9 does, and starts again from what is on disk. */
  async crash(): Promise<void> {
    const old = this.crawler;
    this.#run++;
    this.#alive.abort(new Error('killed'));
    this.#alive = new AbortController();
    await this.metadata[Symbol.asyncDispose]();
    const ended = old[Symbol.asyncDispose]();
    this.metadata = await MetadataStore.open(this.#path, { clock: this.pacer });
    this.crawler = this.#crawler();
    await ended;
    await this.crawler.start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#alive.abort(new Error('the test is over'));
    await this.crawler[Symbol.asyncDispose]();
    await this.metadata[Symbol.asyncDispose]();
  }

  #crawler(): Crawler {
    const alive = this.#alive.signal;
    const crawler: Crawler = new Crawler({
      accounts: [ACCOUNT],
      clock: this.pacer,
      registry: this.registry,
      report: (message) => this.messages.push(message),
      pacer: this.pacer,
      connect: (_, region) => ({
        region,
        maxAttempts: 1,
        credentials: async () => {
          throw Object.assign(new Error('none in tests'), { name: 'CredentialsProviderError' });
        },
        requestHandler: { connectionTimeout: 1, requestTimeout: 1, throwOnRequestTimeout: true },
      }),
      calls: ({ region }): XRayCalls => this.region(region),
      ...this.#options,
      metadata: this.metadata,
      accept: async (record) => {
        if (this.storeMs > 0) await this.pacer.sleep(this.storeMs, alive);
        const outcome = await this.accept(record);
        // What a killed process had under way never happened.
        if (crawler === this.crawler) {
          this.written.push(JSON.parse(new TextDecoder().decode(record.body)) as Written);
          this.runs.push(this.#run);
        }
        // From here on it is durable, and whoever is killed now does not know.
        if (this.ackMs > 0) await this.pacer.sleep(this.ackMs, alive);
        return outcome;
      },
    });
    return crawler;
  }
}
