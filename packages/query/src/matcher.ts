import { joinKey } from '@spanloom/base';
import type { Piece } from './ast.ts';
import { isInNetwork } from './ip-network.ts';
import { pieceMatcher } from './piece-matcher.ts';
import {
  type AttributeTest,
  type Flag,
  FREE_TEXT_ATTRIBUTES,
  type IntegerField,
  type Predicate,
  type TextField,
  type TextTest,
} from './predicate.ts';
import { parseNumber } from './quantity.ts';
import { compileRegex } from './regex.ts';
import { lowerPieces, piecesText } from './scalar.ts';
import type { SpanView } from './span-view.ts';

/** Whether a span is what the query asks for. */
export type SpanTest = (span: SpanView) => boolean;

/**
 * Compiles a predicate to a function over spans in memory: for search within an open trace, and the yardstick that the
 * SQL compiler is tested against.
 */
export function compileMatcher(predicate: Predicate): SpanTest {
  switch (predicate.kind) {
    case 'everything':
      return () => true;
    case 'nothing':
      return () => false;
    case 'and': {
      const tests = predicate.operands.map(compileMatcher);
      return (span) => tests.every((test) => test(span));
    }
    case 'or': {
      const tests = predicate.operands.map(compileMatcher);
      return (span) => tests.some((test) => test(span));
    }
    case 'not': {
      const test = compileMatcher(predicate.operand);
      return (span) => !test(span);
    }
    case 'text': {
      const test = compileTextTest(predicate.test);
      const { field } = predicate;
      return (span) => test(textOf(span, field));
    }
    case 'attribute':
      return compileAttributeTest(predicate.key, predicate.test);
    case 'integer': {
      const { field, min, max } = predicate;
      return (span) => {
        const value = integerOf(span, field);
        if (field === 'httpStatus' && value === 0) return false;
        return (min === undefined || value >= min) && (max === undefined || value <= max);
      };
    }
    case 'flag': {
      const { flag } = predicate;
      return (span) => flagOf(span, flag);
    }
    case 'span-kind': {
      const { values } = predicate;
      return (span) => values.includes(span.kind);
    }
    case 'source': {
      const { values } = predicate;
      return (span) => values.includes(span.source);
    }
    case 'trace': {
      const { id } = predicate;
      const key = joinKey(id);
      return ({ traceId }) =>
        joinKey(traceId) === key && (id.hi === 0n || traceId.hi === 0n || traceId.hi === id.hi);
    }
    case 'span-id': {
      const { field, value } = predicate;
      return (span) => span[field] === value;
    }
    case 'free-text':
      return compileFreeText(predicate.pieces, predicate.everywhere);
  }
}

/** The text of a field; an absent one is ''. */
function textOf(span: SpanView, field: TextField): string {
  if (field === 'httpStatus') return span.httpStatus === 0 ? '' : String(span.httpStatus);
  return span[field];
}

function integerOf(span: SpanView, field: IntegerField): number | bigint {
  return span[field];
}

function flagOf(span: SpanView, flag: Flag): boolean {
  return flag === 'root' ? span.parentId === 0n : span[flag];
}

/** A test of a field's text, where '' is absent: only asking for '' itself finds it. */
function compileTextTest(test: TextTest): (text: string) => boolean {
  switch (test.kind) {
    case 'present':
      return (text) => text !== '';
    case 'equals':
      return (text) => test.values.includes(text);
    default: {
      const inner = compileInnerTest(test);
      return (text) => text !== '' && inner(text);
    }
  }
}

function compileInnerTest(
  test: Exclude<TextTest, { kind: 'present' | 'equals' }>,
): (text: string) => boolean {
  switch (test.kind) {
    case 'like': {
      const matches = pieceMatcher(test.pieces, 'whole');
      return test.fold ? (text) => matches(text.toLowerCase()) : matches;
    }
    case 'regex': {
      const regex = compileRegex(test.pattern);
      return (text) => regex.test(text);
    }
    case 'length': {
      const { min = 0, max = Infinity } = test;
      return (text) => {
        const length = codePoints(text);
        return length >= min && length <= max;
      };
    }
    case 'network':
      return (text) => test.networks.some((network) => isInNetwork(text, network));
  }
}

/** A test of an attribute in either of its forms: an empty text is present, unlike an empty field. */
function compileAttributeTest(key: string, test: AttributeTest): SpanTest {
  switch (test.kind) {
    case 'present':
      return (span) => span.attributes.has(key) || span.metrics.has(key);
    case 'equals':
      return (span) => {
        const text = span.attributes.get(key);
        if (text !== undefined && test.values.includes(text)) return true;
        return test.number !== undefined && span.metrics.get(key) === test.number;
      };
    case 'between':
      return (span) => {
        const number = span.metrics.get(key);
        if (number !== undefined && isBetween(number, test)) return true;
        const text = span.attributes.get(key);
        const parsed = text === undefined ? undefined : parseNumber(text);
        return parsed !== undefined && isBetween(parsed, test);
      };
    case 'length':
    case 'network': {
      const inner = compileInnerTest(test);
      return (span) => {
        const text = span.attributes.get(key);
        return text !== undefined && inner(text);
      };
    }
    default: {
      const inner = compileInnerTest(test);
      return (span) => {
        const text = span.attributes.get(key);
        if (text !== undefined && inner(text)) return true;
        const number = span.metrics.get(key);
        return number !== undefined && inner(String(number));
      };
    }
  }
}

function isBetween(value: number, test: Extract<AttributeTest, { kind: 'between' }>): boolean {
  const { low, high } = test;
  if (low !== undefined && !(low.inclusive ? value >= low.value : value > low.value)) return false;
  return high === undefined || (high.inclusive ? value <= high.value : value < high.value);
}

function compileFreeText(pieces: readonly Piece[], everywhere: boolean): SpanTest {
  const contains = pieceMatcher(lowerPieces(pieces), 'part');
  const key = piecesText(pieces);
  return (span) => {
    if (contains(span.resource.toLowerCase())) return true;
    if (contains(span.name.toLowerCase())) return true;
    if (contains(span.service.toLowerCase())) return true;
    if (key !== undefined && (span.attributes.has(key) || span.metrics.has(key))) return true;
    if (everywhere) {
      for (const text of span.attributes.values()) if (contains(text.toLowerCase())) return true;
      const number = key === undefined ? undefined : parseNumber(key);
      if (number === undefined) return false;
      for (const value of span.metrics.values()) if (value === number) return true;
      return false;
    }
    return FREE_TEXT_ATTRIBUTES.some((name) => {
      const text = span.attributes.get(name);
      return text !== undefined && contains(text.toLowerCase());
    });
  };
}

/** Length as the database counts it: a surrogate pair is one. */
function codePoints(text: string): number {
  return Array.from(text).length;
}
