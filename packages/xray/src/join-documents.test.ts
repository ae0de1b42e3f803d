import { expect, test } from 'vitest';
import { joinDocuments } from './join-documents.ts';

const running = '{"id":"a","start_time":1,"in_progress":true}';
const endless = '{"id":"a","start_time":1}';
const finished = '{"id":"a","start_time":1,"end_time":2}';
const other = '{"id":"b","start_time":1,"end_time":2}';

test.each([
  ['another segment', [finished], [other], [finished, other], [other]],
  ['the same segment', [finished], [finished], [finished], []],
  [
    'a finished version of one in progress',
    [running, other],
    [finished],
    [finished, other],
    [finished],
  ],
  ['a finished version of one without an end', [endless], [finished], [finished], [finished]],
  ['an unfinished version of a finished one', [finished], [running], [finished], []],
  ['another unfinished version', [running], [endless], [running], []],
  ['what is no segment', ['{', finished], ['{', '7'], ['{', finished, '7'], ['7']],
  ['nothing', [finished], [], [finished], []],
])('joinDocuments() with %s', (_, own, others, documents, added) => {
  expect(joinDocuments(own, others)).toEqual({ documents, added });
});
