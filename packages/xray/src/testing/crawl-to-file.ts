// A crawler in a process of its own, for tests that kill it: reads a local X-Ray once and appends what it reads to a file.
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { clientConfig } from '@spanloom/aws';
import { systemClock } from '@spanloom/base';
import { MetadataStore } from '@spanloom/metadata';
import { newOutcome } from '@spanloom/model';
import { Registry } from 'prom-client';
import { Crawler } from '../crawler.ts';
import { DEFAULT_LIMITS } from '../crawl-limits.ts';

const [endpoint, folder] = process.argv.slice(2);
if (endpoint === undefined || folder === undefined) {
  console.error('usage: crawl-to-file.ts ENDPOINT FOLDER');
  process.exit(2);
}

await using metadata = await MetadataStore.open(join(folder, 'metadata.sqlite'), {
  clock: systemClock,
});
await using file = await open(join(folder, 'records.jsonl'), 'a');
await using crawler = new Crawler({
  accounts: [{ id: '111122223333', regions: ['eu-west-1'], enabled: true, pollSeconds: 60 }],
  metadata,
  accept: async ({ body }) => {
    await file.appendFile(`${new TextDecoder().decode(body)}\n`);
    await file.datasync();
    return newOutcome();
  },
  clock: systemClock,
  registry: new Registry(),
  report: console.error,
  limits: { rates: { ...DEFAULT_LIMITS.rates, GetTraceSummaries: 50, BatchGetTraces: 100 } },
  connect: (account, region) => ({
    ...clientConfig(account, region),
    endpoint,
    credentials: async () => ({ accessKeyId: account.id, secretAccessKey: 'any' }),
  }),
});
const results = await crawler.runOnce(AbortSignal.timeout(60_000));
for (const { problem } of results) if (problem !== undefined) throw new Error(problem);
