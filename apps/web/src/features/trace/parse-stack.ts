/** One line of a stack trace. */
export interface StackFrame {
  readonly function: string;
  /** File with line and column, as far as known. */
  readonly location: string;
  /** Part of a library or the runtime rather than of the program. */
  readonly library: boolean;
}

const LIBRARY =
  /node_modules|node:|internal\/|site-packages|dist-packages|lib\/python|<frozen |\/usr\/local\/go\/|\/go\/pkg\/mod\/|^java\.|^jdk\.|^sun\.|^javax\.|^org\.(?:springframework|apache)\.|^System\.|^Microsoft\.|\/gems\//;

/**
 * The frames of a stack trace as Node.js, Python, Java, Go, .NET, Ruby and PHP write them, innermost first. Text in no
 * known shape gives none, and is then shown as it came.
 */
export function parseStack(stack: string): readonly StackFrame[] {
  const lines = stack.split('\n');
  const python = /^\s*File "/m.test(stack);
  const go = /^goroutine \d+/m.test(stack);
  const frames: StackFrame[] = [];
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    const frame = python
      ? pythonFrame(line)
      : go
        ? goFrame(line, lines[i + 1])
        : (jsFrame(line) ?? jvmFrame(line) ?? rubyFrame(line) ?? phpFrame(line));
    if (frame === undefined) continue;
    frames.push({
      ...frame,
      library: LIBRARY.test(frame.location) || LIBRARY.test(frame.function),
    });
  }
  // Python writes the innermost call last.
  return python ? frames.toReversed() : frames;
}

type Parsed = Omit<StackFrame, 'library'> | undefined;

function jsFrame(line: string): Parsed {
  const named = /^\s*at (?:async )?(.+?) \((.+?:\d+(?::\d+)?)\)$/.exec(line);
  if (named !== null) return { function: named[1]!, location: named[2]!.replace(/^file:\/\//, '') };
  const bare = /^\s*at (?:async )?((?:file:\/\/|node:|[/\w@]).*?:\d+:\d+)$/.exec(line);
  return bare === null
    ? undefined
    : { function: '(anonymous)', location: bare[1]!.replace(/^file:\/\//, '') };
}

function pythonFrame(line: string): Parsed {
  const match = /^\s*File "(.+?)", line (\d+)(?:, in (.+))?$/.exec(line);
  return match === null
    ? undefined
    : { function: match[3] ?? '<module>', location: `${match[1]}:${match[2]}` };
}

/** Java, Kotlin and .NET: `at a.b.C.method(File.java:12)` and `at A.B.Method(args) in /file.cs:line 12`. */
function jvmFrame(line: string): Parsed {
  const net = /^\s*at (.+?\)) in (.+):line (\d+)$/.exec(line);
  if (net !== null) return { function: net[1]!, location: `${net[2]}:${net[3]}` };
  const match = /^\s*at ([\w.$<>/]+)\(([^)]*)\)\s*(?:~?\[.*\])?$/.exec(line);
  return match === null ? undefined : { function: match[1]!, location: match[2]! };
}

function goFrame(line: string, next: string | undefined): Parsed {
  const place = next === undefined ? null : /^\s+(\S+\.go:\d+)/.exec(next);
  return place === null || !/\S\(/.test(line)
    ? undefined
    : { function: line.replace(/\([^()]*\)$/, '').trim(), location: place[1]! };
}

function rubyFrame(line: string): Parsed {
  const match = /^\s*(?:from )?(\S+\.rb:\d+):in [`'](.+)'$/.exec(line);
  return match === null ? undefined : { function: match[2]!, location: match[1]! };
}

function phpFrame(line: string): Parsed {
  const match = /^#\d+ (\S+?)\((\d+)\): (.+)$/.exec(line);
  return match === null ? undefined : { function: match[3]!, location: `${match[1]}:${match[2]}` };
}
