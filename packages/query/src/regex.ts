/**
 * Patterns are RE2's, because the database runs them. In memory they run as JavaScript's, which spells some things
 * differently and allows others that RE2 refuses. So a pattern is read here and rewritten; what the two do not share is
 * refused with a reason, which beats an error from the database.
 */

/** What is wrong with a pattern, or undefined when it can be run. */
export function regexProblem(pattern: string): string | undefined {
  try {
    compileRegex(pattern);
    return undefined;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // An engine's message repeats the rewritten pattern, which nobody typed, before the reason.
    const reason = error.message;
    return reason.startsWith('Invalid regular expression')
      ? reason.slice(reason.lastIndexOf(': ') + 2).toLowerCase()
      : reason;
  }
}

/**
 * The pattern for evaluation in memory; finds a match anywhere, and the dot matches line ends as it does in the database.
 * @throws {SyntaxError} If the pattern is malformed or not supported.
 */
export function compileRegex(pattern: string): RegExp {
  const flags = /^\(\?([ims]+)\)/.exec(pattern);
  const given = flags?.[1] ?? '';
  const translated = new Translator(pattern, {
    at: flags?.[0].length ?? 0,
    ignoresCase: given.includes('i'),
    multiline: given.includes('m'),
  }).run();
  const wanted = ['i', 'm'].filter((flag) => given.includes(flag)).join('');
  return new RegExp(translated, `su${wanted}`);
}

const SPACES = '\\t\\n\\f\\r ';

/** Escapes that mean the same to both engines. */
const SHARED_ESCAPES = 'dDwWnrtfv';

const CLASSES: ReadonlyMap<string, string> = new Map([
  ['alnum', '0-9A-Za-z'],
  ['alpha', 'A-Za-z'],
  ['ascii', '\\x00-\\x7F'],
  ['blank', '\\t '],
  ['cntrl', '\\x00-\\x1F\\x7F'],
  ['digit', '0-9'],
  ['graph', '!-~'],
  ['lower', 'a-z'],
  ['print', ' -~'],
  ['punct', '!-\\/:-@\\[-`{-~'],
  ['space', '\\t\\n\\v\\f\\r '],
  ['upper', 'A-Z'],
  ['word', '0-9A-Za-z_'],
  ['xdigit', '0-9A-Fa-f'],
]);

interface TranslatorOptions {
  /** Where the pattern proper starts, behind its flags. */
  readonly at: number;
  readonly ignoresCase: boolean;
  readonly multiline: boolean;
}

class Translator {
  readonly #pattern: string;
  readonly #ignoresCase: boolean;
  readonly #multiline: boolean;
  #at: number;

  constructor(pattern: string, options: TranslatorOptions) {
    this.#pattern = pattern;
    this.#at = options.at;
    this.#ignoresCase = options.ignoresCase;
    this.#multiline = options.multiline;
  }

  run(): string {
    let out = '';
    while (this.#at < this.#pattern.length) out += this.#next();
    return out;
  }

  #next(): string {
    const character = this.#pattern[this.#at++] ?? '';
    switch (character) {
      case '\\':
        return this.#escape(false);
      case '[':
        return this.#class();
      case '(':
        return this.#group();
      case '{':
        return this.#repetition();
      case '}':
      case ']':
        return `\\${character}`;
      default:
        return character;
    }
  }

  #group(): string {
    if (this.#pattern[this.#at] !== '?') return '(';
    const name = this.#accept(/\?P?<[A-Za-z_]\w*>/y);
    if (name !== undefined) return '(';
    if (this.#accept(/\?:/y) !== undefined) return '(?:';
    if (this.#accept(/\?(?:[=!]|<[=!])/y) !== undefined) {
      throw new SyntaxError(
        'look-ahead and look-behind are not supported; combine two terms instead',
      );
    }
    // Not every browser knows flags for a part of the pattern.
    if (this.#accept(/\?[a-zA-Z-]+[:)]/y) !== undefined) {
      throw new SyntaxError(
        'flags can be i, m and s, and stand at the very start, as in (?i)error',
      );
    }
    throw new SyntaxError('this kind of group is not supported; write (?:…) or (…)');
  }

  #repetition(): string {
    const rest = this.#accept(/\d+(?:,\d*)?\}/y);
    if (rest === undefined) return '\\{';
    if ((rest.match(/\d+/g) ?? []).some((count) => Number(count) > 1000)) {
      throw new SyntaxError('a repetition can ask for at most 1000 copies');
    }
    return `{${rest}`;
  }

