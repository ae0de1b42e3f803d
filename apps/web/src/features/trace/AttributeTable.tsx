import type { SpanJson } from '@spanloom/contract';
import { formatKey } from '@spanloom/query';
import { type ReactNode, useState } from 'react';
import { Icon } from '../../ui/Icon.tsx';
import { copyText } from '../../ui/Toast.tsx';
import { type Attribute, groupAttributes } from './attribute-groups.ts';
import styles from './detail.module.css';
import { formatSql } from './format-sql.ts';

interface Props {
  readonly span: SpanJson;
  /** Opens the explorer with one clause. */
  readonly onFilter: (clause: string) => void;
}

/** Attributes by topic, with search, copy and filter. */
export function AttributeTable({ span, onFilter }: Props): ReactNode {
  const [search, setSearch] = useState('');
  const groups = groupAttributes(span, search);
  const sql = sqlOf(span);
  return (
    <>
      {sql === undefined ? null : (
        <pre className={styles['code']} tabIndex={0}>
          {formatSql(sql)}
        </pre>
      )}
      <label className={styles['search']}>
        <Icon name="search" size={14} />
        <input
          value={search}
          onChange={(event) => setSearch(event.target.value)}
          placeholder="Find an attribute"
          aria-label="Find an attribute"
        />
      </label>
      {groups.length === 0 ? (
        <p className="faint">
          {search === '' ? 'The span has no attributes.' : 'No attribute matches.'}
        </p>
      ) : (
        <div className={styles['groups']}>
          {groups.map((group) =>
            group.internal && search === '' ? (
              <details key={group.title} className={styles['group']}>
                <summary>
                  {group.title}, {group.attributes.length}
                </summary>
                <List attributes={group.attributes} onFilter={onFilter} />
              </details>
            ) : (
              <section key={group.title} className={styles['group']}>
                <h4>{group.title}</h4>
                <List attributes={group.attributes} onFilter={onFilter} />
              </section>
            ),
          )}
        </div>
      )}
    </>
  );
}

/** The statement of a database span, where a tracer left one. */
function sqlOf(span: SpanJson): string | undefined {
  const statement =
    span.meta['sql.query'] ?? span.meta['db.statement'] ?? span.meta['db.query.text'];
  if (statement !== undefined) return looksLikeSql(statement) ? statement : undefined;
  return span.type === 'sql' && looksLikeSql(span.resource) ? span.resource : undefined;
}

function looksLikeSql(text: string): boolean {
  return /^\s*(?:select|insert|update|delete|with|create|alter|drop|begin|commit)\b/i.test(text);
}

function List({
  attributes,
  onFilter,
}: {
  readonly attributes: readonly Attribute[];
  readonly onFilter: (clause: string) => void;
}): ReactNode {
  return (
    <dl>
      {attributes.map((attribute) => (
        <div key={attribute.key} className={styles['attribute']}>
          <dt title={attribute.key}>{attribute.key}</dt>
          <dd className="mono">{attribute.value}</dd>
          <dd className={styles['actions']}>
            <button
              type="button"
              title="Show spans with this value"
              aria-label={`Filter for ${attribute.key}`}
              onClick={() => onFilter(clauseFor(attribute))}
            >
              <Icon name="filter" size={12} />
            </button>
            <button
              type="button"
              title="Show spans without this value"
              aria-label={`Filter out ${attribute.key}`}
              onClick={() => onFilter(`-${clauseFor(attribute)}`)}
            >
              <Icon name="x" size={12} />
            </button>
            <button
              type="button"
              title="Copy the value"
              aria-label={`Copy ${attribute.key}`}
              onClick={() => void copyText(attribute.value, attribute.key)}
            >
              <Icon name="copy" size={12} />
            </button>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function clauseFor({ key, value, numeric }: Attribute): string {
  const name = formatKey({ sigil: '@', name: key });
  if (numeric || /^[\w./-]+$/.test(value)) return `${name}:${value}`;
  return `${name}:"${value.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
