import { describe, expect, test } from 'vitest';
import { isObject, objectsIn, type JsonObject } from '../json.ts';
import { checkDocument } from '../store/check-document.ts';
import { compileTrace } from '../store/compile-trace.ts';
import {
  apiToLambda,
  appSync,
  consumeFromQueue,
  datadogMetadata,
  hostService,
  lambdaAsync,
  lambdaInvocation,
  many,
  publishToTopic,
  sendToQueue,
  stateMachine,
  type Scene,
} from './index.ts';

const at = 1_727_177_156_250;
const scenes: Record<string, Scene> = {
  'API to function': apiToLambda({ at, coldStart: true }),
  'API to throttled function': apiToLambda({ at, outcome: 'throttled' }),
  'API to failed function': apiToLambda({ at, outcome: 'failed' }),
  'API to function in progress': apiToLambda({ at, outcome: 'in-progress' }),
  'OTel-shaped function': apiToLambda({ at, layout: 'otel' }),
  'asynchronous function': lambdaAsync({ at, attempts: ['failed', 'failed', 'ok'] }),
  'state machine': stateMachine({
    at,
    states: [
      { name: 'One', functionName: 'charge' },
      { name: 'Two', functionName: 'charge', outcome: 'failed' },
      { name: 'Three', table: 'ledger' },
    ],
  }),
  GraphQL: appSync({ at }),
  queue: sendToQueue({ at }),
  topic: publishToTopic({ at }),
  'host on EC2': hostService({ at }),
  'host on ECS': hostService({ at, platform: 'ecs' }),
  'host on Fargate': hostService({ at, platform: 'fargate', outcome: 'failed' }),
  'host on Elastic Beanstalk': hostService({ at, platform: 'beanstalk' }),
  'host on EKS': hostService({ at, platform: 'eks' }),
};

function parts(document: JsonObject): JsonObject[] {
  return [document, ...objectsIn(document['subsegments']).flatMap(parts)];
}

/** Origins (or names) of a compiled trace as an indented tree. */
function outline(scene: Scene): string[] {
  const documents = compileTrace(scene.traceId, [...scene.documents]);
  const lines: string[] = [];
  const draw = (document: JsonObject, depth: number): void => {
    const inferred = document['inferred'] === true ? ' (inferred)' : '';
    lines.push(`${'  '.repeat(depth)}${String(document['name'])}${inferred}`);
    for (const child of objectsIn(document['subsegments'])) draw(child, depth + 1);
    for (const other of documents)
      if (other['parent_id'] === document['id']) draw(other, depth + 1);
  };
  const drawSub = new Set(documents.flatMap(parts).map((one) => one['id']));
  for (const document of documents) if (!drawSub.has(document['parent_id'])) draw(document, 0);
  return lines;
}

describe.each(Object.entries(scenes))('%s', (_, scene) => {
  test('X-Ray would take every document', () => {
    for (const document of scene.documents) {
      expect(checkDocument(JSON.stringify(document), at)).toMatchObject({ ok: true });
    }
  });

  test('ids are unique, parents are there, and no field is lost', () => {
    const ids = scene.documents.flatMap((one) => parts(one).map((part) => part['id']));
    expect(new Set(ids).size).toBe(ids.length);
    for (const { parent_id: parent } of scene.documents) {
      if (parent !== undefined) expect(ids).toContain(parent);
    }
    const compiled = new Map(
      compileTrace(scene.traceId, [...scene.documents]).map((one) => [one['id'], one]),
    );
    for (const document of scene.documents) expect(compiled.get(document.id)).toEqual(document);
  });

  test('nothing ends before it begins', () => {
    for (const part of scene.documents.flatMap(parts)) {
      if (part['in_progress'] === true) expect(part).not.toHaveProperty('end_time');
      else expect(Number(part['end_time'])).toBeGreaterThanOrEqual(Number(part['start_time']));
    }
  });
});

test('a cold start behind an API, as one tree', () => {
  expect(outline(scenes['API to function']!)).toEqual([
    'shop-api/prod',
    '  Lambda',
    '    orders-api',
    '      orders-api',
    '        Initialization',
    '        Invocation',
    '          DynamoDB',
    '            orders (inferred)',
    '        Overhead',
  ]);
});

test('a topic hands over to a queue, which links instead of continuing', () => {
  const published = publishToTopic({ at });
  expect(outline(published)).toEqual([
    'checkout',
    '  SNS',
    '    order-events',
    '      SQS',
    '        orders-queue (inferred)',
  ]);
  const consumed = consumeFromQueue({ at: at + 5000, messages: [published.context] });
  expect(consumed.traceId).not.toBe(published.traceId);
  expect(consumed.documents[0]).toMatchObject({
    links: [{ trace_id: published.context.root, id: published.context.parent }],
  });
});

test('a scene continues the trace that it is given', () => {
  const root = '1-66f2a1c4-8f3b0c5e9a7d4b21e6c8f013';
  const scene = apiToLambda({ at, trace: { root, parent: '8a9bacbdcedfe0f1' } });
  expect(scene.documents.map((one) => one.trace_id)).toEqual([root, root, root]);
  expect(scene.documents[0]!['parent_id']).toBe('8a9bacbdcedfe0f1');
});

test("a Datadog library's metadata hangs where its header says", () => {
  const lambda = lambdaInvocation({ at });
  const metadata = datadogMetadata({
    at: at + 20,
    trace: { root: lambda.traceId, parent: lambda.parentInside },
    traceId: '6153737369425722316',
    parentId: '9987766529843781873',
  });
  const [, handler] = compileTrace(lambda.traceId, [...lambda.documents, metadata]);
  const [invocation] = objectsIn(handler!['subsegments']);
  expect(objectsIn(invocation!['subsegments'])).toMatchObject([
    {
      name: 'datadog-metadata',
      metadata: {
        datadog: { trace: { 'trace-id': '6153737369425722316', 'sampling-priority': 1 } },
      },
    },
  ]);
});

describe('many()', () => {
  const window = { from: at, to: at + 60_000 };

  test('is the same for the same seed, and another for another', () => {
    const [first, again, other] = ['a', 'a', 'b'].map((seed) => [...many(50, seed, window)]);
    expect(again).toEqual(first);
    expect(other!.map((one) => one.traceId)).not.toEqual(first!.map((one) => one.traceId));
  });

  test('has as many growing traces as were ordered, and nothing twice', () => {
    const load = [...many(2000, 'load', window)];
    const growing = load.filter((one) => one.steps.length > 1).length;
    // A fifth of those that can grow: the 15 % that are one document cannot.
    expect(growing / load.length).toBeGreaterThan(0.14);
    expect(growing / load.length).toBeLessThan(0.21);
    expect(new Set(load.map((one) => one.traceId)).size).toBe(2000);
    for (const { steps } of load) {
      const whole = steps
        .flatMap((one) => one.documents)
        .filter((one) => one['in_progress'] !== true);
      expect(new Set(whole.map((one) => one.id)).size).toBe(whole.length);
      expect(isObject(whole[0])).toBe(true);
    }
  });
});
