import type { XRayPermission, XRayRegionStatus } from '@spanloom/contract';
import type { ReactNode } from 'react';
import { CodeBlock } from '../../ui/CodeBlock.tsx';
import { Badge } from '../../ui/controls.tsx';
import { Icon } from '../../ui/Icon.tsx';
import { Panel } from '../../ui/Panels.tsx';
import { When } from '../../ui/When.tsx';
import { missingStatement } from './policy-statement.ts';
import styles from './xray.module.css';

interface Props {
  /** Whose missing statement is shown. */
  readonly region: XRayRegionStatus;
  /** Those of the account, the columns. */
  readonly regions: readonly XRayRegionStatus[];
  readonly now: number;
}

/** Which calls are allowed in which region of the account, what each is for, and the statement that adds what is missing. */
export function PermissionMatrix({ region, regions, now }: Props): ReactNode {
  const actions = new Map<string, XRayPermission>();
  for (const each of [region, ...regions])
    for (const one of each.permissions.actions)
      if (!actions.has(one.action)) actions.set(one.action, one);
  const missing = missingStatement(region.permissions.actions, region);
  if (actions.size === 0) {
    return (
      <Panel title="Permissions" testId="xray-permissions">
        <p className={styles['note']}>
          Nothing has been checked yet. “Check permissions” tries every call once.
        </p>
      </Panel>
    );
  }
  return (
    <Panel title="Permissions" testId="xray-permissions">
      <div className={styles['scroll']} tabIndex={0} role="region" aria-label="Permissions">
        <table>
          <thead>
            <tr>
              <th scope="col">Action</th>
              {regions.map((each) => (
                <th key={each.region} scope="col">
                  {each.region}
                  <div className="faint">
                    {each.permissions.checked_at === null ? (
                      'not checked'
                    ) : (
                      <When at={each.permissions.checked_at} now={now} />
                    )}
                  </div>
                </th>
              ))}
              <th scope="col">For</th>
            </tr>
          </thead>
          <tbody>
            {[...actions.values()].map((action) => (
              <tr key={action.action}>
                <th scope="row">
                  <span className="mono">{action.action}</span>{' '}
                  {action.required ? <Badge look="line">required</Badge> : null}
                </th>
                {regions.map((each) => (
                  <td key={each.region}>
                    <Outcome
                      permission={each.permissions.actions.find(
                        (one) => one.action === action.action,
                      )}
                    />
                  </td>
                ))}
                <td className={`${styles['purpose']} soft`}>{action.purpose}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {missing === undefined ? null : (
        <div className={styles['statement']} data-testid="missing-statement">
          <CodeBlock
            what="Statement"
            title={`Add this to the role’s policy for ${region.region}`}
            text={missing}
          />
        </div>
      )}
    </Panel>
  );
}

function Outcome({ permission }: { readonly permission: XRayPermission | undefined }): ReactNode {
  if (permission === undefined || permission.status === 'unknown') {
    return (
      <span className="faint" title={permission?.message ?? undefined}>
        not known
      </span>
    );
  }
  if (permission.status === 'allowed') {
    return (
      <span className="row soft" style={{ gap: 5 }}>
        <Icon name="check" size={12} />
        allowed
      </span>
    );
  }
  const tone = permission.required ? 'err' : 'warn';
  return (
    <span className={`row ${tone}`} style={{ gap: 5 }} title={permission.message ?? undefined}>
      <Icon name="x" size={12} />
      denied
    </span>
  );
}
