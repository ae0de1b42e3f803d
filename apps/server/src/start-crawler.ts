import { join } from 'node:path';
import { clientConfig } from '@spanloom/aws';
import type { Clock } from '@spanloom/base';
import type { DemoXRay } from '@spanloom/demo';
import { MetadataStore } from '@spanloom/metadata';
import type { Writer } from '@spanloom/storage';
import { Crawler, type XRayAccount } from '@spanloom/xray';
import type { Registry } from 'prom-client';
import type { Config } from './config.ts';
import type { Log } from './log.ts';
import { toXRayAccount } from './xray-control.ts';

/** How often the demo's X-Ray is listed: a newcomer does not wait a minute. */
const DEMO_POLL_SECONDS = 15;

/** What a crawler needs of the server. */
export interface CrawlerParts {
  readonly config: Config;
  /** The demo's own X-Ray, where the demo runs. */
  readonly demo: DemoXRay | undefined;
  readonly writer: Writer;
  readonly clock: Clock;
  readonly registry: Registry;
  readonly log: Log;
  /** Takes what has to be closed, in reverse order. */
  readonly open: AsyncDisposableStack;
}

/**
 * Makes the crawler of every configured account; undefined when there is none. It reads nothing before it is started.
 * @throws {ConfigError} If an account cannot be read, or the metadata store cannot be opened.
 */
export async function openCrawler(parts: CrawlerParts): Promise<Crawler | undefined> {
  const { config, demo, writer, clock, registry, log, open } = parts;
  const accounts = config.awsAccounts.map(toXRayAccount);
  if (demo !== undefined) accounts.push(demoAccount(demo));
  if (accounts.length === 0) return undefined;
  const metadata = open.use(
    await MetadataStore.open(join(config.dataDir, 'metadata.sqlite'), { clock }),
  );
  return open.use(
    new Crawler({
      accounts,
      metadata,
      accept: (record) => writer.accept(record),
      clock,
      registry,
      report: (message) => log.warn(message),
      connect: (account, region) => {
        const usual = clientConfig(account, region);
        if (demo === undefined || account.id !== demo.account) return usual;
        const { endpoint, accessKeyId, secretAccessKey } = demo;
        return { ...usual, endpoint, credentials: async () => ({ accessKeyId, secretAccessKey }) };
      },
    }),
  );
}

function demoAccount({ account, region }: DemoXRay): XRayAccount {
  return {
    id: account,
    regions: [region],
    env: 'prod',
    enabled: true,
    pollSeconds: DEMO_POLL_SECONDS,
  };
}
