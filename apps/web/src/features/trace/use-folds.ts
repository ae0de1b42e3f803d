import { branchRows, initiallyCollapsed } from '@spanloom/flame';
import { useMemo, useState } from 'react';
import type { Scene } from './scene.ts';

/** What of a trace is folded, by row of the scene in use. */
export interface Folds {
  readonly collapsed: ReadonlySet<number>;
  readonly openRepeats: ReadonlySet<number>;
  readonly setCollapsed: (rows: ReadonlySet<number>) => void;
  readonly toggleRepeat: (first: number) => void;
  /** Opens whatever hides a row: branches above it and the repeat it is in. */
  readonly open: (branches: readonly number[], repeat: number) => void;
  readonly expandAll: () => void;
  readonly collapseAll: () => void;
}

interface Kept {
  readonly collapsed: ReadonlySet<string>;
  readonly openRepeats: ReadonlySet<string>;
}

/**
 * What is folded. It is kept by span id, because spans that arrive later or are switched on move the rows, and nobody's
 * folding should change by that.
 */
export function useFolds(scene: Scene): Folds {
  const [kept, setKept] = useState<Kept>();
  const collapsed = useMemo(
    () =>
      kept === undefined
        ? initiallyCollapsed(scene.model, scene.self)
        : rowsOf(scene, kept.collapsed),
    [scene, kept],
  );
  const openRepeats = useMemo(
    () => rowsOf(scene, kept?.openRepeats ?? new Set<string>()),
    [scene, kept],
  );
  const keep = (rows: ReadonlySet<number>, repeats: ReadonlySet<number>): void =>
    setKept({ collapsed: idsOf(scene, rows), openRepeats: idsOf(scene, repeats) });
  return {
    collapsed,
    openRepeats,
    setCollapsed: (rows) => keep(rows, openRepeats),
    toggleRepeat: (first) => {
      const changed = new Set(openRepeats);
      if (!changed.delete(first)) changed.add(first);
      keep(collapsed, changed);
    },
    open: (branches, repeat) => {
      if (branches.length === 0 && (repeat === -1 || openRepeats.has(repeat))) return;
      const opened = new Set(branches);
      keep(
        new Set([...collapsed].filter((one) => !opened.has(one))),
        repeat === -1 ? openRepeats : new Set([...openRepeats, repeat]),
      );
    },
    expandAll: () => keep(new Set(), new Set(scene.repeats.byFirst.keys())),
    collapseAll: () => keep(branchRows(scene.model), new Set()),
  };
}

function idsOf(scene: Scene, rows: ReadonlySet<number>): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const row of rows) ids.add(scene.idOf(row));
  return ids;
}

function rowsOf(scene: Scene, ids: ReadonlySet<string>): ReadonlySet<number> {
  const rows = new Set<number>();
  if (ids.size === 0) return rows;
  for (let row = 0; row < scene.model.count; row++) if (ids.has(scene.idOf(row))) rows.add(row);
  return rows;
}
