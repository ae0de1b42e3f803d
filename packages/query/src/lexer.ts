import type { Piece, Place } from './ast.ts';
import { endsWord, FUNCTIONS, isBracket, isSpace, KEYWORDS } from './characters.ts';
import type { Problem } from './problem.ts';
import { PieceBuilder, piecesText } from './scalar.ts';

/**
 * What a stretch of query text is. The parser reads these and an editor colours by them.
 *
 * `key` is everything before the colon with its sigil; `word` and `string` are values or free text.
 */
export type TokenKind =
  | 'open'
  | 'close'
  | 'not'
  | 'and'
  | 'or'
  | 'to'
  | 'comma'
  | 'key'
  | 'colon'
  | 'comparison'
  | 'range-open'
  | 'range-close'
  | 'regex'
  | 'function'
  | 'word'
  | 'string';

/** One token with what the parser needs of it. */
export interface Token extends Place {
  readonly kind: TokenKind;
  /** Keys: the name. Regexes: the pattern. Everything else: the text as written. */
  readonly text: string;
  /** Words and strings: the literal text and wildcards. */
  readonly pieces: readonly Piece[];
  /** Keys only. */
  readonly sigil: '@' | '';
}

/** All tokens of the text and the first thing that could not be read. Lexing goes on behind a problem. */
export interface Lexed {
  readonly tokens: readonly Token[];
  readonly problem: Problem | undefined;
}

/** Splits a query into tokens. Never throws: an editor colours half-written queries too. */
export function lex(text: string): Lexed {
  return new Lexer(text).run();
}

/**
 * The language is lexed by position: the same character means different things at the start of a term (`-` negates),
 * behind a colon (`-5` is a number) and inside a word (`a-b` is a word). So each place has its own method.
 */
