import type { AwsFailureKind } from './aws-failure.ts';
import type { ErrorFacts } from './error-facts.ts';

/** What to do about a failure; `undefined` where waiting is all there is. */
export function fixFor(failure: {
  readonly kind: AwsFailureKind;
  readonly action: string | undefined;
  readonly facts: ErrorFacts;
  readonly region: string | undefined;
}): string | undefined {
  const { kind, action, facts, region } = failure;
  switch (kind) {
    case 'denied':
      return fixForDenied(action ?? '', facts.message);
    case 'kms':
      return fixForKey(facts.message);
    case 'expired':
      return /sso|login|sign-in/i.test(facts.message)
        ? 'Sign in again, for example with "aws sso login"'
        : 'Nothing when a role is assumed: the next call gets a new session. Credentials that were set by hand have to be renewed';
    case 'unreachable':
      return fixForUnreachable(facts);
    case 'region_disabled':
      return `Enable ${region === undefined ? 'the region' : `region ${region}`} for the account (AWS Account Management, AWS Regions), or take it out of the account's regions`;
    case 'bad_credentials':
      return 'Check the access key and its secret: AWS does not accept them. A key of another partition, or of a region that is not enabled, looks the same';
    case 'no_credentials':
      return 'Give the server credentials: an instance or task role, a profile (AWS_PROFILE), or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY';
    case 'clock':
      return "Set this machine's clock: AWS refuses requests that are more than five minutes off";
    case 'throttled':
    case 'invalid_request':
    case 'server':
    case 'other':
      return undefined;
  }
}

function fixForDenied(action: string, message: string): string {
  const blocker = BLOCKERS.find(({ words }) => words.test(message));
  if (blocker !== undefined) return blocker.fix;
  if (action === 'sts:AssumeRole') {
    return "Check that the role exists, that its trust policy names this server's principal, and that its sts:ExternalId is the configured one: AWS does not say which of them is wrong";
  }
  return `Add this statement to the policy of ${principalIn(message) ?? 'the role'}: ${statementText(action, '*')}`;
}

// Places where a permission can be taken away although the role's own policy grants it: adding it once more would not help.
const BLOCKERS: readonly { readonly words: RegExp; readonly fix: string }[] = [
  {
    words: /service control policy/i,
    fix: "A service control policy of the organisation forbids it: ask the organisation's administrator",
  },
  {
    words: /resource control policy/i,
    fix: "A resource control policy of the organisation forbids it: ask the organisation's administrator",
  },
  {
    words: /permissions boundary/i,
    fix: "The role's permissions boundary does not include it: add it there as well as to the policy",
  },
  {
    words: /session policy/i,
    fix: 'The policy that the session was opened with does not include it: open the session without one, or add it there',
  },
  {
    words: /VPC endpoint policy/i,
    fix: 'The policy of the VPC endpoint does not include it: add it there',
  },
  {
    words: /explicit deny/i,
    fix: 'A policy forbids it by an explicit deny: no further permission outweighs that, so take the deny away',
  },
];

/** Stands for the key's ARN in advice where AWS did not name the key. */
export const UNNAMED_KEY = 'the ARN of the key X-Ray encrypts with';

function fixForKey(message: string): string {
  const key = /arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+/.exec(message)?.[0];
  const statement = statementText('kms:Decrypt', key ?? UNNAMED_KEY);
  return `Add this statement to the policy of ${principalIn(message) ?? 'the role'}, or allow the role in the policy of the key: ${statement}`;
}

function fixForUnreachable(facts: ErrorFacts): string {
  if (facts.foreignAnswer) {
    return 'Something that is not AWS answered, such as a proxy: check AWS_ENDPOINT_URL and the network';
  }
  switch (facts.name) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'Check the name of the region, AWS_ENDPOINT_URL, and that this machine can resolve names';
    case 'ECONNREFUSED':
      return 'Nothing listens there: check AWS_ENDPOINT_URL and the network';
    default:
      return /CERT|SIGNED|TLS/.test(facts.name)
        ? 'The certificate is not trusted: if a proxy opens connections here, name its certificate in NODE_EXTRA_CA_CERTS'
        : 'Check that this machine may open connections to AWS (HTTPS, port 443), or use a VPC endpoint';
  }
}

function statementText(action: string, resource: string): string {
  return JSON.stringify({ Effect: 'Allow', Action: action, Resource: resource });
}

/** `User: arn:aws:sts::1:assumed-role/Spanloom/session is not …` names who was refused. */
function principalIn(message: string): string | undefined {
  const arn = /User: (arn:\S+)/.exec(message)?.[1];
  const role = /^arn:[a-z-]+:sts::\d+:assumed-role\/([^/]+)\//.exec(arn ?? '')?.[1];
  return role === undefined ? arn : `role ${role}`;
}
