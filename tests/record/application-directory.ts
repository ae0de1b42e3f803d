import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '../clients.ts';
import { programDirectory } from '../clients.ts';
import { repository } from '../runtimes.ts';

/** Where recorded programs run, so that stack traces in their payloads name a place that says nothing. */
const applicationDirectory = '/srv/app';

/**
 * Copies of the client programs and their npm packages under `/srv/app`, removed when disposed.
 *
 * Packages are hard links: a symbolic link would be followed, and its target is what a stack trace shows.
 */
export class ApplicationDirectory implements Disposable {
  constructor() {
    if (existsSync(applicationDirectory)) {
      throw new Error(`Cannot record: ${applicationDirectory} exists already; remove it first`);
    }
    mkdirSync(applicationDirectory, { recursive: true });
    linkTree(join(repository, 'node_modules'), join(applicationDirectory, 'node_modules'));
  }

  /** The folder from which the program of `client` runs. */
  copyOf(client: Client): string {
    const copy = join(applicationDirectory, client.program);
    cpSync(programDirectory(client), copy, { recursive: true });
    // Packages that npm placed under the workspace, because another version has the place at the top.
    const own = join(repository, 'tests', 'node_modules');
    if (existsSync(own) && !existsSync(join(copy, 'node_modules'))) {
      linkTree(own, join(copy, 'node_modules'));
    }
    return copy;
  }

  [Symbol.dispose](): void {
    rmSync(applicationDirectory, { recursive: true, force: true });
  }
}

function linkTree(from: string, to: string): void {
  execFileSync('cp', ['--archive', '--link', from, to]);
}
