import { type ReactNode, useState } from 'react';
import { type PolicyFormat, useXRayPolicy } from '../../data/xray.ts';
import { CodeBlock } from '../../ui/CodeBlock.tsx';
import { Segmented } from '../../ui/controls.tsx';
import { ErrorRegion, SkeletonRows } from '../../ui/States.tsx';
import { type AccountDraft, accountProblem, accountYaml, emptyDraft } from './account-yaml.ts';
import styles from './xray.module.css';

/** How to begin reading X-Ray of an account: what it must allow, and what the configuration says. */
export function ConnectAccount(): ReactNode {
  return (
    <div className={styles['page']} data-testid="xray-connect">
      <div className={styles['connect']}>
        <header>
          <h2>Connect an AWS account</h2>
          <p className="soft">
            No account is configured. Once one is, its X-Ray traces are read every minute and merged
            with those of your tracers: API Gateway, Lambda’s own phases and managed services then
            stand in the same flame graph as your code.
          </p>
        </header>
        <Policy />
        <Configuration />
        <section>
          <h3>3. Restart and check</h3>
          <p className="soft">
            Restart the server. This page then lists the account’s regions; “Check permissions”
            tries every call and names what is missing. The same from a shell:
          </p>
          <CodeBlock what="Command" text="spanloom aws check" />
        </section>
        <section>
          <h3>No access from here to AWS?</h3>
          <p className="soft">
            Programs that use an X-Ray SDK can send their segments straight to this server. The
            listener takes the place of the X-Ray daemon.
          </p>
          <CodeBlock what="Setting" text="AWS_XRAY_DAEMON_ADDRESS=127.0.0.1:2000" />
        </section>
      </div>
    </div>
  );
}

const FORMATS: readonly { readonly value: PolicyFormat; readonly text: string }[] = [
  { value: 'json', text: 'IAM policy' },
  { value: 'cloudformation', text: 'CloudFormation' },
];

function Policy(): ReactNode {
  const [format, setFormat] = useState<PolicyFormat>('json');
  const policy = useXRayPolicy(format);
  return (
    <section>
      <div className={styles['stepHead']}>
        <h3>1. Allow reading</h3>
        <Segmented
          label="Form of the policy"
          value={format}
          options={FORMATS}
          onChange={setFormat}
          testId="policy-format"
        />
      </div>
      <p className="soft">
        {format === 'json'
          ? 'The least the crawler can do with. Attach it to a role, or to whatever this server runs as.'
          : 'A stack that makes the role with the same policy and a trust that asks for an external ID.'}
      </p>
      {policy.data !== undefined ? (
        <CodeBlock
          what={format === 'json' ? 'Policy' : 'Template'}
          title={format === 'json' ? 'policy.json' : 'spanloom-xray.yaml'}
          text={policy.data}
        />
      ) : policy.isPending ? (
        <SkeletonRows rows={6} />
      ) : (
        <ErrorRegion
          title="Could not load the policy"
          error={policy.error}
          onRetry={() => void policy.refetch()}
        />
      )}
    </section>
  );
}

const FIELDS: readonly {
  readonly name: keyof AccountDraft;
  readonly label: string;
  readonly hint: string;
}[] = [
  { name: 'account', label: 'Account ID', hint: '123456789012' },
  { name: 'regions', label: 'Regions', hint: 'eu-west-1, us-east-1' },
  { name: 'env', label: 'env', hint: 'prod' },
  { name: 'role', label: 'Role ARN', hint: 'the server’s own credentials' },
  { name: 'externalId', label: 'External ID', hint: 'none' },
];

function Configuration(): ReactNode {
  const [draft, setDraft] = useState(emptyDraft);
  const problem = accountProblem(draft);
  return (
    <section>
      <h3>2. Name the account in the configuration</h3>
      <p className="soft">
        The env matters: halves of different environments are never merged. It stands for whatever
        X-Ray says nothing of, and should be the env your tracers send.
      </p>
      <div className={styles['form']}>
        {FIELDS.map(({ name, label, hint }) => (
          <label key={name} className={styles['field']}>
            {label}
            <input
              value={draft[name]}
              placeholder={hint}
              spellCheck={false}
              autoComplete="off"
              onChange={(event) => setDraft({ ...draft, [name]: event.target.value })}
            />
          </label>
        ))}
        <p className={`${styles['help']} err`} role="status">
          {problem ?? ''}
        </p>
      </div>
      <CodeBlock
        what="Configuration"
        title="The file that SPANLOOM_CONFIG or --config names"
        text={accountYaml(draft)}
      />
    </section>
  );
}
