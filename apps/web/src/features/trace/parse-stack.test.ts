import { expect, test } from 'vitest';
import { parseStack } from './parse-stack.ts';

test('parseStack() reads Node.js frames and tells libraries from the program', () => {
  const stack = `Error: boom
    at reserveStock (file:///app/src/stock.mjs:48:18)
    at async Client.send (/app/node_modules/@aws-sdk/client/index.js:5:9)
    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)
    at /app/src/index.mjs:21:9`;
  expect(parseStack(stack)).toEqual([
    { function: 'reserveStock', location: '/app/src/stock.mjs:48:18', library: false },
    {
      function: 'Client.send',
      location: '/app/node_modules/@aws-sdk/client/index.js:5:9',
      library: true,
    },
    {
      function: 'process.processTicksAndRejections',
      location: 'node:internal/process/task_queues:95:5',
      library: true,
    },
    { function: '(anonymous)', location: '/app/src/index.mjs:21:9', library: false },
  ]);
});

test('parseStack() turns Python tracebacks innermost first', () => {
  const stack = `Traceback (most recent call last):
  File "/app/main.py", line 10, in handler
    charge(order)
  File "/usr/lib/python3/site-packages/stripe/api.py", line 3, in charge
    raise CardError()
stripe.CardError: declined`;
  expect(parseStack(stack)).toEqual([
    {
      function: 'charge',
      location: '/usr/lib/python3/site-packages/stripe/api.py:3',
      library: true,
    },
    { function: 'handler', location: '/app/main.py:10', library: false },
  ]);
});

test('parseStack() reads Java, Go and .NET', () => {
  expect(
    parseStack(
      'java.lang.IllegalStateException: x\n\tat com.shop.Pay.charge(Pay.java:12)\n\tat java.base/java.lang.Thread.run(Thread.java:1)',
    )[0],
  ).toEqual({
    function: 'com.shop.Pay.charge',
    location: 'Pay.java:12',
    library: false,
  });
  expect(
    parseStack('goroutine 1 [running]:\nmain.charge(0xc0000)\n\t/src/main.go:14 +0x1d\n'),
  ).toEqual([{ function: 'main.charge', location: '/src/main.go:14', library: false }]);
  expect(parseStack('   at Shop.Pay.Charge(Order o) in /src/Pay.cs:line 8')).toEqual([
    { function: 'Shop.Pay.Charge(Order o)', location: '/src/Pay.cs:8', library: false },
  ]);
});

test('parseStack() finds nothing in prose', () => {
  expect(parseStack('the disk was full')).toEqual([]);
});
