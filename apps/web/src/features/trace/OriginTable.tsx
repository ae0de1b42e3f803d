import type { SpanJson } from '@spanloom/contract';
import { type ReactNode, useState } from 'react';
import { Check } from '../../ui/controls.tsx';
import { differs, type FieldOrigin, fieldOrigins, type SpanInput } from './field-origins.ts';
import styles from './SourceTab.module.css';

/** Field by field: what is shown, and which input said it. */
export function OriginTable({
  span,
  inputs,
  traceStartNs,
}: {
  readonly span: SpanJson;
  readonly inputs: readonly SpanInput[];
  readonly traceStartNs: string;
}): ReactNode {
  const [all, setAll] = useState(false);
  const fields = fieldOrigins(span, inputs, traceStartNs);
  const shown = all ? fields : fields.filter(differs);
  return (
    <section data-testid="field-origins">
      <div className={styles['tools']}>
        <h4 className="medium">Field by field</h4>
        <Check checked={!all} onChange={(on) => setAll(!on)}>
          Only where they differ{' '}
          <span className="faint">
            {shown.length} of {fields.length}
          </span>
        </Check>
      </div>
      <div
        className={styles['scroll']}
        tabIndex={0}
        role="region"
        aria-label="Origin of each field"
      >
        <table className={styles['origins']}>
          <thead>
            <tr>
              <th>Field</th>
              <th>Shown</th>
              <th>From</th>
              {inputs.map((_, i) => (
                <th key={i}>{labelOf(inputs, i)}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((field) => (
              <tr key={field.field}>
                <th scope="row" title={field.field}>
                  {field.field}
                </th>
                <td className="mono">{field.shown ?? <span className="faint">not taken</span>}</td>
                <td className="soft">{originWords(field, inputs)}</td>
                {field.values.map((value, i) => (
                  <td
                    key={i}
                    className={`mono ${styles[field.from.includes(i) ? 'taken' : 'left']}`}
                  >
                    {value ?? '–'}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

/** `X-Ray`, or `X-Ray 2` where a source has several rows. */
function labelOf(inputs: readonly SpanInput[], index: number): string {
  const { label } = inputs[index]!;
  const same = inputs.filter((input) => input.label === label);
  return same.length === 1 ? label : `${label} ${same.indexOf(inputs[index]!) + 1}`;
}

function originWords({ shown, from }: FieldOrigin, inputs: readonly SpanInput[]): string {
  if (shown === undefined) return '–';
  if (from.length === 0) return 'assembly';
  return from.length === inputs.length ? 'all' : from.map((i) => labelOf(inputs, i)).join(', ');
}
