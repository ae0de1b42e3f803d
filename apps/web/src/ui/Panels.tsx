import type { ReactNode } from 'react';
import { classNames } from './class-names.ts';
import styles from './panels.module.css';

/** A row of facts: small names over large values. */
export function Facts({ children }: { readonly children: ReactNode }): ReactNode {
  return <dl className={styles['facts']}>{children}</dl>;
}

export function Fact({
  name,
  children,
}: {
  readonly name: string;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

interface PanelProps {
  readonly title: string;
  /** Takes the whole width of a grid of panels. */
  readonly wide?: boolean;
  readonly children: ReactNode;
  readonly testId?: string;
}

/** A titled box. */
export function Panel({ title, wide, children, testId }: PanelProps): ReactNode {
  return (
    <section
      className={classNames(styles['panel'], wide === true && styles['wide'])}
      data-testid={testId}
    >
      <h2>{title}</h2>
      {children}
    </section>
  );
}

interface TableProps extends Omit<PanelProps, 'children'> {
  readonly columns: readonly (readonly [name: string, numeric?: boolean])[];
  readonly rows: readonly (readonly ReactNode[])[];
  readonly empty?: string;
}

/** A titled box with a table. */
export function PanelTable({ columns, rows, empty, ...panel }: TableProps): ReactNode {
  return (
    <Panel {...panel}>
      <table>
        <thead>
          <tr>
            {columns.map(([name, numeric]) => (
              <th key={name} className={numeric === true ? 'num' : undefined}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, i) => (
            <tr key={i}>
              {row.map((cell, j) => (
                <td key={j} className={columns[j]?.[1] === true ? 'num' : undefined}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
          {rows.length === 0 ? (
            <tr>
              <td colSpan={columns.length} className="faint">
                {empty}
              </td>
            </tr>
          ) : null}
        </tbody>
      </table>
    </Panel>
  );
}
