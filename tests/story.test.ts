import { expect, test } from 'vitest';
import { parseStory } from './story.ts';

test('parseStory() takes the last story, whatever a tracer writes around it', () => {
  const output = [
    'DATADOG TRACER CONFIGURATION - {"date":"2026-11-20"}',
    '{"trace_id":"aa","spans":[]}',
    '{ not JSON',
    '{"spans": [], "trace_id": "bb"}',
    'DATADOG TRACER INTEGRATIONS LOADED - ["net"]',
    '',
  ].join('\n');
  expect(parseStory(output).trace_id).toBe('bb');
});

test('parseStory() shows what there was when there is no story', () => {
  expect(() => parseStory('Segmentation fault\n')).toThrow(
    'Cannot find a story in the program\'s output: "Segmentation fault\\n"',
  );
});
