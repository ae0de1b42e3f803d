import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { STSClient } from '@aws-sdk/client-sts';
import { XRayClient } from '@aws-sdk/client-xray';
import { onTestFinished } from 'vitest';
import { LocalXRay, type LocalXRayOptions } from '../local-xray.ts';

/** The account and region of tests that need no other. */
export const account = '111122223333';
export const region = 'eu-west-1';

/** A clock that stands still until it is moved. */
export class TestClock {
  ms: number;

  constructor(ms: number) {
    this.ms = ms;
  }

  readonly now = (): number => this.ms;

  advance(ms: number): void {
    this.ms += ms;
  }
}

/** 2024-09-24T11:25:56Z */
export const noon = 1_727_177_156_000;

/** A service that is gone when the test is. */
export async function startXRay(options: LocalXRayOptions = {}): Promise<LocalXRay> {
  const xray = await LocalXRay.start(options);
  onTestFinished(() => xray[Symbol.asyncDispose]());
  return xray;
}

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

interface ClientOptions {
  readonly account?: string;
  readonly region?: string;
  readonly credentials?: Credentials;
}

/** AWS's own client. It makes one attempt, so that tests see every error. */
export function xrayClient(xray: LocalXRay, options: ClientOptions = {}): XRayClient {
  return new XRayClient(settings(xray, options));
}

/** AWS's own client of CloudWatch Logs. */
export function logsClient(xray: LocalXRay, options: ClientOptions = {}): CloudWatchLogsClient {
  return new CloudWatchLogsClient(settings(xray, options));
}

/** AWS's own client of STS. */
export function stsClient(xray: LocalXRay, options: ClientOptions = {}): STSClient {
  return new STSClient(settings(xray, options));
}

function settings(xray: LocalXRay, options: ClientOptions) {
  return {
    endpoint: xray.url,
    region: options.region ?? region,
    maxAttempts: 1,
    credentials: options.credentials ?? {
      accessKeyId: options.account ?? account,
      secretAccessKey: 'any',
    },
  };
}
