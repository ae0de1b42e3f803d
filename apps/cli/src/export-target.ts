import { existsSync } from 'node:fs';
import { type FileHandle, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { BadRequestError, isJsonObject, systemClock } from '@spanloom/base';
import { parseTimeBound } from '@spanloom/contract';
import type { Call } from './command.ts';
import { countOf } from './format-values.ts';
import type { Output } from './output.ts';
import { UsageError } from './usage-error.ts';

/** What was asked for, as typed. */
export interface ExportOrder {
  readonly query: string;
  readonly from: string;
  readonly to: string;
  readonly limit: number | null;
}

/** How far an export came: what `FILE.resume` holds. */
interface Place {
  readonly order: ExportOrder;
  /** Epoch milliseconds. */
  readonly range: { readonly from: number; readonly to: number };
  readonly cursor: string | undefined;
  readonly spans: number;
  readonly bytes: number;
}

/** Where exported spans go: a file that can be gone on with, or standard output. */
export class ExportTarget {
  readonly path: string | undefined;
  readonly #file: FileHandle | undefined;
  readonly #output: Output;
  #place: Place;

  constructor(place: Place, sink: { path?: string; file?: FileHandle; output: Output }) {
    this.#place = place;
    this.path = sink.path;
    this.#file = sink.file;
    this.#output = sink.output;
  }

  get order(): ExportOrder {
    return this.#place.order;
  }
  get range(): Place['range'] {
    return this.#place.range;
  }
  get cursor(): string | undefined {
    return this.#place.cursor;
  }
  get spans(): number {
    return this.#place.spans;
  }
  get bytes(): number {
    return this.#place.bytes;
  }

  /** Writes one page. A page that is half written when the machine stops is cut off when the export goes on. */
  async append(lines: string, spans: number, cursor: string | undefined): Promise<void> {
    const bytes = Buffer.from(lines);
    if (this.#file === undefined) {
      if (lines !== '') await this.#output.line(lines.slice(0, -1));
    } else {
      await this.#file.write(bytes, 0, bytes.length, this.#place.bytes);
      await this.#file.datasync();
    }
    this.#place = {
      ...this.#place,
      cursor,
      spans: this.#place.spans + spans,
      bytes: this.#place.bytes + bytes.length,
    };
    if (this.path !== undefined) await savePlace(this.path, this.#place);
  }

  /** Nothing is left to go on with. */
  async complete(): Promise<void> {
    if (this.path !== undefined) await rm(resumeFile(this.path), { force: true });
  }

  async close(): Promise<void> {
    await this.#file?.close();
  }
}

/**
 * Opens what `--out` names, where an interrupted export stopped if it was the same one.
 * @throws {UsageError} If there is a file that this would overwrite.
 */
export async function openExport(call: Call, order: ExportOrder): Promise<ExportTarget> {
  const { output } = call;
  const path = call.option('out');
  const fresh: Place = {
    order,
    range: readRange(order),
    cursor: undefined,
    spans: 0,
    bytes: 0,
  };
  if (path === undefined) return new ExportTarget(fresh, { output });
  if (call.flag('overwrite')) await rm(resumeFile(path), { force: true });
  const earlier = await readPlace(path);
  if (earlier !== undefined && existsSync(path)) {
    if (JSON.stringify(earlier.order) !== JSON.stringify(order)) {
      throw new UsageError(
        `${path} holds an unfinished export of another query or range. Give that one again to go on with it, or --overwrite to replace it`,
      );
    }
    const file = await open(path, 'r+');
    await file.truncate(earlier.bytes);
    output.note(`Going on after ${countOf(earlier.spans, 'span')}`);
    return new ExportTarget(earlier, { path, file, output });
  }
  if (existsSync(path) && !call.flag('overwrite')) {
    throw new UsageError(`${path} is there already; give --overwrite to replace it`);
  }
  const file = await open(path, 'w');
  await savePlace(path, fresh);
  return new ExportTarget(fresh, { path, file, output });
}

function resumeFile(path: string): string {
  return `${path}.resume`;
}

async function savePlace(path: string, place: Place): Promise<void> {
  const next = `${resumeFile(path)}.new`;
  await writeFile(next, JSON.stringify(place));
  await rename(next, resumeFile(path));
}

async function readPlace(path: string): Promise<Place | undefined> {
  if (!existsSync(resumeFile(path))) return undefined;
  try {
    const value: unknown = JSON.parse(await readFile(resumeFile(path), 'utf8'));
    if (isPlace(value)) return value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new UsageError(
    `${resumeFile(path)} cannot be read as the place of an unfinished export; give --overwrite to begin anew`,
  );
}

function isPlace(value: unknown): value is Place {
  return (
    isJsonObject(value) &&
    typeof value['spans'] === 'number' &&
    typeof value['bytes'] === 'number' &&
    isJsonObject(value['order']) &&
    isJsonObject(value['range']) &&
    typeof value['range']['from'] === 'number' &&
    typeof value['range']['to'] === 'number'
  );
}

/** @throws {UsageError} If an end is no time. */
function readRange(order: ExportOrder): { from: number; to: number } {
  const now = systemClock.now();
  try {
    const from = parseTimeBound(order.from, now);
    const to = parseTimeBound(order.to, now);
    return from <= to ? { from, to } : { from: to, to: from };
  } catch (error) {
    if (error instanceof BadRequestError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}
