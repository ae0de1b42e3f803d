import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '../runtimes.ts';
import type { Story } from '../story.ts';
import { plainBody } from './plain-body.ts';
import type { RecordedRequest } from './recording-agent.ts';
import { checkNeutral, scrubHeaders } from './scrub.ts';

/** Larger ones would slow every clone for no new knowledge. */
const maxBytes = 64 * 1024;

/** What is written as one fixture. */
export interface Fixture {
  readonly format: string;
  readonly name: string;
  readonly client: string;
  readonly request: RecordedRequest;
  /** What the program says it sent; absent for payloads that carry no spans. */
  readonly story?: Story;
}

/**
 * Writes `fixtures/<format>/<name>.bin` (the body as it came) and `.json` (how it came, and what it should say).
 *
 * @throws {Error} If the body is too large or names the machine it was recorded on.
 */
export function writeFixture({ format, name, client, request, story }: Fixture): void {
  const what = `${format}/${name}`;
  if (request.body.length > maxBytes) {
    throw new Error(`Cannot record ${what}: ${request.body.length} bytes, more than ${maxBytes}`);
  }
  checkNeutral(what, plainBody(request));
  const description = {
    client,
    method: request.method,
    path: request.path,
    headers: scrubHeaders(request),
    bytes: request.body.length,
    ...(story === undefined ? {} : { story }),
  };
  const directory = join(repository, 'fixtures', format);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, `${name}.bin`), request.body);
  writeFileSync(join(directory, `${name}.json`), `${JSON.stringify(description, undefined, 2)}\n`);
  console.log(`${what}: ${request.body.length} bytes`);
}