  #class(): string {
    let out = '[';
    if (this.#accept(/\^/y) !== undefined) out += '^';
    // RE2 takes it for a member; the database, looking for text that a match must contain, takes it for the end and then
    // misses matches.
    if (this.#pattern[this.#at] === ']') {
      throw new SyntaxError('a ] in first place must be escaped, as in [\\]a]');
    }
    while (this.#at < this.#pattern.length) {
      const named = this.#accept(/\[:\^?\w+:\]/y);
      if (named !== undefined) {
        out += namedClass(named.slice(2, -2));
        continue;
      }
      const character = this.#pattern[this.#at++] ?? '';
      if (character === ']') return `${out}]`;
      if (character === '\\') out += this.#escape(true);
      else out += character === '[' ? '\\[' : character;
    }
    throw new SyntaxError('a [ is not closed');
  }

  /** An escape; the backslash has been read. */
  #escape(inClass: boolean): string {
    const character = this.#pattern[this.#at++];
    if (character === undefined) throw new SyntaxError('nothing follows the last backslash');
    if (SHARED_ESCAPES.includes(character)) return `\\${character}`;
    // No letter, digit or non-ASCII character: the character itself.
    if (/[!-/:-@[-`{-~ ]/.test(character)) return codePoint(character.charCodeAt(0));
    switch (character) {
      case 's':
        return inClass ? SPACES : `[${SPACES}]`;
      case 'S':
        if (inClass) throw new SyntaxError('\\S is not supported inside [ ]');
        return `[^${SPACES}]`;
      case 'a':
        return codePoint(7);
      case 'x':
        return this.#hex();
      case 'p':
      case 'P':
        return this.#property(character);
      case 'b':
      case 'B':
        if (!inClass) return `\\${character}`;
        break;
      case 'A':
      case 'z':
        if (!inClass) return this.#textEdge(character);
        break;
      case 'k':
        throw new SyntaxError('back-references are not supported');
      default:
        if (/[1-9]/.test(character)) throw new SyntaxError('back-references are not supported');
    }
    throw new SyntaxError(
      `the escape \\${character} is not supported${inClass ? ' inside [ ]' : ''}`,
    );
  }

  /** JavaScript has no anchor of its own for the ends of the text; under the flag m there is none at all. */
  #textEdge(character: 'A' | 'z'): string {
    const plain = character === 'A' ? '^' : '$';
    if (!this.#multiline) return plain;
    throw new SyntaxError(`\\${character} cannot be used together with (?m); leave out the flag`);
  }

  #hex(): string {
    const digits = this.#accept(/[0-9A-Fa-f]{2}|\{[0-9A-Fa-f]{1,6}\}/y)?.replaceAll(/[{}]/g, '');
    const value = digits === undefined ? Infinity : Number.parseInt(digits, 16);
    if (value > 0x10_ffff) throw new SyntaxError('\\x needs two hex digits or a code point in { }');
    return codePoint(value);
  }

  #property(letter: string): string {
    // The engines disagree about what upper case is when case is ignored.
    if (this.#ignoresCase) throw new SyntaxError(`\\${letter} cannot be used together with (?i)`);
    const name = this.#accept(/[A-Z]|\{\^?\w+\}/y)?.replaceAll(/[{}]/g, '');
    // One or two letters are a category, more are a script.
    if (name === undefined || name.startsWith('^')) {
      throw new SyntaxError(
        `\\${letter} needs a class such as \\${letter}{L} or \\${letter}{Greek}`,
      );
    }
    return name.length <= 2 ? `\\${letter}{${name}}` : `\\${letter}{Script=${name}}`;
  }

  /** What the sticky pattern matches here, stepping over it. */
  #accept(sticky: RegExp): string | undefined {
    sticky.lastIndex = this.#at;
    const found = sticky.exec(this.#pattern)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }
}

function namedClass(name: string): string {
  const members = CLASSES.get(name);
  if (members !== undefined) return members;
  throw new SyntaxError(
    name.startsWith('^')
      ? 'a negated class such as [[:^alpha:]] is not supported; write [^…]'
      : `there is no class [:${name}:]`,
  );
}

function codePoint(value: number): string {
  return `\\u{${value.toString(16)}}`;
}
