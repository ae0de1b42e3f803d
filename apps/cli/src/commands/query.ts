import type { Call } from '../command.ts';
import { choiceOption } from '../choice-option.ts';
import { countOf } from '../format-values.ts';
import { numberOption } from '../number-option.ts';
import { explainQueryProblem } from '../query-problem.ts';
import { searchSpans } from '../search-spans.ts';
import { spanLine } from '../span-line.ts';

const DEFAULT_LIMIT = 50;

/** `spanloom query` */
export async function runQuery(call: Call): Promise<number> {
  const { output } = call;
  const query = call.argument('query');
  const limit = numberOption(call, 'limit', 1) ?? DEFAULT_LIMIT;
  const pages = searchSpans(call.server, {
    query,
    from: call.option('from') ?? 'now-15m',
    to: call.option('to') ?? 'now',
    order: choiceOption(call, 'sort', ['newest', 'oldest']),
    limit,
  });
  let found = 0;
  let more = false;
  try {
    for await (const page of pages) {
      if (found === 0) for (const { detail } of page.meta.warnings) output.note(`Hint: ${detail}`);
      for (const { attributes } of page.data) {
        await output.line(call.json ? JSON.stringify(attributes) : spanLine(attributes, output));
      }
      found += page.data.length;
      more = page.meta.page.after !== undefined;
    }
  } catch (error) {
    throw call.json ? error : explainQueryProblem(error, query);
  }
  if (!call.json) {
    const rest = more ? '; there are more, see --limit' : '';
    output.note(
      found === 0
        ? 'No span matches in this range; see --from'
        : `${countOf(found, 'span')}${rest}`,
    );
  }
  return 0;
}
