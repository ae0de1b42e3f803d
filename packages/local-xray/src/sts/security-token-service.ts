import { ServiceError } from '../errors.ts';
import type { Caller, Identities } from '../wire/identities.ts';
import { escapeXml, requestId } from '../wire/reply.ts';

const namespace = 'https://sts.amazonaws.com/doc/2011-06-15/';

/** The name of the operation that a form asks for. */
export function stsOperation(form: URLSearchParams): string {
  return form.get('Action') ?? '';
}

/** Answers a request to STS with XML. @throws {ServiceError} With the names that STS uses, which differ from those of X-Ray. */
export function answerSts(form: URLSearchParams, caller: Caller, identities: Identities): string {
  switch (form.get('Action')) {
    case 'AssumeRole':
      return assumeRole(form, caller, identities);
    case 'GetCallerIdentity':
      return envelope(
        'GetCallerIdentity',
        `<Arn>${escapeXml(caller.principal)}</Arn><UserId>AIDALOCAL</UserId><Account>${caller.account}</Account>`,
      );
    default:
      throw new ServiceError(
        'InvalidAction',
        400,
        `Could not find operation ${form.get('Action')}`,
      );
  }
}

function assumeRole(form: URLSearchParams, caller: Caller, identities: Identities): string {
  const roleArn = form.get('RoleArn');
  const sessionName = form.get('RoleSessionName') ?? '';
  const seconds = Number(form.get('DurationSeconds') ?? 3600);
  if (roleArn === null || !/^[\w+=,.@-]{2,64}$/.test(sessionName)) {
    throw new ServiceError('ValidationError', 400, 'RoleArn and a RoleSessionName are required');
  }
  if (!(seconds >= 900 && seconds <= 43_200)) {
    throw new ServiceError(
      'ValidationError',
      400,
      'DurationSeconds must be from 900 to 43200 seconds',
    );
  }
  const session = identities.assume(caller, roleArn, {
    externalId: form.get('ExternalId') ?? undefined,
    sessionName,
    durationMs: seconds * 1000,
  });
  return envelope(
    'AssumeRole',
    `<Credentials><AccessKeyId>${session.accessKeyId}</AccessKeyId><SecretAccessKey>${escapeXml(session.secretAccessKey)}</SecretAccessKey>` +
      `<SessionToken>${escapeXml(session.sessionToken)}</SessionToken><Expiration>${new Date(session.expiresAt).toISOString()}</Expiration></Credentials>` +
      `<AssumedRoleUser><Arn>${escapeXml(session.principal)}</Arn><AssumedRoleId>AROALOCAL:${escapeXml(sessionName)}</AssumedRoleId></AssumedRoleUser>`,
  );
}

function envelope(operation: string, result: string): string {
  return `<${operation}Response xmlns="${namespace}"><${operation}Result>${result}</${operation}Result><ResponseMetadata><RequestId>${requestId()}</RequestId></ResponseMetadata></${operation}Response>`;
}
