import { invalidRequest } from '../errors.ts';
import { filterTokens, type FilterToken } from './filter-tokens.ts';
import {
  flags,
  numbers,
  strings,
  type FilterTree,
  type FilterValue,
  type Relation,
  type ServiceSelector,
} from './filter-tree.ts';

const relations = new Set(['=', '!=', '<', '<=', '>', '>=', 'CONTAINS', 'BEGINSWITH', 'ENDSWITH']);

/** Reads a filter expression. @throws {ServiceError} `InvalidRequestException`, which says what was expected. */
export function parseFilter(text: string): FilterTree {
  const parser = new FilterParser(filterTokens(text));
  const tree = parser.either();
  parser.expect('the end');
  return tree;
}

class FilterParser {
  readonly #tokens: readonly FilterToken[];
  #at = 0;

  constructor(tokens: readonly FilterToken[]) {
    this.#tokens = tokens;
  }

  either(): FilterTree {
    const parts = [this.#both()];
    while (this.#take('OR')) parts.push(this.#both());
    return parts.length === 1 ? parts[0]! : { kind: 'or', parts };
  }

  expect(text: string): void {
    if (!this.#take(text)) this.#fail(`'${text}'`);
  }

  #both(): FilterTree {
    const parts = [this.#one()];
    while (this.#take('AND')) parts.push(this.#one());
    return parts.length === 1 ? parts[0]! : { kind: 'and', parts };
  }

  #one(): FilterTree {
    if (this.#take('!')) return { kind: 'not', part: this.#one() };
    if (this.#take('(')) {
      const inner = this.either();
      this.expect(')');
      return inner;
    }
    return this.#condition();
  }

  #condition(): FilterTree {
    const word = this.#word();
    const name = word.toLowerCase();
    if (name.startsWith('annotation.')) return this.#annotation(word.slice('annotation.'.length));
    if (name === 'annotation' && this.#take('[')) {
      const key = this.#value();
      this.expect(']');
      return this.#annotation(String(key));
    }
    if (name === 'service') {
      const [selector = {}] = this.#selectors(1);
      return { kind: 'service', selector, ...this.#braces() };
    }
    if (name === 'edge') {
      const [from = {}, to = {}] = this.#selectors(2);
      return { kind: 'edge', from, to, ...this.#braces() };
    }
    if (name === 'group.name' || name === 'group.arn') {
      this.expect('=');
      return { kind: 'group', by: name === 'group.name' ? 'name' : 'arn', value: this.#string() };
    }
    if (flags.has(name)) return this.#flag(name);
    if (numbers.has(name) || strings.has(name)) {
      const relation = this.#relation();
      if (relation === undefined) this.#fail('an operator');
      const value = numbers.has(name) ? this.#number() : this.#string();
      return { kind: 'compare', name, relation, value };
    }
    throw invalidRequest(`Invalid filter expression: unknown keyword '${word}'`);
  }

  #flag(name: string): FilterTree {
    const tree: FilterTree = { kind: 'flag', name };
    const relation = this.#relation();
    if (relation === undefined) return tree;
    const value = this.#value();
    if (typeof value !== 'boolean' || (relation !== '=' && relation !== '!=')) {
      throw invalidRequest(`Invalid filter expression: ${name} takes = or != and a boolean`);
    }
    return value === (relation === '=') ? tree : { kind: 'not', part: tree };
  }

  #annotation(key: string): FilterTree {
    const relation = this.#relation();
    if (relation === undefined) return { kind: 'annotation', key };
    return { kind: 'annotation', key, relation, value: this.#value() };
  }

  #selectors(count: number): ServiceSelector[] {
    const selectors: ServiceSelector[] = [];
    if (!this.#take('(')) return selectors;
    while (!this.#take(')')) {
      if (selectors.length === count) this.#fail("')'");
      if (selectors.length > 0) this.expect(',');
      selectors.push(this.#selector());
    }
    return selectors;
  }

  #selector(): ServiceSelector {
    const token = this.#tokens[this.#at]!;
    if (token.kind === 'string') return { name: this.#string() };
    this.expect('id');
    this.expect('(');
    const selector: { name?: string; type?: string; accountId?: string } = {};
    while (!this.#take(')')) {
      const part = this.#word().toLowerCase();
      this.expect(':');
      const value = this.#string();
      if (part === 'name') selector.name = value;
      else if (part === 'type') selector.type = value;
      else if (part === 'account.id') selector.accountId = value;
      else throw invalidRequest(`Invalid filter expression: id() has no part '${part}'`);
      this.#take(',');
    }
    return selector;
  }

  #braces(): { inside?: FilterTree } {
    if (!this.#take('{')) return {};
    const inside = this.either();
    this.expect('}');
    return { inside };
  }

  #relation(): Relation | undefined {
    const text = this.#tokens[this.#at]!.text.toUpperCase();
    if (this.#tokens[this.#at]!.kind === 'string' || !relations.has(text)) return undefined;
    this.#at++;
    return text as Relation;
  }

  #value(): FilterValue {
    const token = this.#tokens[this.#at++]!;
    if (token.kind === 'string') return token.text;
    if (token.kind === 'number') return Number(token.text);
    const word = token.text.toLowerCase();
    if (token.kind === 'word' && (word === 'true' || word === 'false')) return word === 'true';
    this.#at--;
    return this.#fail('a value');
  }

  #string(): string {
    const value = this.#value();
    if (typeof value === 'string') return value;
    throw invalidRequest(`Invalid filter expression: expected text in quotes, found ${value}`);
  }

  #number(): number {
    const value = this.#value();
    if (typeof value === 'number') return value;
    throw invalidRequest(`Invalid filter expression: expected a number, found '${value}'`);
  }

  #word(): string {
    const token = this.#tokens[this.#at]!;
    if (token.kind !== 'word') this.#fail('a keyword');
    this.#at++;
    return token.text;
  }

  #take(text: string): boolean {
    const token = this.#tokens[this.#at]!;
    if (token.kind === 'string' || token.text.toUpperCase() !== text.toUpperCase()) return false;
    if (token.kind !== 'end') this.#at++;
    return true;
  }

  #fail(expected: string): never {
    throw invalidRequest(
      `Invalid filter expression: expected ${expected}, found '${this.#tokens[this.#at]!.text}'`,
    );
  }
}
