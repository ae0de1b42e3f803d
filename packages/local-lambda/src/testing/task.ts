import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { FunctionOptions } from '../function-options.ts';
import type { LogLine } from '../log-lines.ts';
import { startFunction, type LocalFunction } from '../start-function.ts';
import type { TelemetryEvent } from '../telemetry-event.ts';

/** A folder with the given files, gone when the test is. */
export function taskFolder(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'local-lambda-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    const file = join(folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return folder;
}

/** A function of one test: shut down at its end, with all that it logged and all of its platform events. */
export interface TestFunction {
  readonly local: LocalFunction;
  readonly taskRoot: string;
  readonly lines: LogLine[];
  readonly events: TelemetryEvent[];
}

/** Starts a function whose code is `code` as `index.mjs`. Further files lie beside it. */
export async function testFunction(
  code: string,
  options: Partial<FunctionOptions> & { readonly files?: Readonly<Record<string, string>> } = {},
): Promise<TestFunction> {
  const { files = {}, ...rest } = options;
  const taskRoot = taskFolder({ 'index.mjs': code, ...files });
  const lines: LogLine[] = [];
  const events: TelemetryEvent[] = [];
  const local = await startFunction({
    taskRoot,
    handler: 'index.handler',
    timeoutMs: 20_000,
    onLog: (line) => lines.push(line),
    onTelemetry: (event) => events.push(event),
    ...rest,
  });
  onTestFinished(() => local.shutdown());
  return { local, taskRoot, lines, events };
}

/** The texts of the lines of one source. */
export function textsOf(lines: readonly LogLine[], source?: LogLine['source']): string[] {
  return lines
    .filter((line) => source === undefined || line.source === source)
    .map((one) => one.text);
}