class Lexer {
  readonly #text: string;
  readonly #tokens: Token[] = [];
  #at = 0;
  #problem: Problem | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  run(): Lexed {
    while (this.#skipSpace()) this.#term();
    return { tokens: this.#tokens, problem: this.#problem };
  }

  #term(): void {
    const start = this.#at;
    const character = this.#peek();
    switch (character) {
      case '(':
        this.#take('open', 1);
        return;
      case ')':
        this.#take('close', 1);
        return;
      case '"':
        this.#string();
        if (this.#peek() === ':') {
          const name = this.#text.slice(start, this.#at);
          this.#report('A quoted key needs an @ in front', start, this.#at, `@${name}`);
        }
        this.#expectGap();
        return;
      case '[':
      case '{':
      case ']':
      case '}':
        this.#take('word', 1);
        this.#report(
          `Found ${character} where a term should start: ranges follow a key, as in @http.status_code:[400 TO 499]; to search for the character itself, escape it`,
          start,
          this.#at,
          `\\${character}`,
        );
        return;
      case '>':
      case '<':
      case '~':
        this.#take('comparison', 1);
        this.#report(
          `Found ${character} without a key: write a key and a colon in front, as in @duration:>1s, or escape it to search for the character itself`,
          start,
          this.#at,
          `\\${character}`,
        );
        return;
      case ':':
        this.#take('colon', 1);
        this.#report('Expected a key before the colon', start, start);
        return;
      case '-':
      case '!': {
        const next = this.#text[this.#at + 1];
        // A lone dash, as in "a - b", is text: nothing follows that it could negate.
        if (next !== undefined && !isSpace(next)) {
          this.#take('not', 1);
          return;
        }
      }
    }
    this.#wordOrField();
  }

  #wordOrField(): void {
    const start = this.#at;
    if (this.#atQuotedKey()) {
      this.#quotedKey();
      if (this.#peek() === ':') this.#colonAndValue(start);
      else this.#report('Expected a colon and a value after the key', this.#at, this.#at, ':*');
      return;
    }
    const word = this.#readWord((character) => character === ':');
    const end = this.#at;
    const raw = this.#text.slice(start, end);
    if (this.#peek() === ':') {
      this.#pushKey(start, end, word.pieces, raw);
      this.#colonAndValue(start);
      return;
    }
    const keyword = KEYWORDS.get(raw);
    if (keyword !== undefined) {
      this.#push(keyword, start, end);
      return;
    }
    if (FUNCTIONS.has(raw) && this.#peek() === '(') {
      this.#push('function', start, end);
      this.#function(raw);
      return;
    }
    this.#push('word', start, end, { pieces: word.pieces });
    this.#expectGap();
  }

  #colonAndValue(keyStart: number): void {
    const keyText = this.#text.slice(keyStart, this.#at);
    this.#take('colon', 1);
    if (keyText === '_exists_' || keyText === '_missing_') this.#keyAsValue(keyText);
    else this.#value(keyText);
    this.#expectGap();
  }

  #keyAsValue(operator: string): void {
    const start = this.#at;
    if (this.#atQuotedKey()) {
      this.#quotedKey();
      return;
    }
    const word = this.#readWord(() => false);
    if (this.#at === start) {
      this.#report(`Expected a key right after ${operator}:`, start, start);
      return;
    }
    this.#pushKey(start, this.#at, word.pieces, this.#text.slice(start, this.#at));
  }

  #value(keyText: string): void {
    const start = this.#at;
    const character = this.#peek();
    switch (character) {
      case '(':
        this.#list();
        return;
      case '[':
      case '{':
        this.#range();
        return;
      case '>':
      case '<':
        this.#take('comparison', this.#text[this.#at + 1] === '=' ? 2 : 1);
        this.#skipSpace();
        this.#scalar(
          `Expected a value after ${keyText}:${this.#text.slice(start, this.#at).trim()}`,
        );
        return;
      case '~':
        this.#regex();
        return;
      default:
        this.#scalar(
          `Expected a value right after ${keyText}: (for any value write ${keyText}:*)`,
          keyText === '*' ? undefined : '*',
        );
    }
  }

  #scalar(missing: string, suggestion?: string): void {
    if (this.#peek() === '"') {
      this.#string();
      return;
    }
    const start = this.#at;
    const word = this.#readWord(() => false);
    if (this.#at === start) this.#report(missing, start, start, suggestion);
    else this.#push('word', start, this.#at, { pieces: word.pieces });
  }

  #list(): void {
    const start = this.#at;
    this.#take('open', 1);
    while (this.#skipSpace()) {
      const character = this.#peek();
      if (character === ')') {
        this.#take('close', 1);
        return;
      }
      if (character === ',') this.#take('comma', 1);
      else if (character === '"') this.#string();
      else this.#listWord();
    }
    this.#report(
      'This list is not closed',
      start,
      this.#at,
      `${this.#text.slice(start, this.#at)})`,
    );
  }

  #listWord(): void {
    const start = this.#at;
    const word = this.#readWord((character) => character === ',');
    if (this.#at === start) {
      this.#take('word', 1);
      this.#report(
        `Found ${this.#text[start]} in a list of values: escape it or quote the value`,
        start,
        this.#at,
        `\\${this.#text[start]}`,
      );
      return;
    }
    const raw = this.#text.slice(start, this.#at);
    if (raw === 'OR' || raw === 'AND') this.#push(raw === 'OR' ? 'or' : 'and', start, this.#at);
    else this.#push('word', start, this.#at, { pieces: word.pieces });
  }

  #range(): void {
    const start = this.#at;
    this.#take('range-open', 1);
    while (this.#skipSpace()) {
      const character = this.#peek() ?? '';
      if (character === ']' || character === '}') {
        this.#take('range-close', 1);
        return;
      }
      if (character === '"') {
        this.#string();
        continue;
      }
      const wordStart = this.#at;
      const word = this.#readWord(() => false);
      const raw = this.#text.slice(wordStart, this.#at);
      if (this.#at === wordStart) {
        this.#take('word', 1);
        this.#report(`Found ${character} inside a range`, wordStart, this.#at, `\\${character}`);
      } else if (raw === 'TO') this.#push('to', wordStart, this.#at);
      else this.#push('word', wordStart, this.#at, { pieces: word.pieces });
    }
    const closing = this.#text[start] === '[' ? ']' : '}';
    this.#report(
      'This range is not closed',
      start,
      this.#at,
      `${this.#text.slice(start, this.#at).trimEnd()}${closing}`,
    );
  }

  #regex(): void {
    const start = this.#at;
    this.#at++;
    if (this.#peek() !== '"') {
      const word = this.#readWord(() => false);
      this.#push('regex', start, this.#at, { text: piecesText(word.pieces) ?? '' });
      const raw = this.#text.slice(start + 1, this.#at);
      this.#report(
        'Expected a quoted pattern after ~; to search for the character itself, escape it as \\~',
        start,
        this.#at,
        `~"${raw === '' ? '.*' : raw}"`,
      );
      return;
    }
    this.#at++;
    let pattern = '';
    while (this.#at < this.#text.length) {
      const character = this.#text[this.#at++] ?? '';
      if (character === '"') {
        this.#push('regex', start, this.#at, { text: pattern });
        return;
      }
      if (character === '\\' && this.#at < this.#text.length) {
        const next = this.#text[this.#at++] ?? '';
        // Backslashes belong to the pattern; only the quote, which ends it, is unescaped here.
        pattern += next === '"' ? '"' : `\\${next}`;
      } else pattern += character;
    }
    this.#push('regex', start, this.#at, { text: pattern });
    this.#unclosedQuote(start);
  }

  /** `CIDR(key, network, …)`, `LOWER(key):value`, `LEN(key):>5`; the name has been read. */
  #function(name: string): void {
    const start = this.#at;
    this.#take('open', 1);
    let first = true;
    let closed = false;
    while (this.#skipSpace()) {
      const character = this.#peek();
      if (character === ')') {
        this.#take('close', 1);
        closed = true;
        break;
      }
      if (character === ',') {
        this.#take('comma', 1);
        continue;
      }
      this.#argument(first);
      first = false;
    }
    if (!closed) {
      this.#report(
        `${name}( is not closed`,
        start,
        this.#at,
        `${this.#text.slice(start, this.#at)})`,
      );
      return;
    }
    if (name === 'CIDR') {
      this.#expectGap();
      return;
    }
    const call = this.#text.slice(start - name.length, this.#at);
    if (this.#peek() === ':') {
      this.#take('colon', 1);
      this.#value(call);
      this.#expectGap();
      return;
    }
    const example = name === 'LEN' ? ':>0' : ':value';
    this.#report(
      `Expected a colon and a value after ${call}, as in ${call}${example}`,
      this.#at,
      this.#at,
    );
  }

  #argument(isKey: boolean): void {
    const start = this.#at;
    if (isKey && this.#atQuotedKey()) {
      this.#quotedKey();
      return;
    }
    if (!isKey && this.#peek() === '"') {
      this.#string();
      return;
    }
    const word = this.#readWord((character) => character === ',');
    if (this.#at === start) {
      this.#take('word', 1);
      this.#report(`Found ${this.#text[start]} inside a function`, start, this.#at);
    } else if (isKey) {
      this.#pushKey(start, this.#at, word.pieces, this.#text.slice(start, this.#at));
    } else this.#push('word', start, this.#at, { pieces: word.pieces });
  }

  #string(): void {
    const start = this.#at++;
    const builder = new PieceBuilder();
    while (this.#at < this.#text.length) {
      const character = this.#text[this.#at++] ?? '';
      if (character === '"') {
        this.#push('string', start, this.#at, { pieces: builder.build() });
        return;
      }
      if (character === '\\' && this.#at < this.#text.length) {
        builder.literal(this.#text[this.#at++] ?? '');
      } else builder.literal(character);
    }
    this.#push('string', start, this.#at, { pieces: builder.build() });
    this.#unclosedQuote(start);
  }

  #unclosedQuote(start: number): void {
    this.#report(
      'This quote is not closed; to search for the character itself, escape it as \\"',
      start,
      this.#at,
      `${this.#text.slice(start, this.#at)}"`,
    );
  }

  #atQuotedKey(): boolean {
    const quote = this.#text[this.#at + 1];
    return this.#peek() === '@' && (quote === '"' || quote === "'");
  }

  #quotedKey(): void {
    const start = this.#at;
    const quote = this.#text[this.#at + 1] ?? '"';
    this.#at += 2;
    let name = '';
    while (this.#at < this.#text.length) {
      const character = this.#text[this.#at++] ?? '';
      if (character === quote) {
        this.#push('key', start, this.#at, { text: name, sigil: '@' });
        if (name === '') this.#report('Expected a key between the quotes', start, this.#at);
        return;
      }
      if (character === '\\' && this.#at < this.#text.length) name += this.#text[this.#at++] ?? '';
      else name += character;
    }
    this.#push('key', start, this.#at, { text: name, sigil: '@' });
    this.#report('This quoted key is not closed', start, this.#at, this.#text.slice(start) + quote);
  }

  #pushKey(start: number, end: number, pieces: readonly Piece[], raw: string): void {
    if (raw === '*') {
      this.#push('key', start, end, { text: '*', pieces });
      return;
    }
    const name = piecesText(pieces);
    if (name === undefined) {
      const escaped = raw.replaceAll(/\\?([*?])/g, '\\$1');
      this.#push('key', start, end, { text: raw });
      this.#report(
        'A key cannot have wildcards: to search every attribute write *:text, to mean the character escape it',
        start,
        end,
        escaped,
      );
      return;
    }
    const sigil = raw.startsWith('@') ? '@' : '';
    const text = name.slice(sigil.length);
    this.#push('key', start, end, { text, sigil });
    if (text === '') this.#report('Expected a key after the @', end, end);
  }

  /** Reads an unquoted word up to a delimiter, resolving escapes; at its first character no stop applies. */
  #readWord(stops: (character: string) => boolean): { readonly pieces: readonly Piece[] } {
    const builder = new PieceBuilder();
    const start = this.#at;
    while (this.#at < this.#text.length) {
      const character = this.#text[this.#at] ?? '';
      if (endsWord(character) || (this.#at > start && stops(character))) break;
      this.#at++;
      if (character === '\\') {
        if (this.#at >= this.#text.length) {
          this.#report(
            'Nothing follows this backslash; to search for a backslash write \\\\',
            this.#at - 1,
            this.#at,
            '\\\\',
          );
        }
        builder.literal(this.#text[this.#at++] ?? '');
      } else if (character === '*' || character === '?') builder.wildcard(character);
      else builder.literal(character);
    }
    this.#at = Math.min(this.#at, this.#text.length);
    return { pieces: builder.build() };
  }

  /** Two terms that touch were hardly meant as two terms: `web(prod)`, `a"b"`. */
  #expectGap(): void {
    const next = this.#peek();
    if (next === undefined || next === ')' || isSpace(next)) return;
    if (next === '"' || isBracket(next)) {
      this.#report(
        `Found ${next} inside a word: put a space before it, or escape it`,
        this.#at,
        this.#at + 1,
        `\\${next}`,
      );
    } else {
      this.#report(`Expected a space before ${next}`, this.#at, this.#at, ' ');
    }
  }

  #skipSpace(): boolean {
    while (this.#at < this.#text.length && isSpace(this.#text[this.#at] ?? '')) this.#at++;
    return this.#at < this.#text.length;
  }

  #peek(): string | undefined {
    return this.#text[this.#at];
  }

  #take(kind: TokenKind, length: number): void {
    this.#push(kind, this.#at, this.#at + length);
    this.#at += length;
  }

  #push(
    kind: TokenKind,
    start: number,
    end: number,
    more: { text?: string; pieces?: readonly Piece[]; sigil?: '@' | '' } = {},
  ): void {
    this.#tokens.push({
      kind,
      start,
      end,
      text: more.text ?? this.#text.slice(start, end),
      pieces: more.pieces ?? [],
      sigil: more.sigil ?? '',
    });
  }

  #report(message: string, start: number, end: number, suggestion?: string): void {
    this.#problem ??= { message, start, end, ...(suggestion === undefined ? {} : { suggestion }) };
  }
}
