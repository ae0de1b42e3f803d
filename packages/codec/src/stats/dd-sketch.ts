import { DecodeError } from '@spanloom/base';
import { ProtobufReader, WIRE } from '../wire/protobuf-reader.ts';

/** Most bins a store may have: real sketches have at most half as many. */
const MOST_BINS = 4_096;

/** How a bin's index relates to values: the tracers differ in it. */
export interface SketchMapping {
  readonly gamma: number;
  readonly indexOffset: number;
  readonly interpolation: 'none' | 'linear' | 'cubic';
}

/** How many values fell into the bin `index`. */
export interface SketchBin {
  readonly index: number;
  readonly count: number;
}

/** A distribution of values in bins whose width grows with the value, so that every value is known to the same percentage. */
export interface DDSketch {
  readonly mapping: SketchMapping;
  /** Lowest index first, no index twice, no empty bins. */
  readonly positive: readonly SketchBin[];
  /** Bins of the negated values. */
  readonly negative: readonly SketchBin[];
  readonly zeroCount: number;
}

/**
 * Reads a DDSketch message as tracers put it into their statistics.
 * @throws {DecodeError} If it is cut short, or states what no sketch can hold.
 * @see docs/formats/client-stats.md
 */
export function decodeDDSketch(bytes: Uint8Array): DDSketch {
  const reader = new ProtobufReader(bytes);
  const end = bytes.length;
  let mapping: SketchMapping | undefined;
  let positive: SketchBin[] = [];
  let negative: SketchBin[] = [];
  let zeroCount = 0;
  while (reader.next(end)) {
    if (reader.field === 1) mapping = readMapping(reader, reader.enter(end));
    else if (reader.field === 2) positive = readStore(reader, reader.enter(end));
    else if (reader.field === 3) negative = readStore(reader, reader.enter(end));
    else if (reader.field === 4) zeroCount = countOf(reader.readDouble(end), reader);
    else reader.skip(end);
  }
  if (mapping === undefined) throw new DecodeError('a sketch without a mapping', end);
  return { mapping, positive, negative, zeroCount };
}

/** Relative accuracy: every value is known to within this part of itself. */
export function sketchAccuracy({ gamma, interpolation }: SketchMapping): number {
  if (interpolation === 'none') return 1 - 2 / (1 + gamma);
  const log = Math.log2(gamma);
  return 1 - 2 / (1 + Math.exp(interpolation === 'linear' ? log : 0.7 * log));
}

/** The value that stands for all values of a bin. */
export function sketchValue(mapping: SketchMapping, index: number): number {
  return lowerBound(mapping, index) * (1 + sketchAccuracy(mapping));
}

/** The sketch as values with their counts, lowest value first: what any other sketch can be filled from. */
export function sketchPoints(
  sketch: DDSketch,
): { readonly value: number; readonly count: number }[] {
  const points = sketch.negative
    .map(({ index, count }) => ({ value: -sketchValue(sketch.mapping, index), count }))
    .toReversed();
  if (sketch.zeroCount > 0) points.push({ value: 0, count: sketch.zeroCount });
  for (const { index, count } of sketch.positive)
    points.push({ value: sketchValue(sketch.mapping, index), count });
  return points;
}

/** The value at a quantile between 0 and 1; undefined when the sketch is empty. */
export function sketchQuantile(sketch: DDSketch, quantile: number): number | undefined {
  const points = sketchPoints(sketch);
  const total = points.reduce((sum, { count }) => sum + count, 0);
  let below = 0;
  for (const { value, count } of points) {
    below += count;
    if (below > quantile * (total - 1)) return value;
  }
  return points.at(-1)?.value;
}

