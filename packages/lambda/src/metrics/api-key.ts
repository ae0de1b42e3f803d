import { taskRequire } from '../builtin.ts';
import type { Settings } from '../config.ts';
import { isObject, parseObject, textOf, type Loose } from '../loose.ts';
import { say } from '../log.ts';

let resolving: Promise<string> | undefined;

/**
 * The key for the server: given plainly, or kept encrypted in KMS or Secrets Manager and fetched with the SDK that the runtime
 * brings. Empty if there is none or it cannot be had. It is fetched in an invocation, never at load: what is signed before a
 * function's first invocation may have expired by then.
 */
export function resolveApiKey(settings: Settings): Promise<string> {
  if (settings.apiKey !== '') return Promise.resolve(settings.apiKey);
  if (settings.apiKeyKMS === '' && settings.apiKeySecretARN === '') return Promise.resolve('');
  resolving ??= fetchKey(settings).catch((error: unknown) => {
    say(
      'error',
      `Cannot get the API key: ${String(error)}; grant kms:Decrypt or secretsmanager:GetSecretValue`,
    );
    resolving = undefined;
    return '';
  });
  return resolving;
}

type Client = { send(command: unknown): Promise<Loose> };
type Sdk = Record<string, new (input: unknown) => unknown>;

async function fetchKey(settings: Settings): Promise<string> {
  const { apiKeyKMS, apiKeySecretARN, fips } = settings;
  const region = process.env['AWS_REGION'] ?? '';
  if (apiKeyKMS !== '') {
    const { KMSClient, DecryptCommand } = taskRequire('@aws-sdk/client-kms') as Sdk;
    const endpoint = fips ? { endpoint: `https://kms-fips.${region}.amazonaws.com` } : {};
    const client = new KMSClient!(endpoint) as Client;
    const CiphertextBlob = Buffer.from(apiKeyKMS, 'base64');
    const decrypt = async (input: object): Promise<string> => {
      const { Plaintext } = await client.send(new DecryptCommand!(input));
      return Buffer.from(Plaintext as unknown as Uint8Array).toString('ascii');
    };
    try {
      return await decrypt({ CiphertextBlob });
    } catch {
      // The console encrypts variables with the function's name as context.
      const LambdaFunctionName = process.env['AWS_LAMBDA_FUNCTION_NAME'];
      return decrypt({ CiphertextBlob, EncryptionContext: { LambdaFunctionName } });
    }
  }
  const sdk = taskRequire('@aws-sdk/client-secrets-manager') as Sdk;
  const client = new sdk['SecretsManagerClient']!({
    region: apiKeySecretARN.split(':')[3] || region,
    useFipsEndpoint: fips,
  }) as Client;
  const answer = await client.send(
    new sdk['GetSecretValueCommand']!({ SecretId: apiKeySecretARN }),
  );
  const secret = textOf(answer['SecretString']) ?? '';
  const fields = parseObject(secret);
  if (!isObject(fields)) return secret.trim();
  return textOf(fields['dd_api_key'] ?? fields['apiKey'] ?? Object.values(fields)[0]) ?? '';
}
