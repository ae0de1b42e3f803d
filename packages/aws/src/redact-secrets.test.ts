import { expect, test } from 'vitest';
import { redactSecrets } from './redact-secrets.ts';

test.each([
  ['key AKIAIOSFODNN7EXAMPLE is unknown', 'key AKIA…MPLE is unknown'],
  ['key ASIAIOSFODNN7EXAMPLE is unknown', 'key ASIA…MPLE is unknown'],
  ['secret wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY!', 'secret …!'],
  ['x-amz-security-token: FwoGZXIvYXdz=, next', 'x-amz-security-token: …, next'],
  ['Signature=0f1e2d3c4b5a, Credential=AKIAEXAMPLE/2026', 'Signature=…, Credential=…'],
])('redactSecrets(%j)', (text, expected) => {
  expect(redactSecrets(text)).toBe(expected);
});

test.each([
  'arn:aws:sts::111122223333:assumed-role/SpanloomIntegration/spanloom-xray-111122223333',
  'arn:aws:kms:eu-west-1:111122223333:key/0d8a1b6e-4f0f-4f7f-9d3e-1f2a3b4c5d6e',
  '1-66f2a1c4-8f3b0c5e9a7d4b21e6c8f013',
  'connect ECONNREFUSED 127.0.0.1:4566',
])('redactSecrets() leaves %s alone', (text) => {
  expect(redactSecrets(text)).toBe(text);
});