function lowerBound({ gamma, indexOffset, interpolation }: SketchMapping, index: number): number {
  const x = index - indexOffset;
  if (interpolation === 'none') return gamma ** x;
  // Here γ is only a scale: within each power of two the logarithm is approximated by a line or a cubic.
  const scaled = x * Math.log2(gamma);
  const exponent = Math.floor(scaled);
  const fraction = scaled - exponent;
  return 2 ** exponent * (1 + (interpolation === 'linear' ? fraction : inverseCubic(fraction)));
}

/** The `s` in [0, 1) for which A s³ + B s² + C s = `fraction`, by Newton's method: the curve rises all the way. */
function inverseCubic(fraction: number): number {
  const [a, b, c] = [6 / 35, -3 / 5, 10 / 7];
  let s = fraction;
  for (let i = 0; i < 12; i++) {
    s -= (((a * s + b) * s + c) * s - fraction) / ((3 * a * s + 2 * b) * s + c);
  }
  return s;
}

function readMapping(reader: ProtobufReader, end: number): SketchMapping {
  let gamma = 0;
  let indexOffset = 0;
  let interpolation = 0;
  while (reader.next(end)) {
    if (reader.field === 1) gamma = reader.readDouble(end);
    else if (reader.field === 2) indexOffset = reader.readDouble(end);
    else if (reader.field === 3) interpolation = reader.readVarint(end);
    else reader.skip(end);
  }
  if (!Number.isFinite(gamma) || gamma <= 1)
    throw new DecodeError(`a sketch's gamma is ${gamma}, not above 1`, reader.pos);
  if (!Number.isFinite(indexOffset))
    throw new DecodeError(`a sketch's offset is ${indexOffset}`, reader.pos);
  const name = ({ 0: 'none', 1: 'linear', 3: 'cubic' } as const)[interpolation];
  if (name === undefined)
    throw new DecodeError(`sketch interpolation ${interpolation} is not supported`, reader.pos);
  return { gamma, indexOffset, interpolation: name };
}

/** Reads a store: single bins and a run of bins; counts for the same index add up. */
function readStore(reader: ProtobufReader, end: number): SketchBin[] {
  const counts = new Map<number, number>();
  const run: number[] = [];
  let runStart = 0;
  while (reader.next(end)) {
    if (reader.field === 1) readBin(reader, reader.enter(end), counts);
    else if (reader.field === 2) readRun(reader, end, run);
    else if (reader.field === 3) runStart = reader.readSint32(end);
    else reader.skip(end);
    if (counts.size + run.length > MOST_BINS) {
      throw new DecodeError(`a sketch has more than ${MOST_BINS} bins`, reader.pos);
    }
  }
  run.forEach((count, i) => counts.set(runStart + i, (counts.get(runStart + i) ?? 0) + count));
  return Array.from(counts, ([index, count]) => ({ index, count }))
    .filter(({ count }) => count > 0)
    .toSorted((a, b) => a.index - b.index);
}

function readBin(reader: ProtobufReader, end: number, counts: Map<number, number>): void {
  let index = 0;
  let count = 0;
  while (reader.next(end)) {
    if (reader.field === 1) index = reader.readSint32(end);
    else if (reader.field === 2) count = countOf(reader.readDouble(end), reader);
    else reader.skip(end);
  }
  counts.set(index, (counts.get(index) ?? 0) + count);
}

/** Doubles, packed or one by one. */
function readRun(reader: ProtobufReader, end: number, run: number[]): void {
  if (reader.wire === WIRE.fixed64) {
    run.push(countOf(reader.readDouble(end), reader));
    return;
  }
  const runEnd = reader.enter(end);
  if (runEnd - reader.pos > MOST_BINS * 8)
    throw new DecodeError(`a sketch has more than ${MOST_BINS} bins`, reader.pos);
  reader.wire = WIRE.fixed64;
  while (reader.pos < runEnd) run.push(countOf(reader.readDouble(runEnd), reader));
}

function countOf(value: number, reader: ProtobufReader): number {
  if (Number.isFinite(value) && value >= 0) return value;
  throw new DecodeError(`a sketch counts ${value} values`, reader.pos);
}
