import type { Command, OptionSpec } from './command.ts';

const FROM_TO = {
  from: {
    type: 'string',
    value: 'TIME',
    help: 'from when: now-15m, 2026-11-20T10:00Z, epoch milliseconds',
  },
  to: { type: 'string', value: 'TIME', help: 'until when (default now)' },
} as const satisfies Record<string, OptionSpec>;

const QUERY = {
  name: 'query',
  required: false,
  help: "such as 'service:checkout status:error'; all spans without one",
};

const ACCOUNT_REGION = {
  account: { type: 'string', value: 'ID', help: 'the account, where several are configured' },
  region: { type: 'string', value: 'REGION', help: 'the region, where several are configured' },
} as const satisfies Record<string, OptionSpec>;

/** Every command, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  {
    name: 'trace',
    summary: 'show one trace as a tree',
    arguments: [
      {
        name: 'id',
        required: true,
        help: 'in any form: hex, decimal, traceparent, X-Ray id or header',
      },
    ],
    options: {
      env: {
        type: 'string',
        value: 'NAME',
        help: 'of traces that share an id, the one of this env',
      },
      hidden: { type: 'boolean', help: 'also spans that are folded into others, with the reason' },
    },
    usesServer: true,
    load: async () => (await import('./commands/trace.ts')).runTrace,
  },
  {
    name: 'query',
    summary: 'search spans',
    arguments: [QUERY],
    options: {
      ...FROM_TO,
      limit: { type: 'string', value: 'N', help: 'how many spans at most (default 50)' },
      sort: { type: 'string', value: 'ORDER', help: 'newest (default) or oldest first' },
    },
    details: 'Without --from the last 15 minutes. With --json a span a line.',
    usesServer: true,
    load: async () => (await import('./commands/query.ts')).runQuery,
  },
  {
    name: 'tail',
    summary: 'show spans as they arrive',
    arguments: [QUERY],
    options: {
      env: { type: 'string', value: 'NAME', help: 'of this environment only' },
      scope: { type: 'string', value: 'SCOPE', help: 'all (default), entry or root spans' },
      backfill: {
        type: 'string',
        value: 'N',
        help: 'begin with this many that are there (default 10)',
      },
      rate: { type: 'string', value: 'N', help: 'at most this many a second, errors first' },
    },
    details:
      'Goes on until Ctrl-C, and connects again when the connection breaks. With --json a span a line.',
    usesServer: true,
    load: async () => (await import('./commands/tail.ts')).runTail,
  },
  {
    name: 'export',
    summary: 'write all spans of a query as JSON lines',
    arguments: [QUERY],
    options: {
      ...FROM_TO,
      out: { type: 'string', value: 'FILE', help: 'the file to write (default: standard output)' },
      limit: { type: 'string', value: 'N', help: 'how many spans at most (default: all)' },
      overwrite: { type: 'boolean', help: 'replace FILE if it is there' },
    },
    details:
      'Oldest first; without --from the last 15 minutes. An export into a file that was interrupted goes on where it stopped when the\n' +
      'same command is given again: how far it came is kept in FILE.resume until it is complete.',
    usesServer: true,
    load: async () => (await import('./commands/export.ts')).runExport,
  },
  {
    name: 'xray status',
    summary: 'show how far AWS X-Ray has been read',
    usesServer: true,
    load: async () => (await import('./commands/xray-status.ts')).runXRayStatus,
  },
  {
    name: 'xray crawl',
    summary: 'read X-Ray now, and follow how it goes',
    options: {
      once: { type: 'boolean', help: 'end when each region has been gone through once' },
    },
    usesServer: true,
    load: async () => (await import('./commands/xray-crawl.ts')).runXRayCrawl,
  },
  {
    name: 'xray backfill',
    summary: 'read an older range of X-Ray',
    options: {
      from: {
        type: 'string',
        value: 'TIME',
        help: 'from when: now-3d, 2026-11-20T10:00Z; X-Ray keeps 30 days',
      },
      to: FROM_TO.to,
      ...ACCOUNT_REGION,
      detach: { type: 'boolean', help: 'do not wait for it to end' },
      follow: { type: 'string', value: 'ID', help: 'follow one that runs already' },
      cancel: { type: 'string', value: 'ID', help: 'cancel one that runs' },
    },
    details: 'Ctrl-C cancels it. What has been read stays.',
    usesServer: true,
    load: async () => (await import('./commands/xray-backfill.ts')).runXRayBackfill,
  },
  {
    name: 'aws policy',
    summary: 'print the least a role needs to be allowed',
    options: {
      format: { type: 'string', value: 'FORMAT', help: 'json (default) or cloudformation' },
      feature: {
        type: 'string',
        multiple: true,
        value: 'FEATURE',
        help: 'xray, transaction-search or kms=KEY-ARN; may be repeated (default xray)',
      },
      'external-id': {
        type: 'string',
        value: 'ID',
        help: 'for the trust policy (default: a new one)',
      },
      principal: {
        type: 'string',
        value: 'ARN',
        help: 'whom the role trusts: what the server runs as',
      },
      account: {
        type: 'string',
        value: 'ID',
        help: 'the account the policy is for (default: any)',
      },
      partition: { type: 'string', value: 'NAME', help: 'aws (default) or aws-cn' },
      'template-url': {
        type: 'string',
        value: 'URL',
        help: 'of the template in S3: print a link that creates the stack',
      },
      region: {
        type: 'string',
        value: 'REGION',
        help: 'where that link creates the stack (default us-east-1)',
      },
    },
    details:
      'Create a role with it:\n' +
      '  spanloom aws policy --format cloudformation --principal ARN --external-id ID > spanloom.yaml\n' +
      '  aws cloudformation deploy --stack-name spanloom --template-file spanloom.yaml --capabilities CAPABILITY_NAMED_IAM',
    usesServer: false,
    load: async () => (await import('./commands/aws-policy.ts')).runAwsPolicy,
  },
  {
    name: 'aws check',
    summary: 'try every call that reading X-Ray needs',
    options: {
      config: {
        type: 'string',
        value: 'FILE',
        help: "the server's configuration file (default SPANLOOM_CONFIG)",
      },
      account: { type: 'string', value: 'ID', help: 'this account only; need not be in the file' },
      region: {
        type: 'string',
        multiple: true,
        value: 'REGION',
        help: 'this region only; may be repeated',
      },
      'role-arn': {
        type: 'string',
        value: 'ARN',
        help: 'the role to assume, for an account that is not in the file',
      },
      'external-id': { type: 'string', value: 'ID', help: 'what that role asks for' },
    },
    details:
      'Calls AWS from here, with the credentials found here: environment, profile, container or instance role. To try it as the server\n' +
      'does, run it where the server runs. Ends with 1 if something that is needed is not allowed.',
    usesServer: false,
    load: async () => (await import('./commands/aws-check.ts')).runAwsCheck,
  },
  {
    name: 'doctor',
    summary: 'look for what is wrong, and say what to do',
    usesServer: true,
    load: async () => (await import('./commands/doctor.ts')).runDoctor,
  },
];
