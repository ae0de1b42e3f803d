import type { Scene } from './scene.ts';

/** The rows that name a placeholder as their parent. */
export function orphansOf({ model }: Scene, placeholder: number): readonly number[] {
  const orphans: number[] = [];
  const stop = placeholder + model.size[placeholder]!;
  for (let child = placeholder + 1; child < stop; child += model.size[child]!) orphans.push(child);
  return orphans;
}
